package api

// Watching is the data of the first event of a stream, named ready.
type Watching struct {
	Topics []string `json:"topics" doc:"What the stream tells of: those that were asked for and that the caller may read."`
}

// Changed is the data of an event named changed: there is something new to read.
type Changed struct {
	Topics []string `json:"topics"`
}

// WatchEnd is the data of the last event of a stream that the server ends for a
// reason of the caller's, named end.
type WatchEnd struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}
