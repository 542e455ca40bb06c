package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help says how a script is used.
func (c *completionCommand) Help() string {
	return `Load it for the running shell:

    bash: source <(latchkey completion bash)
    zsh:  source <(latchkey completion zsh)
    fish: latchkey completion fish | source

or put the line into the shell's start-up file.`
}

// The scripts hand the words typed so far to this program, which knows its
// commands best, and leave file names to the shell when it has no answer.
const (
	bashScript = `_latchkey() {
  local IFS=$'\n'
  COMPREPLY=($(latchkey __complete "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null))
}
complete -o default -F _latchkey latchkey
`
	zshScript = `#compdef latchkey
_latchkey() {
  local -a candidates
  candidates=(${(f)"$(latchkey __complete "${(@)words[1,$CURRENT]}" 2>/dev/null)"})
  if (( $#candidates )); then
    compadd -a candidates
  else
    _files
  fi
}
compdef _latchkey latchkey
`
	fishScript = `function __latchkey_complete
    set -l words (commandline -opc) (commandline -ct)
    latchkey __complete $words 2>/dev/null
end
complete -c latchkey -a '(__latchkey_complete)'
`
)

func (c *completionCommand) Run(std Streams) error {
	script := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[c.Shell]
	return printf(std.Out, "%s", script)
}

// completeCommand answers the scripts: the words up to the cursor, the
// program's name first, the unfinished word last.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

func (c *completeCommand) Run(ctx *kong.Context, std Streams) error {
	for _, word := range candidates(ctx.Model.Node, c.Words) {
		if err := printf(std.Out, "%s\n", word); err != nil {
			return err
		}
	}
	return nil
}

// candidates lists what the last word may become.
func candidates(node *kong.Node, words []string) []string {
	if len(words) < 2 {
		return nil
	}
	unfinished := words[len(words)-1]
	var waiting *kong.Flag // a flag whose value comes next
	for _, word := range words[1 : len(words)-1] {
		switch {
		case waiting != nil:
			waiting = nil
		case strings.HasPrefix(word, "-"):
			waiting = valueFlag(node, word)
		default:
			if child := childNamed(node, word); child != nil {
				node = child
			}
		}
	}
	var all []string
	switch {
	case waiting != nil:
		all = enumOf(waiting.Value)
	case strings.HasPrefix(unfinished, "-"):
		all = flagsOf(node)
	default:
		all = wordsOf(node)
	}
	return slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, unfinished) })
}

func childNamed(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// valueFlag is the flag that word names, if its value is the next word.
func valueFlag(node *kong.Node, word string) *kong.Flag {
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			if word == "--"+flag.Name && !flag.IsBool() {
				return flag
			}
		}
	}
	return nil
}

func flagsOf(node *kong.Node) []string {
	var names []string
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			names = append(names, "--"+flag.Name)
			if flag.Negated || flag.Tag.Negatable != "" {
				names = append(names, "--no-"+flag.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// wordsOf are the commands below a node, or what its next argument may be.
func wordsOf(node *kong.Node) []string {
	var words []string
	for _, child := range node.Children {
		if !child.Hidden {
			words = append(words, child.Name)
		}
	}
	for _, arg := range node.Positional {
		words = append(words, enumOf(arg)...)
	}
	return words
}

func enumOf(value *kong.Value) []string {
	if value.Enum == "" {
		return nil
	}
	return slices.DeleteFunc(value.EnumSlice(), func(s string) bool { return s == "" })
}
