# What can be done here, from a fresh machine with Python alone. `make help` lists it.
# Each step leaves a stamp, so that doing it twice is harmless and quick.

PYTHON =
VENV = .venv
HOST = 127.0.0.1
PORT = 8000
MINUTES = 10
# A soak's decisions; drawn and printed when empty, the same again with the same one.
SEED =
# More arguments for pytest, for example: make test ARGS="tests/domain -k limits"
ARGS =
CHROMIUM = /usr/bin/chromium

BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
export CHROMIUM

serve = exec $(BIN)/survey serve --host "$(HOST)" --port "$(PORT)"
# On another port the printed links must name it, unless the instance has a public address.
name_port = if [ "$(PORT)" != 8000 ] && [ -z "$$SURVEY_PUBLIC_URL" ] \
  && ! grep -qs '^ *SURVEY_PUBLIC_URL' $(1)/survey.cfg; \
  then export SURVEY_PUBLIC_URL="http://127.0.0.1:$(PORT)"; fi

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test check bench soak messages libraries browser clean

help:  ## Say what can be made
	@echo "Jejak Sinyal. What can be made:"
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-17s %s\n", $$1, $$2 }'
	@echo "Variables: PORT=$(PORT) HOST=$(HOST) MINUTES=$(MINUTES) SEED=$(SEED) PYTHON=(interpreter) ARGS=(for pytest)"

run: $(VENV)/.installed libraries  ## Install what is missing and serve at http://127.0.0.1:8000 (PORT=, HOST=)
	@$(call name_port,instance); $(BIN)/survey init && $(serve)

demo: $(VENV)/.installed libraries  ## Serve a made-up campaign, kept apart in instance-demo/ (PORT=, HOST=)
	@export SURVEY_INSTANCE=instance-demo; $(call name_port,instance-demo); $(BIN)/survey demo && $(serve)

test: $(VENV)/.tests libraries node_modules/.package-lock.json browser  ## Run all tests, those in a browser too (ARGS=)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(VENV)/.tests libraries node_modules/.package-lock.json  ## Look at style, types, floors and JavaScript without running it
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q --no-header tests/project/test_layers.py tests/project/test_javascript_layers.py
	@PATH="$$PATH:$(BIN)" node node_modules/typescript/bin/tsc --project tsconfig.json
	@PATH="$$PATH:$(BIN)" node node_modules/typescript/bin/tsc --project tsconfig.worker.json
	@echo "Style, types, floors and JavaScript are in order."

bench: $(VENV)/.tests libraries  ## Measure against raw SQLite and raw files (at most 10 minutes)
	@$(BIN)/python -m bench

soak: $(VENV)/.tests libraries browser  ## Send visits over a bad network for a while (MINUTES=, SEED=)
	@$(BIN)/python -m bench.soak --minutes "$(MINUTES)" $(if $(SEED),--seed "$(SEED)")

messages: $(VENV)/.tests  ## Bring survey/translations/id.po in line with the texts of the code
	@$(BIN)/python -m tools.messages

clean:  ## Remove what was installed or built; data of instances stays
	rm -rf $(VENV) node_modules static/vendor build dist *.egg-info
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find survey tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A Python that is too old or without venv is named with its remedy.
$(VENV)/.made:
	@python="$(PYTHON)"; \
	new_enough='import sys; sys.exit(sys.version_info < (3, 11))'; \
	if [ -z "$$python" ]; then \
	  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	    if "$$candidate" -c "$$new_enough" >/dev/null 2>&1; then python="$$candidate"; break; fi; \
	  done; \
	fi; \
	if [ -z "$$python" ] || ! "$$python" -c "$$new_enough" >/dev/null 2>&1; then \
	  echo "Jejak Sinyal needs Python 3.11 or newer. Debian, Ubuntu: sudo apt install python3 python3-venv" >&2; \
	  echo "If it is installed under another name: make PYTHON=/path/to/python3.11" >&2; \
	  exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  echo "This Python cannot make environments. Debian, Ubuntu: sudo apt install python3-venv" >&2; \
	  exit 1; \
	fi; \
	echo "Making the environment $(VENV) with $$($$python --version) ..."; \
	"$$python" -m venv "$(VENV)"
	@touch $@

$(VENV)/.installed: $(VENV)/.made setup.cfg pyproject.toml survey/build_backend.py
	@echo "Installing Jejak Sinyal and the Python packages it needs ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) --editable '.[test]'
	@touch $@

# Quick when nothing changed: it compares hashes.
libraries: $(VENV)/.installed
	@$(BIN)/python -m survey.browser_libraries

node_modules/.package-lock.json: package.json package-lock.json | $(VENV)/.installed
	@echo "Installing what checks and tests of JavaScript need ..."
	@$(BIN)/python -m survey.browser_libraries --development
	@touch $@

browser:
	@if [ -x "$(CHROMIUM)" ]; then exit 0; fi; \
	if [ "$(CHROMIUM)" = /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing the browser that tests drive (Chromium) ..."; \
	  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } >/dev/null && exit 0; \
	fi; \
	echo "The tests drive Chromium, and $(CHROMIUM) is not there." >&2; \
	echo "Debian: sudo apt install chromium. Elsewhere: make test CHROMIUM=/path/to/chromium" >&2; \
	exit 1
