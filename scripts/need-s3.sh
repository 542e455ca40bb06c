#!/usr/bin/env bash
# Sees to it that the S3 server is built that the tests run: Versity's gateway,
# a module that tools/s3/go.mod names and the program itself does not contain.
# The go command keeps it in its cache, where the tests find it.
set -euo pipefail
cd "$(dirname "$0")/.."

go tool -modfile=tools/s3/go.mod -n versitygw >/dev/null
