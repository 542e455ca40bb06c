#!/usr/bin/env bash
# Sees to it that there is a C compiler: the race detector, and nothing else
# here, needs one. Installs Debian's where that is possible, else says what to
# install.
set -euo pipefail

have() { command -v "$(go env CC | cut -d ' ' -f 1)" >/dev/null && [ -n "$(echo '#include <stdlib.h>' | $(go env CC) -E -x c - 2>/dev/null)" ]; }

have && exit 0
"$(dirname "$0")/install-debian.sh" gcc libc6-dev || true
have && exit 0

cat >&2 <<'EOT'
The tests run under Go's race detector, which needs a C compiler and the C library's headers.
  Debian, Ubuntu:  apt-get install gcc libc6-dev
  Fedora:          dnf install gcc glibc-devel
  Alpine:          apk add gcc musl-dev
  macOS:           xcode-select --install
EOT
exit 1
