# Two commands do everything: `make run` and `make test`. Both make the virtual environment they need.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: run test check lint types imports bench pins clean

run: $(VENV)/installed          ## set up, then take the seeds into warehouse/copydesk.duckdb
	$(BIN)/copydesk run

test: $(VENV)/tested            ## set up, then pass the tests: two at a time, those with a Prefect server alone
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not server"
	$(BIN)/python -m pytest -m server

check: lint types imports       ## what CI asks for besides the tests

lint: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/tested
	$(BIN)/mypy

imports: $(VENV)/tested
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python requirements/run.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src flows  # pip does not for -e, and PYTHONDONTWRITEBYTECODE keeps Python from it
	touch $@

$(VENV)/tested: $(VENV)/installed requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	touch $@

pins:                           ## after a change in pyproject.toml: pin everything anew, with hashes
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate -o requirements/run.txt pyproject.toml requirements/build.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate -c requirements/run.txt --group dev -o requirements/dev.txt

clean:                          ## remove the environment and what the sample desk has written
	rm -rf $(VENV) warehouse/copydesk.duckdb* warehouse/runs warehouse/archive warehouse/logs
