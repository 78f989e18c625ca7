# Everything a checkout needs, from one place: `make` lists the targets.

PYTHON ?= python3.11
MVN ?= mvn
JAVA ?= $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)

VENV := .venv
BIN := $(VENV)/bin
JARS := .jars
TEST_LAYERS := $(wildcard tests/unit tests/harness tests/cluster tests/e2e tests/chaos)

# A stamp is written when its step is finished; a step that was interrupted has none and runs again.
PACKAGES := $(VENV)/.packages
PROJECT := $(VENV)/.project
FETCHED := $(JARS)/.fetched
FLINK_LIB := $(JARS)/.flink-lib

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: setup
setup: prerequisites $(PROJECT) $(FLINK_LIB) ## Install everything a local run needs into .venv and .jars; repeat at will

.PHONY: up
up: setup ## Start the local stack
	@$(BIN)/shopstream up --wait

.PHONY: down
down: ## Stop the local stack
	@if [ -x $(BIN)/shopstream ]; then $(BIN)/shopstream down; else echo "nothing runs"; fi

.PHONY: demo
demo: setup ## See the shop live: stack, jobs, simulated customers, checked invariants
	@$(BIN)/shopstream demo

.PHONY: test
test: setup ## Run every test: unit, harness, cluster, e2e, chaos
	@$(BIN)/pytest $(TEST_LAYERS)

.PHONY: test-fast
test-fast: setup ## Run the tests that need no cluster
	@$(BIN)/pytest -x tests/unit tests/harness

.PHONY: lint
lint: setup ## Check style and types
	@$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

.PHONY: bench
bench: setup ## Run the benchmarks
	@$(BIN)/shopstream bench inventory

.PHONY: lock
lock: $(PACKAGES) ## Pin the newest versions that pyproject.toml allows
	@$(BIN)/pip-compile pyproject.toml --extra dev --output-file requirements.lock \
		--generate-hashes --strip-extras --allow-unsafe \
		--no-header --no-emit-index-url --no-emit-find-links

.PHONY: prerequisites
prerequisites:
	@command -v $(PYTHON) >/dev/null || {
		echo "make: $(PYTHON) is missing: install Python 3.11, or name it: make PYTHON=..." >&2; exit 1; }
	command -v $(JAVA) >/dev/null || {
		echo "make: $(JAVA) is missing: install a JDK 17 and put java on PATH, or set JAVA_HOME" >&2; exit 1; }
	version=$$($(JAVA) -version 2>&1 | sed -nE '1s/.*version "([0-9]+).*/\1/p')
	[ "$$version" = 17 ] || {
		echo "make: $(JAVA) is version $${version:-unknown}: install a JDK 17, or set JAVA_HOME to one" >&2; exit 1; }
	command -v $(MVN) >/dev/null || {
		echo "make: $(MVN) is missing: install Maven 3.8 or later" >&2; exit 1; }

# What pip was interrupted in may be half installed and looks whole to it: then start afresh.
$(PACKAGES): requirements.lock
	@unfinished=$(VENV)/.unfinished
	if [ -e $$unfinished ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then
		echo "making $(VENV)"
		$(PYTHON) -m venv --clear $(VENV)
	fi
	touch $$unfinished
	echo "installing the locked packages (minutes the first time)"
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements.lock \
		| sed '/^Requirement already satisfied/d'
	rm $$unfinished
	touch $@

$(PROJECT): $(PACKAGES) pyproject.toml
	@echo "installing shopstream itself"
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(FETCHED): connectors/pom.xml
	@echo "fetching Kafka, the registry and Flink's connectors (a minute the first time)"
	fresh=$(CURDIR)/$(JARS)/.fresh
	rm -rf $$fresh
	$(MVN) --quiet --batch-mode --no-transfer-progress -Dstyle.color=never \
		-f connectors/pom.xml -Djars.dir=$$fresh package
	for folder in flink kafka registry; do
		rm -rf $(JARS)/$$folder
		mv $$fresh/$$folder $(JARS)/$$folder
	done
	rmdir $$fresh
	touch $@

$(FLINK_LIB): $(PROJECT) $(FETCHED)
	@$(BIN)/python -m connectors.jars
	touch $@
