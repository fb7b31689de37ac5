# The truth about building and testing deltatrace. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

LISTEN ?= 127.0.0.1:8080
DATA ?= data/demo
# The environment of test tools that were unpacked without root, if there is one.
TOOLS := if [ -f .cache/env ]; then . ./.cache/env; fi;

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

build: ## the programs, into bin/
	@go build -trimpath -o bin/ ./api ./labs-adapter ./network ./network/admin ./network/faults/liar ./chaincode

demo: build ## run it with invented data on LISTEN, keeping DATA, until Ctrl-C; STORY=1 plays a story
	@exec bin/network demo --listen '$(LISTEN)' --data '$(DATA)' $(if $(STORY),--story)

network: build ## the four provinces' Fabric network on loopback; bin/network status and down
	@bin/network up

tools: ## what the tests need from Debian: a browser, a QR reader, a PDF reader, fonts
	@.ci/tools

test: tools lint ## everything: lint, all tests, crash and browser tests, the README's commands
	@$(TOOLS) DELTATRACE_LONG=1 go test -timeout 20m ./...
	@if command -v gcc >/dev/null; then go test -race -short -timeout 10m ./chaincode/... ./network/launcher ./traceability/client ./traceability/projector; \
	 else echo 'no C compiler: the race detector is left out'; fi

test-fast: ## the fast tests
	@$(TOOLS) go test ./...

lint: ## formatting, vet, tidy
	@test -z "$$(gofmt -l .)" || { echo 'not gofmt-ed:'; gofmt -l .; exit 1; }
	@go vet ./...
	@go mod tidy -diff

fuzz: ## each fuzz target for FUZZTIME (10s)
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	  echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-10s} $$p || exit 1; done; done

bench: ## the benchmarks of traceability/docs/benchmarks.md
	@go test -run '^$$' -bench . -benchtime $${BENCHTIME:-2s} ./chaincode/embedded ./traceability/store ./traceability/disclosure ./labs-adapter/formats ./api

vuln: ## known vulnerabilities of the dependencies; needs the vulnerability database
	@go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

clean: ## bin, .cache and the default data folder
	@rm -rf bin .cache data

.PHONY: help build demo network tools test test-fast lint fuzz bench vuln clean
