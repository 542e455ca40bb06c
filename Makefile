# Everything that is built, run and checked here. `make help` lists the targets.

BIN      := bin/latchkey
FUZZTIME ?= 60s
# More flags for go test, such as TESTFLAGS='-v -run TestRedeem'.
TESTFLAGS ?=
# More arguments for the server, such as ARGS='--listen :9000'.
ARGS ?=
# More arguments for the benchmark, such as BENCH_FLAGS='--licenses 1000000 --users 100000'.
BENCH_FLAGS ?=
# How many millions bench-million makes, and in which database.
MILLIONS ?= 1
DATABASE ?= sqlite
# The older revision that bench-compare measures against.
BASE ?=

# The version comes from git, where there is one: `latchkey version` reads what
# the go command stamps.
STAMP := $(shell git rev-parse --verify --quiet HEAD >/dev/null 2>&1 && echo auto || echo false)

# The race detector, but not inside SQLite, which is C turned into Go, nor in
# the arithmetic of signatures, which shares nothing: neither is ours, and each
# is several times slower when watched.
RACE := -race '-gcflags=modernc.org/sqlite/lib=-d=checkptr=0 -race=false' '-gcflags=modernc.org/libc/...=-d=checkptr=0 -race=false' \
	'-gcflags=crypto/internal/fips140/edwards25519/...=-race=false'

STATICCHECK := go tool -modfile=tools/go.mod staticcheck

.DEFAULT_GOAL := help
.PHONY: build dashboard run test test-go test-dashboard journeys lint screenshots fuzz cover bench bench-million bench-compare bench-timing need clean help

build: dashboard ## build ./bin/latchkey: one static binary, with the dashboard where Node.js is
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -buildvcs=$(STAMP) -o $(BIN) ./cmd/latchkey

dashboard: ## build the dashboard alone, if it has changed; needs Node.js 20.19
	@./scripts/build-dashboard.sh

run: build ## build, then serve on http://127.0.0.1:8080 with the data in ./data
	./$(BIN) serve $(ARGS)

test: need lint test-go test-dashboard ## lint, then run every test: of the server and of the dashboard

# Lint has vetted already.
test-go: ## run the server's tests under the race detector, on both databases
	GOTMPDIR=$${GOTMPDIR:-$${TMPDIR:-/tmp}} TMPDIR=$$(./scripts/scratch.sh) GORACE=atexit_sleep_ms=0 \
		go test $(RACE) -vet=off -timeout 40m $(TESTFLAGS) ./...

test-dashboard: journeys ## run the dashboard's unit tests, and its journeys
	npm --prefix web test

journeys: build ## walk through the dashboard in Chromium, against the real server
	@./scripts/need-node.sh
	@./scripts/need-chromium.sh
	npm --prefix web run e2e

screenshots: build ## take pictures of every page of the dashboard into web/shots
	@./scripts/need-node.sh
	@./scripts/need-chromium.sh
	npm --prefix web run screenshots

# With the flags of build, whose compiled packages vet and staticcheck read then.
lint: export CGO_ENABLED = 0
lint: export GOFLAGS = -trimpath
lint: ## formatting, go vet, staticcheck, checksums of the dependencies, types and eslint
	@unformatted=$$(find . -name '*.go' -not -path './web/node_modules/*' -exec gofmt -l {} +); \
	if [ -n "$$unformatted" ]; then printf 'run gofmt -w on:\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...
	go mod verify
	@./scripts/need-node.sh
	npm --prefix web run lint

fuzz: ## run every fuzz target for FUZZTIME (60s) each
	./scripts/fuzz.sh $(FUZZTIME)

cover: need ## print the coverage by package and write bin/cover.html
	@mkdir -p bin
	go test -coverpkg=./... -coverprofile=bin/cover.out ./...
	go tool cover -html=bin/cover.out -o bin/cover.html
	go tool cover -func=bin/cover.out | tail -n 1

bench: build need ## measure the server on both databases and write BENCHMARKS.md; BENCH_FLAGS
	go run ./cmd/latchkey-bench --markdown BENCHMARKS.md $(BENCH_FLAGS)

bench-million: build ## make a million licenses by one command, then list, search and export; MILLIONS, DATABASE
	./scripts/bench-million.sh $(MILLIONS) $(DATABASE)

bench-timing: build ## compare how long refusals take that must not be told apart, 2,000 of each
	go run ./cmd/latchkey-bench --timing 2000 --licenses 20000 --users 1000 --sessions 1

bench-compare: build need ## measure an older revision and this one in turn; BASE=revision, BENCH_FLAGS
	./scripts/bench-compare.sh "$(BASE)" --engines sqlite,postgres $(BENCH_FLAGS)

need: # what the tests need of the machine beside Go
	@./scripts/need-cc.sh
	@./scripts/need-postgres.sh
	@./scripts/need-s3.sh
	@./scripts/need-tools.sh
	@./scripts/need-node.sh
	@./scripts/need-chromium.sh

clean: ## remove what was built; ./data stays
	rm -rf bin internal/dashboard/dist/app web/shots

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
