SHELL := bash
.DEFAULT_GOAL := help

# The interpreter of .venv, and more for pytest, for the benchmarks and for `test-all`.
PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=
FUZZ ?= partial_json answers
FUZZ_SECONDS ?= 300
VERSIONS ?=
export PYTHON

BIN := .venv/bin
SOURCES := streamflow tests benchmarks tools
TYPED := streamflow $(wildcard tests/typing)
# flake8-async, for what ruff does not see. Off, with the reason:
#   102, 119  a step closes what it reads with `closing` or in `finally`; it may run with no
#             loop, so it has no scope to shield with, and the stream that users hold closes
#             the outermost generator in time (101 still forbids to yield inside a scope)
#   106, 124  taste: how anyio is imported; coroutines of an interface that need not wait
#   9xx       what flake8-async itself leaves off
ASYNC_RULES := --anyio --enable=ASYNC --disable=ASYNC102,ASYNC119,ASYNC106,ASYNC124,ASYNC9
# In the execution layer also 103, 104: it carries errors from one task or thread to another.
ASYNC_RULES_EXECUTION := $(ASYNC_RULES),ASYNC103,ASYNC104

.PHONY: help run install test test-fast test-all check lint types format bench fuzz docs clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up and run the demo chain, with the tree of its runs
	@tools/venv.sh .venv cli
	@$(BIN)/streamflow run streamflow.demo:chain --input '{"topic": "parrot"}' --tree

install: ## set up .venv with everything that development needs
	@tools/venv.sh .venv dev

test: lint types ## set up, then lint, check types and run the whole suite
	@$(BIN)/python -c 'import platform as p, sys; print("testing on", p.python_implementation(), p.python_version(), "at", sys.executable)'
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-fast: install ## the suite alone: asyncio only, two processes
	STREAMFLOW_TEST_BACKENDS=asyncio $(BIN)/python -m pytest -p xdist -n 2 $(PYTEST_ARGS)

test-all: ## the suite on every supported Python found here, on every backend
	@tools/test_all.sh $(VERSIONS) -- $(PYTEST_ARGS)

check: test ## the same as test: what CI runs

lint: install ## ruff, the formatter's check, flake8-async
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/flake8-async $(ASYNC_RULES) $$(find streamflow -name '*.py' -not -path '*/execution/*')
	@$(BIN)/flake8-async $(ASYNC_RULES_EXECUTION) streamflow/execution/*.py

types: install ## mypy, strict
	$(BIN)/mypy $(TYPED)

format: install ## sort imports, mend what ruff can mend, format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: ## measure beside langchain-core and a hand-written floor; BENCH_ARGS="--help" for options
	@tools/venv.sh .venv bench
	@$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

fuzz: ## look for inputs that break a parser, for FUZZ_SECONDS (300) each: FUZZ="partial_json answers"
	@tools/venv.sh .venv fuzz
	@for target in $(FUZZ); do $(BIN)/python -m tests.fuzz.$$target $(FUZZ_SECONDS) || exit 1; done

docs: install ## renew the tables in the docs that are read off the code
	@$(BIN)/python -m tools.docs_tables

clean: ## remove environments, caches and results
	rm -rf .venv .venvs .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist benchmarks/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
