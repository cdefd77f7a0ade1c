# README.md explains the first ones; CONTRIBUTING.md the rest. A step prints one line; what fails prints its reason.
SHELL := /bin/bash
.ONESHELL:
.SILENT:
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
# Where it is set, each start of a process compiles every module anew: 10 s until the API answers, not 5.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := ui_plugin/web
DIST := ui_plugin/nexus_ui_plugin/dist
UV := VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --constraints constraints.txt
CACHE ?=
ONLY ?=
WORKERS ?= 2

.PHONY: install dev web docs demo demo-stop dist test test-fast check bench soak clean constraints

install: $(VENV)/.installed web             ## .venv with everything that one machine needs

dev: $(VENV)/.dev web                       ## the same, and what tests and checks need

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LineageNexus needs Python 3.11 or newer, and this is %d.%d. With another one: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python makes no virtual environments. Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	echo "Making $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv

$(VENV)/.installed: $(BIN)/uv pyproject.toml constraints.txt
	echo "Installing LineageNexus, with Airflow, PostgreSQL and Java for the demo"
	$(UV) --editable '.[all,demo]'
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	echo "Installing what tests and checks need"
	$(UV) --group dev
	touch $@

web: $(DIST)/index.html                     ## the web UI, built

# The program knows what changed and builds only then.
$(DIST)/index.html: $(VENV)/.installed $(wildcard $(shell git ls-files $(WEB) 2>/dev/null))
	echo "Building the web UI"
	$(BIN)/python tools/web.py build
	touch $@

test-fast: $(VENV)/.dev                     ## the inner loop, at most 3 minutes
	$(BIN)/pytest -q -m 'not soak and not scale' tests/unit tests/golden

test: dev                                   ## everything but soak and scale, in two processes; WORKERS=0 in one
	$(BIN)/pytest -q -m 'not soak and not scale' -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations=10

check: dev                                  ## style, types, layers, front end
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/web.py check

dist: web                                   ## wheel and sdist with the web UI, in dist/
	rm -rf dist
	$(BIN)/uv build --quiet --out-dir dist
	ls dist

docs: $(BIN)/uv                             ## the docs as a site in build/docs; fails on a broken link
	NO_MKDOCS_2_WARNING=1 $(BIN)/uv tool run --quiet --from mkdocs-material==9.8.1 mkdocs build --quiet --strict
	echo "build/docs/index.html"

soak: dev                                   ## faults and load, long
	$(BIN)/pytest -q -m 'soak or scale' --durations=10

bench: dev                                  ## writes, reads and lag, five minutes; others: ONLY=estate, changes, memory, scale, sql, harvest
	$(BIN)/python -m benchmarks $(ONLY)

demo: install                               ## everything from install to a running product
	$(BIN)/python -m demo start

demo-stop:
	$(BIN)/python -m demo stop

constraints: $(BIN)/uv                      ## resolve every extra anew; names no registry
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate \
	  --extra all --extra demo --group dev pyproject.toml --output-file constraints.txt

clean:                                      ## .venv and data; `make clean CACHE=1` the downloads too
	if [ -d .nexus/demo ] && [ -x $(BIN)/python ]; then $(BIN)/python -m demo stop; fi
	rm -rf $(VENV) .nexus $(DIST) $(WEB)/node_modules build dist
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	$(if $(CACHE),rm -rf $${NEXUS_CACHE_DIR:-$$HOME/.cache/lineage-nexus})
