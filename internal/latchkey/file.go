package latchkey

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of files.
const (
	MaxFileNameLength = 200     // characters
	MaxFilePart       = 4 << 20 // bytes that a program gets at once
)

// File is something that an app hands to its programs: uploaded, or behind a
// link from which it is fetched when somebody asks for it.
type File struct {
	ID          string
	AppID       string
	Name        string // not unique, and no path
	Link        Secret // URL; "" for an uploaded file
	BlobID      string // where the content of an uploaded file lies
	Size        int64  // bytes; 0 for a file behind a link
	SHA256      string // lower-case hex; "" for a file behind a link
	NeedsSignIn bool
	MinLevel    int64     // of a subscription; 0: any
	InPanel     bool      // customers find it on their own page
	ContentAt   time.Time // when the content was uploaded, or the link set
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Linked reports whether the content lies behind a link.
func (f *File) Linked() bool { return f.Link != "" }

// Check bounds what a seller may choose.
func (f *File) Check() error {
	if err := CheckFileName(f.Name); err != nil {
		return err
	}
	return CheckMinLevel(f.MinLevel)
}

// CheckFileName accepts the last element of a path on every operating system:
// programs are tempted to save a file under it.
func CheckFileName(name string) error {
	if name == "" || name == "." || name == ".." || !utf8.ValidString(name) || utf8.RuneCountInString(name) > MaxFileNameLength ||
		strings.TrimSpace(name) != name || strings.ContainsAny(name, `/\`) ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Invalid("name", "A file's name has 1 to 200 printable characters, none of them a slash or backslash, and no white space at its ends.")
	}
	return nil
}

// CheckMinLevel bounds the level that something is kept for; 0 keeps it for
// nobody.
func CheckMinLevel(level int64) error {
	if level < 0 || level > MaxLevel {
		return Invalid("min_level", "A minimum level is a number from 0 to 1,000,000.")
	}
	return nil
}

// FilePart is a part of a certain content of a file.
type FilePart struct {
	SHA256 string // of the whole content, as the description of the file gave it
	Offset int64
	Length int64
}

// Check holds a part against the content as it is: file.changed if it is
// another one, request.invalid if the part lies outside of it.
func (p FilePart) Check(size int64, sum string) error {
	if b, err := hex.DecodeString(p.SHA256); err != nil || len(b) != sha256.Size || strings.ToLower(p.SHA256) != p.SHA256 {
		return Invalid("sha256", "A SHA-256 is 64 lower-case hex digits.")
	}
	if p.SHA256 != sum {
		return Fail(CodeFileChanged)
	}
	if p.Length < 1 || p.Length > MaxFilePart {
		return Invalid("length", "A part has 1 to 4,194,304 bytes.")
	}
	if p.Offset < 0 || p.Offset > size || p.Length > size-p.Offset {
		return Invalid("offset", "The part reaches beyond the end of the file.")
	}
	return nil
}
