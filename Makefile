# `make demo` and `make test` are all a newcomer types: each makes the environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MANIFEST := dbt/target/manifest.json

# Dozens of processes import the same libraries: whatever the caller's settings, the first keeps what it compiled.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo up test check audit prove bench detection lock manifest clean

demo: $(STAMP) $(MANIFEST)
	$(BIN)/hub demo

up: $(STAMP) $(MANIFEST)
	$(BIN)/hub up

test: $(STAMP) $(MANIFEST)
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder -m "not prove"

check: $(STAMP) $(MANIFEST)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python -m hub.scope_lint

# Known vulnerabilities of what is locked; says so where no advisory database answers.
audit: $(STAMP)
	$(BIN)/python deploy/tools/audit.py

prove: $(STAMP) $(MANIFEST)
	$(BIN)/pytest -m prove -s

bench: $(STAMP) $(MANIFEST)
	$(BIN)/python -m benchmarks

# The tables of docs/detection.md: what the detector finds, and how fast.
detection: $(STAMP)
	$(BIN)/python -m benchmarks.detection --set test --write docs/detection.md
	$(BIN)/python -m benchmarks.detection_speed --write docs/detection.md

manifest: $(MANIFEST)

# dbt reads the project only; no database is needed.
$(MANIFEST): $(STAMP) $(shell find dbt -name '*.sql' -o -name '*.yml' -not -path 'dbt/target/*')
	$(BIN)/python -m hub.models.dbt_process

$(STAMP): pyproject.toml requirements.lock
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --allow-existing --python $(PYTHON) $(VENV); \
	else $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; fi
	@if command -v uv >/dev/null 2>&1; then UV=uv; else UV=$(BIN)/uv; fi; \
	$$UV pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
	$$UV pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(STAMP)

# Names no registry: the client's own settings decide where packages come from.
lock: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) dbt/target build dist
