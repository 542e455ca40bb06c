#!/usr/bin/env bash
# Sees to it that the S3 server is built that the tests run: Versity's gateway,
# a module that tools/s3/go.mod names and the program itself does not contain.
# The tests build it in the same way, and find it up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

CGO_ENABLED=0 go build -trimpath -modfile=tools/s3/go.mod -o bin/versitygw github.com/versity/versitygw/cmd/versitygw
