// Package s3 keeps files in a bucket of an S3-compatible service, under the ids
// of package blob and in the layout that a folder of files has. It owns what is
// said to the service: the few requests, their signatures, bounds and repeats.
//
// A file reaches the bucket with one request, after all of it has come and its
// size and hash are known, so that it is there whole or not at all, and the
// service compares the hash. Until then it lies on the local disk.
//
// It knows no names, owners, quotas or permissions. The service is the
// operator's own choice, so its address is not judged as those of sellers are.
package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// MaxSize is how large a file may be, in bytes: what S3 takes with one request.
const MaxSize = 5 << 30

// DefaultRegion is what services that know no regions call theirs.
const DefaultRegion = "us-east-1"

// Config says where the bucket is.
type Config struct {
	Bucket   string // "" in a Config that names none
	Endpoint string // URL of the service; default: Amazon's of the region
	Region   string // default: [DefaultRegion]
	Prefix   string // of all keys, such as latchkey/
	// BucketInHost puts the bucket's name before the host's, instead of into the path.
	BucketInHost bool
	AccessKey    string
	SecretKey    latchkey.Secret

	// Spool is where files lie until they are whole; the store closes it.
	Spool *blob.Store
	// Installation tells one installation from others, which cannot share a prefix.
	Installation string
	// Timing is for tests; the zero one is right.
	Timing Timing
}

// Timing says how long the service is waited for.
type Timing struct {
	Attempt time.Duration // for an answer; default 10 seconds
	Stall   time.Duration // for the next bytes of one; default 30 seconds
	Pause   time.Duration // before the first repeat, four times as long before each next; default 100 ms
}

// attempts is how often a request is sent that fails for a reason which may pass.
const attempts = 4

// Store is a bucket of files. Its methods are safe for concurrent use, also by
// several processes.
type Store struct {
	cfg    Config
	base   *url.URL // of the bucket, with a slash at its end
	client *http.Client
}

// bucketName is Amazon's rule, and the older one's letters, which others take.
var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$`)

// prefixText are the characters that need no escaping anywhere.
var prefixText = regexp.MustCompile(`^[A-Za-z0-9._/-]{0,200}$`)

// Check says what is wrong with a Config that can be seen without asking anybody.
func (c Config) Check() error {
	_, err := c.address()
	switch {
	case err != nil:
		return err
	case !bucketName.MatchString(c.Bucket):
		return errors.New("the bucket's name has 3 to 63 letters, digits, dots and hyphens")
	case !prefixText.MatchString(c.Prefix) || strings.HasPrefix(c.Prefix, "/") || strings.Contains("/"+c.Prefix+"/", "/../"):
		return errors.New("the prefix has letters, digits, and . _ / - and does not begin with a slash")
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("the service needs an access key and its secret")
	}
	return nil
}

// address is the URL of the bucket.
func (c Config) address() (*url.URL, error) {
	u, err := url.Parse(cmp.Or(c.Endpoint, "https://s3."+cmp.Or(c.Region, DefaultRegion)+".amazonaws.com"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("the endpoint is http:// or https:// and a host, perhaps with a port")
	}
	u.Path = "/" + c.Bucket + "/"
	if c.BucketInHost {
		u.Host, u.Path = c.Bucket+"."+u.Host, "/"
	}
	return u, nil
}

// New returns the store of a bucket. It asks nobody: see [Store.Claim].
func New(c Config) (*Store, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	base, err := c.address()
	if err != nil {
		return nil, err
	}
	c.Region = cmp.Or(c.Region, DefaultRegion)
	if c.Prefix != "" && !strings.HasSuffix(c.Prefix, "/") {
		c.Prefix += "/"
	}
	c.Timing.Attempt = cmp.Or(c.Timing.Attempt, 10*time.Second)
	c.Timing.Stall = cmp.Or(c.Timing.Stall, 30*time.Second)
	c.Timing.Pause = cmp.Or(c.Timing.Pause, 100*time.Millisecond)
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // a range is one of the content itself
	}
	client := &http.Client{Transport: transport,
		// A redirected request has the wrong signature: the answer says where the bucket is.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Store{cfg: c, base: base, client: client}, nil
}

// String names the bucket, without any key.
func (s *Store) String() string { return "bucket " + s.cfg.Bucket + " at " + s.base.Host }

// Close lets go of connections and of the folder of uploads.
func (s *Store) Close() error {
	s.client.CloseIdleConnections()
	return s.cfg.Spool.Close()
}

// key is a file's name in the bucket.
func (s *Store) key(id blob.ID) string { return s.cfg.Prefix + id.Path() }

// Delete removes a file for good. One that is not there is no error.
func (s *Store) Delete(ctx context.Context, id blob.ID) error {
	if _, err := blob.ParseID(string(id)); err != nil {
		return nil
	}
	_, err := s.call(ctx, request{method: http.MethodDelete, key: s.key(id)})
	if err == nil || isStatus(err, http.StatusNotFound) && !isCode(err, noBucket) {
		return nil
	}
	return unavailable(ctx, fmt.Errorf("delete file %s: %w", id, err))
}

// Sweep removes what interrupted uploads have left on the local disk, if it is
// idle for so long. In the bucket they leave nothing.
func (s *Store) Sweep(ctx context.Context, idle time.Duration) (int, error) {
	return s.cfg.Spool.SweepAll(ctx, idle)
}

// unavailable tells a caller that it is not their fault.
func unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err // who asked has gone, or does not wait any longer
	}
	return latchkey.FailWith(latchkey.CodeUnavailable, "The store of files does not answer as it should; try again in a moment.").Because(err)
}
