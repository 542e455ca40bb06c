package cli

import (
	"fmt"
	"os"

	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// s3Flags say in which bucket files are kept.
type s3Flags struct {
	Bucket        string `help:"Bucket of an S3-compatible service in which uploaded files are kept, instead of on the disk." env:"LATCHKEY_S3_BUCKET" placeholder:"NAME"`
	Endpoint      string `help:"URL of that service; Amazon's of the region if not given." env:"LATCHKEY_S3_ENDPOINT" placeholder:"URL"`
	Region        string `help:"Its region." default:"us-east-1" env:"LATCHKEY_S3_REGION" placeholder:"NAME"`
	Prefix        string `help:"What the names of all objects begin with, for a bucket that others use too." env:"LATCHKEY_S3_PREFIX" placeholder:"PATH"`
	Addressing    string `help:"Where requests name the bucket: in the path, or in the host's name." enum:"path,host" default:"path" env:"LATCHKEY_S3_ADDRESSING"`
	AccessKeyFile string `help:"File that holds the access key; LATCHKEY_S3_ACCESS_KEY may hold it instead." env:"LATCHKEY_S3_ACCESS_KEY_FILE" placeholder:"FILE"`
	SecretKeyFile string `help:"File that holds the secret of that key; LATCHKEY_S3_SECRET_KEY may hold it instead." env:"LATCHKEY_S3_SECRET_KEY_FILE" placeholder:"FILE"`
}

// settings reads the keys, which no flag takes, and checks what can be seen to be
// wrong.
func (f *s3Flags) settings(std Streams) (s3.Config, error) {
	c := s3.Config{Bucket: f.Bucket, Endpoint: f.Endpoint, Region: f.Region, Prefix: f.Prefix, BucketInHost: f.Addressing == "host"}
	if c.Bucket == "" {
		if c.Endpoint != "" || c.Prefix != "" || f.AccessKeyFile != "" || f.SecretKeyFile != "" {
			return c, usageError("Files are kept on the disk unless --s3-bucket names a bucket; give it as well.")
		}
		return s3.Config{}, nil
	}
	access, err := secretFrom(std, "LATCHKEY_S3_ACCESS_KEY", f.AccessKeyFile)
	if err != nil {
		return c, err
	}
	secret, err := secretFrom(std, "LATCHKEY_S3_SECRET_KEY", f.SecretKeyFile)
	if err != nil {
		return c, err
	}
	c.AccessKey, c.SecretKey = access, latchkey.Secret(secret)
	if err := c.Check(); err != nil {
		return c, usageError(fmt.Sprintf("The settings of the bucket are wrong: %v.", err))
	}
	return c, nil
}

// secretFrom reads a secret from a file or from a variable of the environment,
// where other users of the machine do not see it.
func secretFrom(std Streams, variable, file string) (string, error) {
	value := os.Getenv(variable)
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", usageError(fmt.Sprintf("Give %s or %s_FILE, not both.", variable, variable))
	}
	return readSecret(file, std.In)
}
