package api

// File is something that an app hands to its programs.
type File struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Link        string `json:"link,omitempty" doc:"Where the content lies; absent of an uploaded file."`
	Size        int64  `json:"size" doc:"Bytes; 0 of a file behind a link."`
	SHA256      string `json:"sha256,omitempty" doc:"Of the content, in lower-case hex; absent of a file behind a link."`
	NeedsSignIn bool   `json:"needs_sign_in" doc:"Only programs in which somebody has signed in get it."`
	MinLevel    int64  `json:"min_level" doc:"Of the subscriptions that give it; 0: any."`
	InPanel     bool   `json:"in_panel" doc:"Customers find it on their own page."`
	ContentAt   Time   `json:"content_at" doc:"When the content was uploaded, or the link set."`
	CreatedAt   Time   `json:"created_at"`
	UpdatedAt   Time   `json:"updated_at"`
}

// FileList is a page of files.
type FileList struct {
	Files []File `json:"files"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// LinkFile asks for a file whose content lies behind a link.
type LinkFile struct {
	Name        string `json:"name" minLength:"1" maxLength:"200" example:"setup.exe"`
	Link        string `json:"link" minLength:"1" maxLength:"2048" example:"https://files.example.com/setup.exe"`
	NeedsSignIn *bool  `json:"needs_sign_in,omitempty" doc:"true if left out."`
	MinLevel    int64  `json:"min_level,omitempty" minimum:"0" maximum:"1000000"`
}

// UpdateFile is what to change of a file; fields left out stay.
type UpdateFile struct {
	Name        *string `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Link        *string `json:"link,omitempty" minLength:"1" maxLength:"2048" doc:"Takes the place of the content, also of an uploaded one."`
	NeedsSignIn *bool   `json:"needs_sign_in,omitempty"`
	MinLevel    *int64  `json:"min_level,omitempty" minimum:"0" maximum:"1000000"`
	InPanel     *bool   `json:"in_panel,omitempty"`
}
