# Every task of this repository. The README and CI call exactly these.

CARGO ?= cargo

# How long the long ones run.
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600

.DEFAULT_GOAL := help
.PHONY: help demo build test test-rust test-services test-front test-browser setup lint bench soak fuzz deny setup-deploy deploy-check deploy-render static scrub-guide

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the whole thing on this machine: demo app, bauta, a stand-in vendor; needs nothing else
	$(CARGO) run --release --locked -- demo

build: ## target/release/bauta
	$(CARGO) build --release --locked

test: setup test-rust test-services test-front test-browser ## install what the tests need, then run all of them

setup: ## install what the tests need (says what, asks nothing; quick when all is there)
	@sh scripts/setup-test.sh

test-rust: ## the tests that need no network, no service and no browser
	$(CARGO) test --locked

test-front: ## bauta behind a real nginx, with the snippet that it renders
	$(CARGO) test --locked --no-run --quiet
	@BAUTA_BIN=$${CARGO_TARGET_DIR:-target}/debug/bauta python3 tests/deploy/fronts.py nginx

test-services: ## the tests with real stores and real frameworks, started by the tests themselves
	BAUTA_TEST_SERVICES=1 $(CARGO) test --locked --test sessions --test consent_services -- --nocapture

test-browser: ## the real clients in Chromium, against the built binary
	$(CARGO) test --locked --no-run --quiet
	@sh scripts/browser-test.sh

lint: ## format, clippy, documentation and scripts; warnings are errors
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" $(CARGO) doc --locked --no-deps --document-private-items --quiet
	@for script in scripts/*.sh .ci/run; do sh -n "$$script" || exit 1; done
	@echo "lint: clean"

bench: ## CPU per event beside nginx pass-through in one run, of scrubbing, idle memory, and the micro-benchmarks
	$(CARGO) build --release --locked
	@sh scripts/setup-test.sh bench
	python3 benches/compare/run.py
	python3 tools/scrub_cpu.py target/release/bauta
	$(CARGO) bench --locked --benches

soak: ## bauta under load for SOAK_SECONDS; a million consents and planted values, 100,000 junk cookies for each format
	$(CARGO) build --release --locked
	@sh scripts/setup-test.sh
	@SOAK_SECONDS=$(SOAK_SECONDS) sh scripts/soak.sh
	BAUTA_CASES=1000000 $(CARGO) test --locked --release --test consent_property -- --nocapture
	BAUTA_PLANTED=1000000 $(CARGO) test --locked --release --test scrubbing a_planted_value -- --nocapture
	$(CARGO) test --locked --release --test sessions junk_is_nobody -- --nocapture

fuzz: ## each fuzz target for FUZZ_SECONDS, with the nightly toolchain
	@FUZZ_SECONDS=$(FUZZ_SECONDS) sh scripts/fuzz.sh

scrub-guide: ## measure scrubbing on the labelled corpora and write the rates into docs/guide/scrubbing.md
	$(CARGO) build --release --locked
	python3 tools/scrub_guide.py target/release/bauta

deny: ## licences, bans, sources and advisories of the dependencies
	@sh scripts/deny.sh

setup-deploy: setup ## install what deploy-check needs: front ends and linters
	@sh scripts/setup-deploy.sh

deploy-check: setup-deploy ## everything in deploy/ with the tools it is for; front ends and a kubelet for real
	$(CARGO) test --locked --no-run --quiet
	@BAUTA_STATIC=$${BAUTA_STATIC:-target/x86_64-unknown-linux-gnu/release/bauta} sh scripts/deploy-check.sh

deploy-render: ## write deploy/ anew after a change of a template
	BAUTA_WRITE_DEPLOY=1 $(CARGO) test --locked --test render

static: ## the statically linked binary of the image
	RUSTFLAGS="-C target-feature=+crt-static" $(CARGO) build --release --locked --bin bauta --target x86_64-unknown-linux-gnu
