# What people and CI run. `make` alone says what there is.
SHELL := bash
.DEFAULT_GOAL := help

PYTHON ?= python3# the interpreter that .venv is made with
JOBS ?= 2# test processes
DATABASE ?=# postgresql: run the tests there, on a throw-away server, and not on SQLite
ARGS ?=# passed on, e.g. make test ARGS="tests/states -x", make demo ARGS="--headless --seed 7"

# What was compiled is kept: programs start hundreds of processes here, and each would compile every module anew.
export PYTHONDONTWRITEBYTECODE :=

BIN := .venv/bin
STAMP := .venv/.fundcall-ready
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url

.PHONY: help env demo demo-scale test check format bench proof pictures lock clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

env: $(STAMP) ## Build .venv from the hashed lock files (nothing to do if it stands)

$(STAMP): pyproject.toml requirements/uv.txt requirements/dev.txt scripts/environment
	@PYTHON="$(PYTHON)" scripts/environment
	@touch $@

demo: env ## Run the whole 2025 call on a simulated clock, then serve it (ARGS="--headless --applications 500")
	@$(BIN)/fundcall demo $(ARGS)

demo-scale: env ## PostgreSQL, two web processes and a worker; one is killed in the closing rush (ARGS="--submissions 500")
	@scripts/system-packages
	$(BIN)/python -m benchmarks.scale $(ARGS)

test: env ## Run the tests (ARGS="tests/states -k window"; DATABASE=postgresql: there, and not on SQLite)
	@scripts/system-packages
	$(if $(filter-out postgresql,$(DATABASE)),$(error DATABASE is postgresql, or nothing for SQLite))
	$(if $(DATABASE),$(BIN)/python -m tests.postgres )$(BIN)/pytest -n $(JOBS) $(ARGS)

check: env ## Lint, types, import directions, then the tests: what CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: env ## Lay out the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: env ## Measure, beside the floors and the peers
	$(BIN)/python -m benchmarks $(ARGS)

proof: env ## Run every campaign and write docs/how-tested.md; hours (ARGS="--quick", ARGS="--only faults")
	@scripts/system-packages
	$(BIN)/python -m tests.proof $(ARGS)

pictures: env ## Take the pictures that README shows (ARGS=queue for one)
	@scripts/system-packages
	$(BIN)/python -m tests.browser.pictures $(ARGS)

lock: env ## Write the hashed lock files anew (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) --group installer --output-file requirements/uv.txt
	$(COMPILE) $(ARGS) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) $(ARGS) pyproject.toml --group dev --constraint requirements/run.txt --output-file requirements/dev.txt

clean: ## Remove what was built; data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks dist build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
