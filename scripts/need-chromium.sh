#!/usr/bin/env bash
# Sees to it that the browser is here in which the dashboard is tested:
# $CHROMIUM, or Debian's. Its headless shell is preferred: the same engine, with
# a third less work for the same journeys. Installs it where that is possible,
# else says what to install.
set -euo pipefail

shell=/usr/bin/chromium-headless-shell
have() { [ -x "${CHROMIUM:-$shell}" ]; }

have && exit 0
"$(dirname "$0")/install-debian.sh" chromium-headless-shell fonts-liberation || true
have && exit 0
[ -z "${CHROMIUM:-}" ] && [ -x /usr/bin/chromium ] && exit 0

cat >&2 <<'EOT'
The dashboard's tests need Chromium and did not find it.
  Debian:  apt-get install chromium-headless-shell (or chromium)
Elsewhere install it, or Chrome, and set CHROMIUM to its program.
EOT
exit 1
