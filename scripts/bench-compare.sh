#!/usr/bin/env bash
# Builds the server of an older revision and measures it in turn with ./bin/latchkey:
#   bench-compare.sh REVISION [flags of latchkey-bench]
set -euo pipefail
cd "$(dirname "$0")/.."

base=${1:?name the older revision: make bench-compare BASE=v0.1.0}
shift
revision=$(git rev-parse --verify "$base^{commit}")
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT

git archive "$revision" | tar -x -C "$source"
(cd "$source" && CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -buildvcs=false -o latchkey ./cmd/latchkey)
go run ./cmd/latchkey-bench --server bin/latchkey --base "$source/latchkey" "$@"
