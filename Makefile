# make maps   everything from a fresh clone to the maps of the sample province
# make test   the same set-up, then lint, types, import contract and all tests
.DEFAULT_GOAL := help
.PHONY: help maps sample test lint chromium firefox postgis readers docs bench clean

# The first Python that is new enough; PYTHON=/path/to/python3 chooses another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
WEB := $(wildcard web/*.json web/*.mjs) $(shell find web/src -type f 2>/dev/null)

.DEFAULT:
	@echo "make knows no target '$@'; make help lists them." >&2; exit 2

help:
	@echo "make maps    set up, then make the maps of the sample province into maps/"
	@echo "make test    set up, then lint, types, import contract and all tests"
	@echo "make sample  write the sample province into data/ again, byte for byte"
	@echo "make docs    write docs/tables.md and docs/errors.md again"
	@echo "make bench   run all benchmarks beside their peers (about an hour) and print every goal with its mark"
	@echo "make clean   remove the environment, the front-end bundle and the products"

$(VENV)/.made:
	@if [ -z "$(PYTHON)" ]; then echo "ntmgis needs Python 3.11 or newer, and no such python3 is on the PATH (PYTHON=/path/to/python3 make maps names one)." >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ntmgis needs Python 3.11 or newer; $(PYTHON) is older." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv) and run make again." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# An editable install; the build hook bundles web/ on the way (node comes from PATH or from a Python package).
$(VENV)/.installed: $(VENV)/.made pyproject.toml hatch_build.py $(WEB)
	@echo "Installing ntmgis and what it needs into $(VENV) (a minute or two, once)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# Benchmarks have an environment of their own: their peers bring libraries that neither products nor tests may lean on.
$(BENCH)/.installed: $(VENV)/.installed
	@echo "Installing ntmgis and the peers of its benchmarks into $(BENCH) (a minute or two, once)..."
	@rm -rf $(BENCH) && $(BIN)/python -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

maps: $(VENV)/.installed
	@$(BIN)/ntmgis build

sample: $(VENV)/.installed
	@$(BIN)/ntmgis sample --out . --quiet

docs: $(VENV)/.installed
	@$(BIN)/python scripts/make_docs.py

# The pages are tested in a real browser.
chromium:
	@sh tests/need_chromium.sh

firefox:
	@sh tests/need_firefox.sh

# The database is tested on a real server, which the tests start for themselves.
postgis:
	@sh tests/need_postgis.sh

# Other programs read back what was written.
readers:
	@sh tests/need_readers.sh

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.dev chromium firefox postgis readers lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(BENCH)/.installed chromium
	@$(BENCH)/bin/python benchmarks/run.py --all

clean:
	rm -rf $(VENV) $(BENCH) ntmgis/show/web/static web/node_modules store
	find maps -mindepth 1 -maxdepth 1 ! -name README.md ! -name pictures -exec rm -rf {} +
