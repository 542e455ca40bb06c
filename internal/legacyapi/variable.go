package legacyapi

import (
	"context"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// maxVariableData bounds what a program sets a variable to, in characters. The
// server would take more, which this wire never did.
const maxVariableData = 500

// variable returns a variable of the app. One client names it by another parameter.
func (a *api) variable(ctx context.Context, c *call) (answer, error) {
	name := c.get("varid")
	if name == "" {
		name = c.get("var")
	}
	value, err := a.svc.ClientVariable(ctx, c.app, c.session, name)
	if err != nil {
		return answer{}, err
	}
	return answer{Message: value.Reveal()}, nil
}

// userVariable returns a variable of the user.
func (a *api) userVariable(ctx context.Context, c *call) (answer, error) {
	value, err := a.svc.ClientUserVariable(ctx, c.app, c.session, c.get("var"))
	if latchkey.CodeOf(err) == latchkey.CodeVariableNotFound {
		err = refusal{textNoUserVariable}
	}
	if err != nil {
		return answer{}, err
	}
	return answer{Message: textVariableRead, Response: new(value.Reveal())}, nil
}

// setUserVariable sets a variable of the user.
func (a *api) setUserVariable(ctx context.Context, c *call) (answer, error) {
	name, data := c.get("var"), c.get("data")
	switch {
	case name == "":
		return answer{}, refusal{textNoVariableName}
	case data == "":
		return answer{}, refusal{textNoVariableData}
	case utf8.RuneCountInString(data) > maxVariableData:
		return answer{}, refusal{textVariableDataLong}
	}
	if err := a.svc.ClientSetUserVariable(ctx, c.app, c.session, name, latchkey.Secret(data)); err != nil {
		return answer{}, err
	}
	return answer{Message: textVariableSet}, nil
}
