# Two commands for everyone: `make demo` and `make test`. Neither needs more than Python
# and make to begin with; a second run installs nothing.

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?=
PYTEST_ARGS ?=
DEMO_ARGS ?=
BENCH ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# A person sees the downloads move; a workflow's log stays short.
PIP := $(BIN)/python -m pip install $(if $(CI),--quiet)

# The window's tests draw with software OpenGL on a virtual screen where X is used.
ifeq ($(shell uname -s),Linux)
SCREEN := env LIBGL_ALWAYS_SOFTWARE=1 QT_QPA_PLATFORM=xcb \
	xvfb-run -a -s "-screen 0 1600x1000x24"
endif

.DEFAULT_GOAL := help
.PHONY: help demo test system lint types contracts tests bench format reference clean
.NOTPARALLEL:

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-12s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## segment a simulated movie, print the scores, open napari
	@BIN="$(BIN)" sh scripts/demo.sh $(DEMO_ARGS)

test: system $(VENV)/.installed-test ## lint, types, import contracts and tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory contracts
	@$(MAKE) --no-print-directory tests

system: ## what the window's tests need of the system: Xvfb and GL
	@sh scripts/system_packages.sh install

lint: $(VENV)/.installed-test ## style, with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test ## types, with mypy
	$(BIN)/mypy

contracts: $(VENV)/.installed-test ## who may import whom, with import-linter
	$(BIN)/lint-imports

tests: $(VENV)/.installed-test ## the tests alone; PYTEST_ARGS="-k name" chooses some
	$(SCREEN) $(BIN)/python -m pytest $(PYTEST_ARGS)

bench: $(VENV)/.installed-test ## measure speed (docs/performance.md) and accuracy; BENCH="name" chooses
	@BIN="$(BIN)" sh scripts/bench.sh $(BENCH)

format: $(VENV)/.installed-test ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: $(VENV)/.installed ## rewrite docs/recipe.md from the parameter classes
	$(BIN)/python scripts/recipe_reference.py > docs/recipe.md

clean: ## remove the environment and everything that was built
	rm -rf "$(VENV)" build dist demo htmlcov .coverage .pytest_cache .mypy_cache \
		.ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python:
	PYTHON="$(PYTHON)" sh scripts/make_environment.sh "$(VENV)"
	@touch $@

# Editable, so that a changed source file needs no new installation.
$(VENV)/.installed: pyproject.toml $(VENV)/.python
	$(PIP) -e ".[napari]"
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(VENV)/.installed
	$(PIP) --group lint --group test
	@touch $@
