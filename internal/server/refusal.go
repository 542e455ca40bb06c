package server

import "fmt"

// Refusal says that the server will not touch the data because that would be
// unsafe: the key file is missing, wrong or readable by others, or the
// database cannot be read. Its text is a sentence for the operator and says
// what to do. The command line ends with exit code 3.
type Refusal struct {
	Message string
	err     error
}

func refuse(cause error, format string, args ...any) *Refusal {
	return &Refusal{Message: fmt.Sprintf(format, args...), err: cause}
}

func (r *Refusal) Error() string { return r.Message }

// Unwrap returns what the refusal was concluded from, nil if nothing failed.
func (r *Refusal) Unwrap() error { return r.err }
