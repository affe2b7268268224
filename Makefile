# One recipe per deed, the same for people and CI. `make` alone lists them.

# Build results stay outside the tree, so that a clone stays small and several clones share one cache.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/sagsgang/target

# What rust-toolchain.toml names is installed by .ci/setup, once, and not by every call of cargo: without a network each
# call would fail, although the compiler is there.
export RUSTUP_AUTO_INSTALL ?= 0

# Where the demo keeps its data, and where it listens.
DATA ?= data/demo
LISTEN ?= 127.0.0.1:8080

.DEFAULT_GOAL := help
.PHONY: help demo test lint fmt bench docs generate guests deny

help: ## list the recipes
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: guests ## set up this machine, build, and serve the demo on http://127.0.0.1:8080
	cargo build --release --locked --package sagsgang-server
	"$(CARGO_TARGET_DIR)/release/sagsgang" demo --data "$(DATA)" --listen "$(LISTEN)"

test: ## set up this machine and run every test
	.ci/setup tests
	plugins/build
	plugins/build-interpreted
	.ci/test

lint: ## formatting and lints, warnings are errors
	.ci/setup lint
	plugins/build
	.ci/lint

fmt: ## format all sources
	.ci/each-workspace fmt --all

bench: guests ## measure, in release build, and print the figures
	.ci/bench

docs: ## build the book into docs/book, if mdbook is installed
	.ci/docs

generate: ## write again what is derived from the sources (the error pages, the interface of plugins); then the tree is clean
	UPDATE_GENERATED=1 cargo test --quiet --locked --package sagsgang-tests --test generated

guests: ## build the bundled plugins into plugins/dist
	.ci/setup build
	plugins/build

deny: ## licences, bans and sources of all dependencies, if cargo-deny is installed
	.ci/deny
