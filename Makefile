# "make help" lists the targets.

VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
STATICCHECK := .cache/bin/staticcheck-0.8.2
RUNNER      := .cache/bin/e2e-run
# One kind of build for everything but the tests, so that nothing is compiled twice.
GO          := CGO_ENABLED=0 GOFLAGS=-trimpath go
GO_FILES     = $(shell find . -name '*.go' -not -path '*/node_modules/*' -not -path './.*')
LOOPBACK    := 127.0.0.0/8,::1/128

.DEFAULT_GOAL := help
.PHONY: help build run test test-deps soak bench demo screenshots assets lint fmt clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## the program, bin/doorito
	@mkdir -p bin
	$(GO) build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/doorito .

run: build ## build and start the portal on http://127.0.0.1:8080
	@echo "Webhook endpoints on this machine ($(LOOPBACK)) are allowed; in production they are not." >&2
	@WEBHOOK_ALLOWED_NETWORKS="$${WEBHOOK_ALLOWED_NETWORKS:-$(LOOPBACK)}" exec bin/doorito serve

# The installation runs beside the compiler; neither waits for the other.
test: ## all tests, with the services they need (ARGS="-run Name ./package" for some)
	@mkdir -p .cache/bin
	@sh e2e/run/deps.sh & deps=$$!; \
	$(GO) build -o $(RUNNER) ./e2e/run || { wait $$deps; exit 1; }; \
	wait $$deps || exit 1; \
	exec $(RUNNER) $(ARGS)

test-deps: ## install what the tests need and this machine lacks
	@sh e2e/run/deps.sh

soak: ## kill the portal twenty times during uploads, workers thirty times under load, Redis for a minute (minutes)
	@$(MAKE) --no-print-directory test ARGS="-count=1 -run TestSoak -v ./e2e -args -soak-kills 20 -soak-uploads 50 -soak-worker-kills 30 -soak-without-redis 1m"

bench: test-deps build ## measure uploads, memory and delivery latency
	$(GO) run ./e2e/bench $(ARGS)

demo: build ## the whole way once: upload, signed webhook, download
	$(GO) run ./e2e/demo bin/doorito

screenshots: build ## the pictures of the README (minutes; needs Chromium)
	$(GO) run ./e2e/screens bin/doorito e2e/screens/pictures

assets: ## rebuild CSS and JavaScript under static (needs node 20 or newer)
	cd static/_src && npm ci --no-fund --no-audit && npm run build

lint: $(STATICCHECK) ## gofmt, go vet, staticcheck, no skipped tests
	@unformatted="$$(gofmt -l $(GO_FILES))"; \
	if [ -n "$$unformatted" ]; then echo "not formatted, run \"make fmt\":" $$unformatted >&2; exit 1; fi
	@if grep -nE '\b(t|b|tb|f)\.Skip(Now|f)?\(' $(GO_FILES); then echo "a test that is skipped proves nothing" >&2; exit 1; fi
	$(GO) vet ./...
	CGO_ENABLED=0 GOFLAGS=-trimpath $(STATICCHECK) ./...

fmt: ## format all Go files
	gofmt -w $(GO_FILES)

$(STATICCHECK):
	@mkdir -p .cache/bin
	GOBIN="$(CURDIR)/.cache/bin" $(GO) install honnef.co/go/tools/cmd/staticcheck@v0.8.2
	mv .cache/bin/staticcheck $@

clean: ## remove what was built and fetched
	rm -rf bin .cache e2e/js/node_modules static/_src/node_modules
