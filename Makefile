# One command each. Every target brings its own environment up to date first: .venv, stamped on what it is made from.
SHELL := /bin/bash
VENV ?= .venv
PY := $(VENV)/bin/python
CHROMIUM := $(or $(TL_CHROMIUM),$(shell command -v chromium || command -v chromium-browser || command -v google-chrome))
# Three at a time, even on two cores: one has the browser, one the pages, and both wait for servers and workers.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
BROWSER := $(if $(CHROMIUM),,$(VENV)/.browser)

.PHONY: run classroom server test test-all check format texts clean
run: $(VENV)/.app  ## serve the app at http://127.0.0.1:8501
	$(VENV)/bin/streamlit run app.py

classroom: $(VENV)/.app  ## serve a room of people in the local network, by https
	$(PY) -m tl_core.cli.classroom

server: $(VENV)/.app  ## serve a team behind its sign-in; README says which settings it needs
	$(PY) -m tl_core.cli.server

test: $(VENV)/.dev $(BROWSER)  ## everything but the slow tests
	$(PY) -m pytest $(PARALLEL) -m "not slow"

test-all: $(VENV)/.dev $(BROWSER)  ## every test
	$(PY) -m pytest $(PARALLEL)

check: $(VENV)/.dev  ## format, lint, types, which room may know which
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev  ## put the format right
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

texts: $(VENV)/.dev  ## collect what people read, and compile what is translated; make texts LANGUAGE=fr begins a language
	$(PY) -m tests.texts $(LANGUAGE)

clean:
	rm -rf $(VENV)

# The first python that runs and is 3.11, 3.12 or 3.13.
$(PY):
	@for python in python3.13 python3.12 python3.11 python3 python; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "Thaw needs Python 3.11, 3.12 or 3.13 (with venv) and found none of them. Install one and run make again." >&2; exit 1

$(VENV)/.app: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --upgrade "pip>=25.1"
	$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.app
	$(PY) -m pip install --quiet --group dev
	@touch $@

$(VENV)/.browser: $(VENV)/.dev
	$(PY) -m playwright install chromium
	@touch $@
