# Everything a checkout needs is made here, with Python 3.11 alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo up test check bench bench-match bench-disturbed bench-switch bench-rules bench-insight bench-capacity quality dashboards lock clean
.DEFAULT_GOAL := help

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(STAMP): deploy/locks/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/locks/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP)  ## the whole path on this machine: embedded broker and Redis, 20,000 parcels, a report
	$(BIN)/tidewaiter demo

up: $(STAMP)  ## the embedded broker and Redis, kept running, with topics, lists and rules in place
	$(BIN)/tidewaiter up

# Where the shell forbids bytecode each of the hundreds of processes that tests start would compile the package
# anew, a second of processor time. Files stay whole, since their tests share what is made once; in the order of
# the folders, since xdist would leave the files of few long tests for the end. Those that start servers wait much
# of the time, and each of the two workers has its own.
FILES := --dist loadfile --no-loadscope-reorder
test: export PYTHONDONTWRITEBYTECODE :=
test: check $(STAMP)  ## every check and every test, with the real servers that this machine has
	$(BIN)/python -m pytest -n auto $(FILES) tests/unit tests/contracts
	$(BIN)/python -m pytest -n 2 $(FILES) --ignore=tests/unit --ignore=tests/contracts

check: $(STAMP)  ## lint, types, import contracts
	$(BIN)/ruff check services tests deploy
	$(BIN)/ruff format --check services tests deploy
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## measure on Apache Kafka and Redis: rate, latency, stages, memory
	$(BIN)/python -m tests.bench.run

bench-match: $(STAMP)  ## measure the name index: rate, agreement with brute force, growth, size
	$(BIN)/python -m tests.bench.match

bench-disturbed: $(STAMP)  ## measure whom the name index finds under names written otherwise, by kind
	$(BIN)/python -m tests.bench.disturbed

bench-switch: $(STAMP)  ## measure a list switch under load: from the file to every worker, the longest pause
	$(BIN)/python -m tests.bench.switch

bench-rules: $(STAMP)  ## measure the rules: a predicate beside other implementations, a ruleset a parcel
	$(BIN)/python -m tests.bench.rules

bench-insight: $(STAMP)  ## measure a worker of insight that catches up on a month: rate, CPU, memory
	$(BIN)/python -m tests.bench.insight

bench-capacity: $(STAMP)  ## measure what an event and a parcel take of Kafka, Redis and the network
	$(BIN)/python -m tests.bench.capacity

quality: $(STAMP)  ## measure the default ruleset on a simulated week, into docs/quality.md
	$(BIN)/python -m tests.bench.quality

dashboards: $(STAMP)  ## write Grafana's dashboards from deploy/grafana/boards
	$(BIN)/python -m deploy.grafana.boards

lock: $(STAMP)  ## write deploy/locks/ anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q -o deploy/locks/runtime.txt
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q -o deploy/locks/dev.txt

clean:  ## remove what make made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
