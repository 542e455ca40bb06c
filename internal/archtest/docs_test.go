package archtest

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil
}

var (
	codeBlock  = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	inlineCode = regexp.MustCompile("`([^`\n]+)`")
	markLink   = regexp.MustCompile(`\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)`)
	markRef    = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s+(\S+)`)
	heading    = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*$`)
	pathLike   = regexp.MustCompile(`^[\w.][\w.\-/{},*]*$`)
	testFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	testName   = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	goName     = regexp.MustCompile(`\.[A-Z]\w*(\.[A-Z]\w*)?$`)
)

// TestDocuments_link_to_what_exists follows every relative link of every
// Markdown file, to the heading.
func TestDocuments_link_to_what_exists(t *testing.T) {
	for _, name := range sources(t, ".md") {
		text := inlineCode.ReplaceAllString(codeBlock.ReplaceAllString(read(t, name), ""), "")
		for _, found := range slices.Concat(markLink.FindAllStringSubmatch(text, -1), markRef.FindAllStringSubmatch(text, -1)) {
			link, err := url.Parse(found[1])
			if err != nil {
				t.Errorf("%s: %s: %v", name, found[1], err)
				continue
			}
			if link.Scheme != "" || link.Host != "" {
				continue
			}
			target := name
			if link.Path != "" {
				target = path.Join(path.Dir(name), link.Path)
			}
			if strings.HasPrefix(link.Path, "/") || !exists(target) {
				t.Errorf("%s links to %s, which is not there", name, found[1])
				continue
			}
			if link.Fragment != "" && path.Ext(target) == ".md" && !slices.Contains(anchors(read(t, target)), link.Fragment) {
				t.Errorf("%s links to %s, which has no such heading", name, found[1])
			}
		}
	}
}

// anchors are the fragments that a document's headings have on code hosts.
func anchors(text string) []string {
	var all []string
	for _, h := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, h[1])
		all = append(all, anchor)
	}
	return all
}

// TestArchitecture_names_what_exists: each path in code quotes is there, be it
// written from the root or from internal/, with {a,b} for several, * for any,
// and perhaps a Go name after it (internal/latchkey.License).
func TestArchitecture_names_what_exists(t *testing.T) {
	tops := []string{".ci", "api", "cmd", "docs", "internal", "latchkeytest", "scripts", "sdk", "tools", "web"}
	built := []string{"internal/dashboard/dist/app", "web/node_modules", "web/shots"}
	for _, name := range sources(t, ".md") {
		if name != "ARCHITECTURE.md" && name != "CONTRIBUTING.md" && name != "docs/decisions.md" {
			continue
		}
		for _, found := range inlineCode.FindAllStringSubmatch(codeBlock.ReplaceAllString(read(t, name), ""), -1) {
			token := strings.TrimSuffix(strings.TrimPrefix(found[1], "./"), "/...")
			top, _, nested := strings.Cut(token, "/")
			isFile := slices.Contains([]string{".go", ".sql", ".md", ".sh"}, path.Ext(token))
			if !pathLike.MatchString(token) || !isFile && (!nested || !slices.Contains(tops, top)) {
				continue
			}
			for _, p := range expand(strings.TrimSuffix(token, "/")) {
				if !slices.Contains(built, p) && !named(p) {
					t.Errorf("%s names %s, which is not there", name, found[1])
				}
			}
		}
	}
}

// TestSecurity_names_tests_that_exist: what docs/security.md gives as the trial
// of a requirement is there.
func TestSecurity_names_tests_that_exist(t *testing.T) {
	there := map[string]bool{}
	for _, name := range sources(t, ".go") {
		for _, found := range testFunc.FindAllStringSubmatch(read(t, name), -1) {
			there[found[1]] = true
		}
	}
	for _, found := range testName.FindAllStringSubmatch(read(t, "docs/security.md"), -1) {
		if !there[found[1]] {
			t.Errorf("docs/security.md names %s, which is not there", found[1])
		}
	}
}

// named reports whether a path exists as it is, under internal/, or as a
// package before a Go name.
func named(p string) bool {
	for _, candidate := range []string{p, "internal/" + p, goName.ReplaceAllString(p, "")} {
		if matches, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(candidate))); err == nil && len(matches) > 0 {
			return true
		}
	}
	return false
}

// expand writes {a,b} out.
func expand(p string) []string {
	before, rest, ok := strings.Cut(p, "{")
	choices, after, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return []string{p}
	}
	var all []string
	for choice := range strings.SplitSeq(choices, ",") {
		all = append(all, expand(before+choice+after)...)
	}
	return all
}
