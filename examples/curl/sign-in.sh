#!/usr/bin/env bash
# Signs a customer in by a license with curl alone, over the compatible client
# API 1.3, and believes nothing that is not signed with the application's key:
#
#   ./sign-in.sh https://license.example.com NAME OWNER_ID COMPAT_PUBLIC_KEY LICENSE HWID
#
# Needs curl and openssl (3.0 or newer). README.md beside it explains each step.
set -euo pipefail

if [ $# -ne 6 ]; then
	sed -n '5s/^# *//p' "$0" >&2
	exit 2
fi
api=$1/api/1.3/ name=$2 owner=$3 public=$4 license=$5 hwid=$6

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# bytes writes hexadecimal digits as the bytes that they stand for.
bytes() { printf "$(printf %s "$1" | sed 's/../\\x&/g')"; }

# field prints a text of the last answer.
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$work/answer" | head -n 1; }

# header prints a header of the last answer.
header() { sed -n "s/^$1: *\([0-9a-fA-F]*\).*/\1/p" "$work/head"; }

# call makes a call and checks that its answer is the server's, about this
# application, and of now.
call() {
	curl -sS --proto =https,http "$api" -D "$work/head" -o "$work/answer" \
		--data-urlencode "name=$name" --data-urlencode "ownerid=$owner" "$@"
	stamp=$(header x-signature-timestamp)
	bytes "302a300506032b6570032100$public" >"$work/key.der"
	bytes "$(header x-signature-ed25519)" >"$work/signature"
	{ printf %s "$stamp" && cat "$work/answer"; } >"$work/message"
	if ! openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin \
		-in "$work/message" -sigfile "$work/signature" >/dev/null 2>&1; then
		echo "not signed by the application's key: $(head -c 200 "$work/answer")" >&2
		exit 1
	fi
	age=$(($(date +%s) - stamp))
	if [ "$age" -gt 300 ] || [ "$age" -lt -300 ]; then
		echo "signed $age seconds ago: an old answer, or this computer's clock is wrong" >&2
		exit 1
	fi
	if [ "$(field ownerid)" != "$owner" ]; then
		echo "the answer is about another application" >&2
		exit 1
	fi
	if ! grep -q '"success":true' "$work/answer"; then
		echo "refused: $(field message)" >&2
		exit 1
	fi
}

call -d type=init -d ver=1.0
session=$(field sessionid)
call -d type=license -d "sessionid=$session" --data-urlencode "key=$license" --data-urlencode "hwid=$hwid"
echo "signed in: $(field message)"
echo "subscription: $(field subscription), until $(date -d "@$(field expiry)" 2>/dev/null || field expiry)"
call -d type=check -d "sessionid=$session"
call -d type=logout -d "sessionid=$session"
echo "signed out"
