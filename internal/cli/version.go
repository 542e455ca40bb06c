package cli

import (
	"runtime/debug"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a changed checkout
	Go       string `json:"go"`
}

func (v *versionCommand) Run(std Streams) error {
	info := buildVersion()
	if v.JSON {
		return printJSON(std.Out, info)
	}
	text := "latchkey " + info.Version
	if info.Revision != "" {
		text += " (" + info.Revision + " of " + info.Time + ")"
	}
	return printf(std.Out, "%s, %s\n", text, info.Go)
}

func buildVersion() version {
	v := version{Version: "unknown"}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version, v.Go = build.Main.Version, build.GoVersion
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
