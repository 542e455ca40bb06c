#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, each for the time
# given (60s unless said otherwise). Ends with 1 if any of them found something.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-60s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
found=0
targets=0

for package in $(go list ./...); do
	names=$(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true)
	if [ -n "$names" ]; then
		# With all that it imports, and without a word: where that is the whole
		# server, as in sdk/go, it takes minutes the first time.
		echo "-- $package is compiled for fuzzing"
		go test -c -fuzz . -o /dev/null "$package"
	fi
	for target in $names; do
		targets=$((targets + 1))
		echo "== $package $target"
		if go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" 2>&1 | tee "$log"; then
			continue
		fi
		# The go command may call it a failure that its own time ran out while
		# an input was being tried; a real one names or writes its input.
		if grep -q '^    context deadline exceeded$' "$log" && ! grep -q -e 'Failing input' -e 'panic:' "$log"; then
			echo "   the time ran out; nothing was found"
			continue
		fi
		found=1
	done
done

if [ "$targets" -eq 0 ]; then
	echo "there is no fuzz target" >&2
	exit 1
fi
exit "$found"
