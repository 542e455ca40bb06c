#!/usr/bin/env bash
# Sees to it that Node.js is here, new enough to build the dashboard, and that
# its packages are installed as the lock file has them. With --quiet it says
# nothing and ends with 1 where there is no Node.js.
set -euo pipefail
cd "$(dirname "$0")/../web"

enough() {
	command -v npm >/dev/null &&
		node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || a === 20 && b >= 19 ? 0 : 1)' 2>/dev/null
}

if ! enough; then
	[ "${1:-}" = --quiet ] && exit 1
	cat >&2 <<'EOT'
The dashboard and its tests need Node.js 20.19 or newer with npm, and did not find it.
Debian and Ubuntu have it as nodejs from their releases of 2025 on; elsewhere install it from nodejs.org.
EOT
	exit 1
fi

# npm writes the second file last.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
	echo "installing the dashboard's packages" >&2
	npm ci --no-audit --no-fund >&2
	touch node_modules/.package-lock.json
fi
