package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

type configFile = kong.ConfigFlag

// loadConfig reads a configuration file. Kong lets files win over the
// environment, so the resolver leaves alone whatever the environment names.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	dec := json.NewDecoder(r)
	dec.UseNumber()
	if err := dec.Decode(&values); err != nil {
		return nil, fmt.Errorf("read configuration file: %w", err)
	}
	return fileSettings(values), nil
}

type fileSettings map[string]any

// Validate refuses names that no flag has, which are misspelled ones.
func (s fileSettings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	collectFlags(app.Node, known)
	for name := range s {
		if !known[name] {
			return usageError(fmt.Sprintf("The configuration file has the name %q, which is no flag.", name))
		}
	}
	return nil
}

func collectFlags(n *kong.Node, known map[string]bool) {
	for _, f := range n.Flags {
		known[f.Name] = true
	}
	for _, child := range n.Children {
		collectFlags(child, known)
	}
}

// Resolve gives a flag its value from the file, or leaves it alone.
func (s fileSettings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	value, ok := s[flag.Name]
	if !ok {
		return nil, nil
	}
	if list, ok := value.([]any); ok {
		return joinList(flag.Name, list)
	}
	return value, nil
}

func joinList(name string, list []any) (any, error) {
	texts := make([]string, len(list))
	for i, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, usageError(fmt.Sprintf("%s in the configuration file is a list of texts.", name))
		}
		texts[i] = text
	}
	return strings.Join(texts, ","), nil
}

// readSecret returns the text of a file without the line end that editors add.
func readSecret(path string, stdin io.Reader) (string, error) {
	var content []byte
	var err error
	if path == "-" {
		content, err = io.ReadAll(stdin)
	} else {
		content, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	text := strings.TrimSuffix(string(content), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}

// onCommandLine reports whether a flag was typed, not taken from elsewhere.
func onCommandLine(ctx *kong.Context, name string) bool {
	for _, step := range ctx.Path {
		if step.Flag != nil && step.Flag.Name == name && !step.Resolved {
			return true
		}
	}
	return false
}
