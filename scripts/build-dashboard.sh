#!/usr/bin/env bash
# Builds the dashboard into internal/dashboard/dist/app, if it has changed since.
# Without Node.js it says so and leaves it: the program then has plain pages.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! ./scripts/need-node.sh --quiet; then
	echo "The dashboard is not built: that needs Node.js 20.19 or newer with npm. Everything else is." >&2
	exit 0
fi
built=internal/dashboard/dist/app/index.html
if [ -e "$built" ] && [ -z "$(find web api/openapi.json -path web/node_modules -prune -o -path web/e2e -prune -o -path web/shots -prune -o \
	-name schema.gen.ts -prune -o -type f -newer "$built" -print -quit)" ]; then
	exit 0
fi
npm --prefix web run build
