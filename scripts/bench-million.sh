#!/usr/bin/env bash
# Makes a million licenses by one command, MILLIONS times, and prints how long
# that took, the server's memory, and what lists, searches and exports take
# afterwards. Usage: scripts/bench-million.sh [MILLIONS [DATABASE]]; the
# database is sqlite, in a temporary folder, or the URL of an empty PostgreSQL
# database. Needs bin/latchkey, curl and a few gigabytes below /var/tmp.
set -euo pipefail
cd "$(dirname "$0")/.."

millions=${1:-1}
database=${2:-sqlite}
address=127.0.0.1:8391
work=$(mktemp -d /var/tmp/latchkey-million-XXXXXX)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cp bin/latchkey "$work/latchkey" # it may be built anew meanwhile
latchkey=$work/latchkey
data=(--data "$work/data" --database "$database")

text() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1; }

serve() {
	local began
	began=$(date +%s%N)
	"$latchkey" serve "${data[@]}" --listen "$address" --log-format json >"$work/out" 2>>"$work/log" &
	server=$!
	until curl -sf "http://$address/readyz" >/dev/null; do
		kill -0 "$server"
		sleep 0.005
	done
	echo "| start, until ready | $((($(date +%s%N) - began) / 1000000)) ms | $(memory) |"
}

# memory is what is resident: all, and without mapped files.
memory() { awk '/^VmRSS/ {all = $2} /^RssAnon/ {own = $2} END {printf "%d | %d", all / 1024, own / 1024}' "/proc/$server/status"; }

# timed LABEL COMMAND...: the command's time as a whole process.
timed() {
	local label=$1 began
	shift
	began=$(date +%s%N)
	"$@"
	echo "| $label | $((($(date +%s%N) - began) / 1000000)) ms | $(memory) |"
}

create() { "$latchkey" licenses create --amount 1000000 --duration 30d --note "order-$1" --json >"$work/keys" 2>"$work/err"; }

# asked LABEL QUERY: the median of five times of an answer's first byte.
asked() {
	local all
	all=$(for _ in 1 2 3 4 5; do
		curl -sf -o /dev/null -w '%{time_starttransfer}\n' -H "Authorization: Bearer $LATCHKEY_API_KEY" \
			"http://$address/api/v1/apps/$app/licenses?limit=50$2"
	done | sort -n | sed -n 3p)
	echo "| $1 | $(awk -v t="$all" 'BEGIN {printf "%.1f", 1000 * t}') ms | $(memory) |"
}

look() {
	local key
	key=$(tail -n 3 "$work/keys" | head -n 1 | text key)
	asked "list" ""
	asked "list, by status" "&status=used"
	asked "search, whole key" "&search=$key"
	asked "search, last four" "&search=${key: -4}"
	asked "search, note" "&search=order-1"
	asked "search, nothing found" "&search=nothing-like-it"
	for format in txt csv; do
		timed "export as $format, $(($1))000000 licenses" "$latchkey" licenses export --format "$format" --output "$work/export" 2>"$work/err"
		rm "$work/export"
	done
}

export LATCHKEY_URL=http://$address LATCHKEY_APP=million
printf 'correct horse battery staple' >"$work/password"
LATCHKEY_API_KEY=$("$latchkey" init "${data[@]}" --email owner@example.com --password-file "$work/password" --json 2>"$work/err" | text api_key)
export LATCHKEY_API_KEY
echo "| what | took | MiB | own MiB |"
echo "|---|---|---|---|"
serve
app=$("$latchkey" apps create "$LATCHKEY_APP" --json | text id)
for ((n = 1; n <= millions; n++)); do
	timed "create, million number $n" create "$n"
	if ((n == 1 || n == millions)); then look "$n"; fi
done
kill "$server"
wait "$server"
serve
