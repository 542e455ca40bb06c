package api

// Variable is a value of an app that its programs ask for.
type Variable struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Value       *string `json:"value,omitempty" doc:"Absent in lists."`
	Size        int64   `json:"size" doc:"Bytes of the value."`
	NeedsSignIn bool    `json:"needs_sign_in" doc:"Only users who have signed in get it."`
	MinLevel    int64   `json:"min_level" doc:"Least level of an active subscription of the user; 0: any."`
	CreatedAt   Time    `json:"created_at"`
	UpdatedAt   Time    `json:"updated_at"`
}

// VariableList is a page of variables, by name and without their values.
type VariableList struct {
	Variables []Variable `json:"variables"`
	Next      string     `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// CreateVariable asks for a variable.
type CreateVariable struct {
	Name        string `json:"name" minLength:"1" maxLength:"70" example:"motd"`
	Value       string `json:"value" maxLength:"65536" doc:"At most 65,536 bytes."`
	NeedsSignIn *bool  `json:"needs_sign_in,omitempty" doc:"True if left out."`
	MinLevel    int64  `json:"min_level,omitempty" minimum:"0" maximum:"1000000" doc:"0, or left out: any. A level always needs a sign-in."`
}

// UpdateVariable is what to change of a variable; fields left out stay.
type UpdateVariable struct {
	Name        *string `json:"name,omitempty" minLength:"1" maxLength:"70"`
	Value       *string `json:"value,omitempty" maxLength:"65536"`
	NeedsSignIn *bool   `json:"needs_sign_in,omitempty"`
	MinLevel    *int64  `json:"min_level,omitempty" minimum:"0" maximum:"1000000"`
}

// UserVariable is a value that belongs to one user.
type UserVariable struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Value     string `json:"value"`
	ReadOnly  bool   `json:"read_only" doc:"The user's program can read it, and not set it."`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// UserVariableList is a page of a user's variables, by name.
type UserVariableList struct {
	Variables []UserVariable `json:"variables"`
	Next      string         `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// SetUserVariable makes a variable of a user, or changes the one of its name.
type SetUserVariable struct {
	Name     string `json:"name" minLength:"1" maxLength:"70" example:"plan"`
	Value    string `json:"value" maxLength:"4096" doc:"At most 4,096 bytes."`
	ReadOnly bool   `json:"read_only,omitempty"`
}

// UpdateUserVariable is what to change of a user's variable; fields left out stay.
type UpdateUserVariable struct {
	Value    *string `json:"value,omitempty" maxLength:"4096"`
	ReadOnly *bool   `json:"read_only,omitempty"`
}

// SetUserVariables sets a variable of many users.
type SetUserVariables struct {
	UserSelection
	SetUserVariable
}

// DeleteUserVariables deletes the variable of a name from many users.
type DeleteUserVariables struct {
	UserSelection
	Name string `json:"name" minLength:"1" maxLength:"70"`
}
