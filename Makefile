# Everything a checkout needs, from one place: `make` lists the targets.

PYTHON ?= python3.11
MVN ?= mvn
JAVA ?= $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)

VENV := .venv
BIN := $(VENV)/bin
JARS := .jars
PEERS := bench/peers/.venv
TEST_LAYERS := tests/unit tests/harness tests/cluster tests/e2e tests/chaos/test_chaos.py
# Then the test that runs is the last one, and what failed is told all the same.
TEST_SECONDS := 4800

# A stamp is written when its step is finished; a step that was interrupted has none and runs again.
PACKAGES := $(VENV)/.packages
PROJECT := $(VENV)/.project
FETCHED := $(JARS)/.fetched
JAVA_OF_OURS := $(JARS)/.java
FETCHED_CONNECT := $(JARS)/.fetched-connect
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
setup: prerequisites $(PROJECT) $(FLINK_LIB) $(FETCHED_CONNECT) ## Install everything a local run needs into .venv and .jars; repeat at will

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
test: setup ## Run the tests: unit, harness, cluster, e2e, and minutes of chaos
	@$(BIN)/pytest --session-timeout $(TEST_SECONDS) $(TEST_LAYERS)

.PHONY: chaos
chaos: setup ## Kill everything while the shop is open, for 10 minutes and more, and prove that nothing is lost
	@$(BIN)/shopstream chaos --minutes 10 --events 250000

.PHONY: test-poison
test-poison: setup ## Send what no reader can decode to every topic of every job, and prove that it is set aside
	@$(BIN)/pytest -s tests/chaos/test_poison.py

.PHONY: test-fast
test-fast: setup ## Run the tests that need no cluster
	@$(BIN)/pytest -x tests/unit tests/harness

.PHONY: explore
explore: setup ## Run the property tests on new random examples
	@$(BIN)/pytest --hypothesis-profile=default tests/unit tests/harness

.PHONY: fuzz
fuzz: setup ## Give every decoder garbage, 100,000 inputs, and the gateway 10,000 requests
	@$(BIN)/pytest -q --hypothesis-profile=fuzz --timeout 1800 tests/unit/runtime/test_fuzzed_records.py \
		tests/cluster/test_guarded_format.py
	SHOPSTREAM_FUZZ=10000 $(BIN)/pytest -o timeout=1800 tests/unit/webhooks/test_fuzz.py

.PHONY: lint
lint: setup ## Check style and types
	@$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

.PHONY: released
released: setup ## Keep the state that later releases must read, as this checkout writes it
	@PYTHONPATH=.:tests $(BIN)/python tests/harness/released/make.py
	PYTHONPATH=.:tests $(BIN)/python tests/e2e/released/make.py

.PHONY: bench
bench: setup $(PEERS)/.packages ## Run the benchmarks
	@$(BIN)/shopstream bench inventory
	$(BIN)/shopstream bench clickstream
	$(BIN)/shopstream bench webhooks

# In an environment of their own: the peers' dependencies are not ours.
$(PEERS)/.packages: bench/peers/requirements.lock
	@$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

.PHONY: lock
lock: $(PACKAGES) ## Pin the newest versions that pyproject.toml allows
	@$(BIN)/pip-compile pyproject.toml --extra dev --output-file requirements.lock \
		--generate-hashes --strip-extras --allow-unsafe \
		--no-header --no-emit-index-url --no-emit-find-links
	cd bench/peers && $(CURDIR)/$(BIN)/pip-compile requirements.in --output-file requirements.lock \
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

$(JAVA_OF_OURS): connectors/java/pom.xml $(shell find connectors/java/src -type f)
	@echo "building what is in Java: the format for Flink's SQL, and what stands beside Python"
	rm -rf $(CURDIR)/$(JARS)/java
	$(MVN) --quiet --batch-mode --no-transfer-progress -Dstyle.color=never \
		-f connectors/java/pom.xml -Djars.dir=$(CURDIR)/$(JARS)/java package
	touch $@

$(FETCHED_CONNECT): connectors/cdc/pom.xml
	@echo "fetching Kafka Connect and Debezium (a minute the first time)"
	fresh=$(CURDIR)/$(JARS)/.fresh-connect
	rm -rf $$fresh
	$(MVN) --quiet --batch-mode --no-transfer-progress -Dstyle.color=never \
		-f $< -Djars.dir=$$fresh package
	rm -rf $(JARS)/connect
	mv $$fresh/connect $(JARS)/connect
	rmdir $$fresh
	touch $@

$(FLINK_LIB): $(PROJECT) $(FETCHED) $(FETCHED_CONNECT) $(JAVA_OF_OURS)
	@$(BIN)/python -m connectors.jars
	touch $@
