#!/usr/bin/env bash
# Sees to it that the programs are here that the end-to-end tests run: those of
# the README's walk, and strace to count what reaches the disk. Installs
# Debian's packages where that is possible, else says what to install.
set -euo pipefail

tools=(curl openssl)
[ "$(uname -s)" != Linux ] || tools+=(strace)

missing() {
	local tool
	for tool in "${tools[@]}"; do
		command -v "$tool" >/dev/null || echo "$tool"
	done
}

[ -z "$(missing)" ] && exit 0
# shellcheck disable=SC2046 # one word per package
"$(dirname "$0")/install-debian.sh" $(missing) || true
[ -z "$(missing)" ] && exit 0

echo "The end-to-end tests need these programs; install the packages of the same names:" $(missing) >&2
exit 1
