package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
)

// pageSize is how many keys one request lists, the most that S3 gives.
const pageSize = 1000

// listing is an answer to ListObjectsV2.
type listing struct {
	Contents []struct {
		Key          string
		Size         int64
		LastModified time.Time
	}
	IsTruncated           bool
	NextContinuationToken string
}

// All lists the files, in the order of their ids, without their SHA-256. What is
// put or deleted meanwhile may be listed or not. It ends at an error.
func (s *Store) All(ctx context.Context) iter.Seq2[blob.Stored, error] {
	return func(yield func(blob.Stored, error) bool) {
		for token := ""; ; {
			page, err := s.list(ctx, token, pageSize)
			if err != nil {
				yield(blob.Stored{}, unavailable(ctx, fmt.Errorf("list files: %w", err)))
				return
			}
			for _, found := range page.Contents {
				id, ours := s.idOf(found.Key)
				if ours && !yield(blob.Stored{ID: id, Size: found.Size, At: found.LastModified}, nil) {
					return
				}
			}
			if token = page.NextContinuationToken; !page.IsTruncated {
				return
			}
		}
	}
}

// list asks for the keys after a token.
func (s *Store) list(ctx context.Context, token string, most int) (page listing, err error) {
	query := url.Values{"list-type": {"2"}, "max-keys": {strconv.Itoa(most)}, "encoding-type": {"url"}}
	if s.cfg.Prefix != "" {
		query.Set("prefix", s.cfg.Prefix)
	}
	if token != "" {
		query.Set("continuation-token", token)
	}
	a, err := s.call(ctx, request{method: http.MethodGet, query: query})
	if err != nil {
		return page, err
	}
	if err := xml.Unmarshal(a.body, &page); err != nil {
		return page, fmt.Errorf("read list: %w", err)
	}
	if page.IsTruncated && (page.NextContinuationToken == "" || page.NextContinuationToken == token) {
		return page, errors.New("read list: it does not say where it goes on")
	}
	return page, nil
}

// idOf is the file that a key names, if it is one of ours.
func (s *Store) idOf(key string) (blob.ID, bool) {
	key, err := url.QueryUnescape(key)
	name, ours := strings.CutPrefix(key, s.cfg.Prefix)
	_, text, _ := strings.Cut(name, "/")
	id, idErr := blob.ParseID(text)
	return id, err == nil && ours && idErr == nil && id.Path() == name
}
