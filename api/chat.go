package api

// Chat is a channel in which an app's users talk.
type Chat struct {
	ID        string `json:"id"`
	Name      string `json:"name" doc:"What programs call it by."`
	Delay     int64  `json:"delay" doc:"Seconds between two messages of one user; 0: none."`
	History   int64  `json:"history" doc:"How many messages are kept; older ones go. Programs are given the last 50 of them."`
	MinLevel  int64  `json:"min_level" doc:"Who reads or writes has an active subscription of at least this level; 0: any."`
	Messages  int64  `json:"messages" doc:"How many messages there are."`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// ChatList is a page of channels.
type ChatList struct {
	Chats []Chat `json:"chats"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// CreateChat asks for a channel.
type CreateChat struct {
	Name     string `json:"name" minLength:"1" maxLength:"70" example:"lobby"`
	Delay    *int64 `json:"delay,omitempty" minimum:"0" maximum:"3600" doc:"Seconds between two messages of one user; 0 if left out."`
	History  *int64 `json:"history,omitempty" minimum:"1" maximum:"1000" doc:"How many messages are kept; 100 if left out."`
	MinLevel *int64 `json:"min_level,omitempty" minimum:"0" maximum:"1000000" doc:"0 if left out: any level."`
}

// UpdateChat is what to change of a channel; fields left out stay.
type UpdateChat struct {
	Name     *string `json:"name,omitempty" minLength:"1" maxLength:"70"`
	Delay    *int64  `json:"delay,omitempty" minimum:"0" maximum:"3600"`
	History  *int64  `json:"history,omitempty" minimum:"1" maximum:"1000" doc:"Messages beyond a shorter history go at once."`
	MinLevel *int64  `json:"min_level,omitempty" minimum:"0" maximum:"1000000"`
}

// ChatMessage is what somebody said in a channel.
type ChatMessage struct {
	ID           string `json:"id"`
	UserID       string `json:"user_id,omitempty" doc:"Absent: the seller said it."`
	Author       string `json:"author" doc:"The user's name as it now is, or the name under which the seller spoke."`
	LicenseNamed bool   `json:"license_named" doc:"The author is a license key. Other customers see a masked one."`
	Text         string `json:"text"`
	SentAt       Time   `json:"sent_at"`
}

// ChatMessageList is a page of messages, newest first.
type ChatMessageList struct {
	Messages []ChatMessage `json:"messages"`
	Next     string        `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// SendChatMessage says something as the seller.
type SendChatMessage struct {
	Text   string `json:"text" minLength:"1" maxLength:"2000"`
	Author string `json:"author,omitempty" maxLength:"70" doc:"The name to speak under; System if left out."`
}

// ChatMute keeps a user from writing in the chats of an app.
type ChatMute struct {
	ID           string `json:"id"`
	UserID       string `json:"user_id"`
	Username     string `json:"username"`
	LicenseNamed bool   `json:"license_named" doc:"The user name is a license key."`
	Until        Time   `json:"until"`
	Reason       string `json:"reason,omitempty" doc:"For you alone."`
	CreatedAt    Time   `json:"created_at"`
	CreatedBy    string `json:"created_by" doc:"Id of the account or API key."`
}

// ChatMuteList is a page of mutes that are in force.
type ChatMuteList struct {
	Mutes []ChatMute `json:"mutes"`
	Next  string     `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// MuteUser mutes a user, in place of an earlier mute.
type MuteUser struct {
	UserID string `json:"user_id" minLength:"1" maxLength:"64"`
	Until  Time   `json:"until"`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// LiftMutes names the mutes to lift: by ids, or all, which search narrows.
type LiftMutes struct {
	IDs    []string `json:"ids,omitempty" maxItems:"1000"`
	All    bool     `json:"all,omitempty"`
	Search string   `json:"search,omitempty" maxLength:"254" doc:"With all: only that of the user of this whole name or license key."`
	DryRun bool     `json:"dry_run,omitempty" doc:"Lift nothing, and say how many would be lifted."`
}

// MutesLifted is the outcome of a bulk action on mutes.
type MutesLifted struct {
	Change
	DryRun bool `json:"dry_run,omitempty"`
}
