# The book's commands. `make help` lists them; each one first sets up what it needs in .venv, once.

PYTHON    ?= python3
PORT      ?= 9321
LAB_FLAGS ?=
BASE_URL  ?=
WORKERS   ?= 2
SHELL     := /bin/bash

VENV  := .venv
PY    := $(VENV)/bin/python
READY := $(VENV)/.ready
SITE  := _build/html
TORCH := 2.13.0

# Tests are shared by files, for those of one file share what they have computed.
SHARED := --numprocesses=$(WORKERS) --dist=loadfile

# JupyterLab refuses to start as root unless told that this is meant (containers).
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

# Four small messages answer each move of a slider; see dgmlib/jupyter.py.
PROMPT_FLAG := --ServerApp.kernel_websocket_connection_class=dgmlib.jupyter.PromptConnection

# What a claim's outcome depends on: the package, and the claims' own tests.
CLAIM_SOURCES := $(shell find dgmlib tests/claims -name '*.py' 2>/dev/null) notebooks/claims.yml

export BASE_URL
# One thread per process: results and timings do not depend on the machine's core count.
export OMP_NUM_THREADS ?= 1

.DELETE_ON_ERROR:
.PHONY: help setup lab site book live test notebooks bench reproduce lock clean node

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with everything pinned in requirements.lock

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "This book needs Python 3.11 or newer, but '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Install one and name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --requirement requirements.lock
	$(PY) -m pip install --quiet --no-deps --editable .
	@touch $@

node:
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null || { \
	  echo "The site needs Node.js 18 or newer (with npm); found: $$(node --version 2>/dev/null || echo none)." >&2; \
	  echo "Install it from your package manager, then run make again." >&2; exit 1; }

lab: setup ## open JupyterLab at the lectures (LAB_FLAGS="--no-browser --port 9999")
	cd notebooks && ../$(PY) -m jupyter lab $(PROMPT_FLAG) $(ROOT_FLAG) $(LAB_FLAGS)

site: setup node _build/claims.json ## build the site into _build/html, failing on the first defect
	$(PY) -m tools.claims_page _build/claims.json
ifeq ($(SITE),_build/html)
	cd theme && ../$(PY) -m dgmtheme.build ..
else
	rm -rf _build/kept $(SITE); if [ -d _build/html ]; then mv _build/html _build/kept; fi
	(cd theme && ../$(PY) -m dgmtheme.build ..) && mv _build/html $(SITE); built=$$?; \
	  if [ -d _build/kept ]; then mv _build/kept _build/html; fi; exit $$built
endif

# A claim that fails is printed as failed: the page tells the truth, and `make test` stops at it.
_build/claims.json: $(CLAIM_SOURCES) | $(READY)
	rm -f $@
	$(PY) -m pytest tests/claims --quiet --claims $@ $(SHARED) || test -s $@

book: site ## build the site, serve it and print its address (PORT=9321)
	cd theme && ../$(PY) -m dgmtheme.serve ../$(SITE) --port $(PORT)

live: setup node _build/claims.json ## serve the book while you write: pages reload when a source changes
	$(PY) -m tools.claims_page _build/claims.json
	cd theme && ../$(PY) -m dgmtheme.live ..

# Claims first, for the site prints their outcomes; measurements last, alone on the machine.
test: setup node ## run every test: unit, property, claims, notebooks, JupyterLab, site
	$(PY) -m pytest tests/claims --claims=_build/claims.json $(SHARED)
	$(PY) -m pytest --ignore=tests/claims -m 'not timing' $(SHARED)
	$(PY) -m pytest --ignore=tests/claims -m timing

notebooks: setup ## regenerate the .ipynb pairs from the .md sources and execute them
	$(PY) -m tools.notebooks

bench: setup ## measure speed against peer libraries
	$(PY) -m pytest benchmarks -o python_files='bench_*.py' --benchmark-only

reproduce: setup ## recompute the book's result tables
	$(PY) -m pip install --quiet --constraint requirements.lock --editable '.[peers]'
	$(PY) -m benchmarks.reproduce

lock: ## upgrade requirements.lock to the newest releases (torch stays as pinned)
	rm -rf _build/lock && $(PYTHON) -m venv _build/lock
	_build/lock/bin/python -m pip install --quiet 'torch$(TORCH:%===%)' --editable '.[test]'
	_build/lock/bin/python -m tools.lock > requirements.lock.new
	mv requirements.lock.new requirements.lock
	rm -rf _build/lock

clean: ## remove what was built (keeps .venv; `rm -rf .venv` removes that too)
	rm -rf _build dist notebooks/claims.md .pytest_cache .hypothesis .ruff_cache .benchmarks test-results
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
