# Needs Python 3.11 or newer and make; everything else is set up on first use.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up demo test check bench chaos lock editor format clean

VENV := .venv
BIN := $(VENV)/bin
# The machine's own python3 first, then others by name; choose one with `make PYTHON=python3.12 up`.
PYTHON ?= $(or $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python3.15; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; \
	done),$(error Tidings needs Python 3.11 or newer: install it or say make PYTHON=/path/to/python3))
# Tests wait for servers more than they compute.
PROCESSES ?= 3
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

up: $(RUNTIME) ## Run everything: database, migrations, all services; Ctrl-C stops it
	@exec $(BIN)/tidings up

demo: $(RUNTIME) ## The same with a replayed day of activity
	@exec $(BIN)/tidings up --demo

test: $(DEV) ## Run every test
	@$(BIN)/python setup/browser.py >/dev/null
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV) ## Format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV) ## Measure, side by side with peers; results under bench/results/
	$(BIN)/python -m bench $(ARGS)

chaos: $(DEV) ## Kill, cut and fill up things under load; results under bench/results/
	$(BIN)/python -m tests.chaos $(ARGS)

format: $(DEV) ## Format the code and repair what can be repaired
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

UV = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml
lock: ## Write both lock files anew from pyproject.toml
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) --output-file requirements.lock
	$(UV) --constraint requirements.lock --extra dev --extra bench --output-file requirements-dev.lock

editor: ## Bundle the console's editor anew; needs npm, which nothing else does
	cd dashboard/editor && npm ci --ignore-scripts --no-audit --no-fund && npm run build

clean: ## Remove what is made, but never the data in .tidings
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.lock pyproject.toml setup/environment.py
	@"$(PYTHON)" setup/environment.py $(VENV) requirements.lock
	@touch $@

# One set of packages serves both: the dev lock holds all that the other one does.
$(DEV): requirements-dev.lock pyproject.toml setup/environment.py
	@"$(PYTHON)" setup/environment.py $(VENV) requirements-dev.lock
	@touch $(RUNTIME) $@
