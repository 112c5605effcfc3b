# Every target does its own set-up: .venv in this folder, from the hash-pinned locks. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first interpreter that is new enough; PYTHON=/path/to/python chooses another.
PYTHON ?= $(firstword $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done))
BIN := .venv/bin
CODE := backhaul ingestion simulator expectations dashboards dags bench tools tests

# Rendering SQL needs dbt, dbt needs a database: an empty one, never the warehouse.
DBT_IN_MEMORY := BACKHAUL_BUILD_DB=:memory: BACKHAUL_LAKE=var/no-lake

# Usage reporting of every tool off, in everything started from here.
include backhaul/telemetry.env
export $(shell sed -n 's/^\([A-Z_]*\)=.*/\1/p' backhaul/telemetry.env)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  Settings (environment): BACKHAUL_HOME, BACKHAUL_AIRFLOW_PORT, BACKHAUL_DASHBOARD_PORT; see backhaul/settings.py"

.PHONY: setup
setup: ## Make or refresh .venv from the locks (instant when nothing changed)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. Install it, or say where it is: make PYTHON=/path/to/python ..." >&2; exit 1; }
	@$(PYTHON) tools/setup.py

.PHONY: up
up: setup ## Run Airflow and the dashboards until Ctrl-C (ONCE=1: until the first publish)
	@exec $(BIN)/backhaul up $(if $(filter-out 0,$(ONCE)),--once)

.PHONY: test
test: setup ## Run every test (ARGS='tests/unit -x' chooses)
	@tools/ensure-programs
	@$(BIN)/python tools/run_tests.py $(ARGS)

.PHONY: lint
lint: setup ## Style and likely bugs (ruff)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)

.PHONY: types
types: setup ## Static types (mypy strict)
	@$(BIN)/mypy

.PHONY: sql-lint
sql-lint: setup ## SQL style, every model parsed as dbt renders it (sqlfluff)
	@$(DBT_IN_MEMORY) $(BIN)/sqlfluff lint dbt_project

.PHONY: check
check: lint types sql-lint test ## Everything that must pass before a change is merged

.PHONY: format
format: setup ## Let ruff and sqlfluff repair what they can
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)
	@$(DBT_IN_MEMORY) $(BIN)/sqlfluff fix dbt_project

.PHONY: sources
sources: setup ## Write what is generated: dbt's sources from the contracts, the metric catalogue from its definitions
	@PYTHONPATH=. $(BIN)/python dbt_project/generate_sources.py
	@PYTHONPATH=. $(BIN)/python dbt_project/generate_catalogue.py
	@PYTHONPATH=. $(BIN)/python dbt_project/generate_dictionary.py

.PHONY: bench
bench: setup ## Run the benchmarks, each against its limit
	@for each in bench/*.py; do test $$each = bench/__init__.py || $(BIN)/python $$each || exit 1; done

.PHONY: lock
lock: setup ## Resolve the dependencies anew into the locks (UPGRADE=1: to their newest versions)
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	  --no-header --group dev $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@cd tools && ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header $(if $(UPGRADE),--upgrade) requirements-uv.in -o requirements-uv.lock

.PHONY: clean
clean: ## Remove .venv and the caches (never the data: that is the home, var/)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
