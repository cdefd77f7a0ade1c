# README.md explains the first two; CONTRIBUTING.md the rest.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := ui_plugin/web
UV := $(BIN)/uv pip install --quiet --constraints constraints.txt
CACHE ?=

.PHONY: install dev web web-dev demo demo-stop test test-fast check bench soak clean constraints

install: $(VENV)/.installed web            ## .venv with everything that one machine needs

dev: $(VENV)/.dev web                       ## the same, and what tests and checks need

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LineageNexus needs Python 3.11 or newer: make install PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv

$(VENV)/.installed: $(BIN)/uv pyproject.toml constraints.txt
	$(UV) --editable '.[all,demo]'
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(UV) --group dev
	touch $@

web: ui_plugin/nexus_ui_plugin/dist/index.html   ## the web UI, built

ui_plugin/nexus_ui_plugin/dist/index.html: $(VENV)/.installed $(shell git ls-files $(WEB) 2>/dev/null)
	$(BIN)/python tools/web.py build

test-fast: $(VENV)/.dev                     ## the inner loop, at most 3 minutes
	$(BIN)/pytest -q tests/unit tests/golden

test: dev                                   ## everything but soak and scale
	$(BIN)/pytest -m 'not soak and not scale' --durations=10

check: dev                                  ## style, types, layers, front end
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/web.py check

soak: dev                                   ## faults and load, long
	$(BIN)/pytest -m 'soak or scale' --durations=10

bench: dev                                  ## the figures that we promise
	$(BIN)/python -m benchmarks

demo: install                               ## everything from install to a running product
	$(BIN)/python -m demo start

demo-stop:
	$(BIN)/python -m demo stop

constraints: $(BIN)/uv                      ## resolve every extra anew; names no registry
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate \
	  --extra all --extra demo --group dev pyproject.toml --output-file constraints.txt

clean:                                      ## .venv and data; `make clean CACHE=1` the downloads too
	rm -rf $(VENV) .nexus ui_plugin/nexus_ui_plugin/dist $(WEB)/node_modules
	$(if $(CACHE),rm -rf $${XDG_CACHE_HOME:-$$HOME/.cache}/lineage-nexus)
