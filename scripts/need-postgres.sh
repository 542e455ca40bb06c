#!/usr/bin/env bash
# Sees to it that PostgreSQL's programs are here. The tests start servers of
# their own with them; a running PostgreSQL is neither needed nor touched.
# Installs Debian's package where that is possible, else says what to install.
set -euo pipefail

have() {
	local dir
	for dir in "$(dirname "$(readlink -f "$(command -v initdb || echo /nowhere/initdb)")")" /usr/lib/postgresql/*/bin; do
		if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ] && [ -x "$dir/createdb" ]; then
			return 0
		fi
	done
	return 1
}

have && exit 0
"$(dirname "$0")/install-debian.sh" postgresql || true
have && exit 0

cat >&2 <<'EOT'
The tests need PostgreSQL's programs (initdb, pg_ctl, postgres, createdb, dropdb) and did not find them.
  Debian, Ubuntu:  apt-get install postgresql
  Fedora:          dnf install postgresql-server
  Alpine:          apk add postgresql
  macOS:           brew install postgresql
Elsewhere put them into PATH.
EOT
exit 1
