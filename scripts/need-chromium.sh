#!/usr/bin/env bash
# Sees to it that the browser is here in which the dashboard is tested:
# $CHROMIUM, or /usr/bin/chromium. Installs Debian's package where that is
# possible, else says what to install.
set -euo pipefail

have() { [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; }

have && exit 0
"$(dirname "$0")/install-debian.sh" chromium fonts-liberation || true
have && exit 0

cat >&2 <<'EOT'
The dashboard's tests need Chromium and did not find it.
  Debian:  apt-get install chromium
Elsewhere install it, or Chrome, and set CHROMIUM to its program.
EOT
exit 1
