# Two commands do everything: `make run` and `make test`. Both make the virtual environment they need.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

export COPYDESK_METADATA_PYTHON ?= $(abspath $(VENV)-metadata/bin/python)
export COPYDESK_CONTRACT_PYTHON ?= $(abspath $(VENV)-contract/bin/python)

.DEFAULT_GOAL := help
.PHONY: help run test quick check lint types imports docs readme metadata contract package shell plain-install pins clean

help:                           ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: $(VENV)/installed          ## set up, then load the seeds into warehouse/copydesk.duckdb
	$(BIN)/copydesk run
	@echo "next: 'make shell' puts the copydesk command on the PATH; then 'copydesk --help'"

test: $(VENV)/tested            ## set up, then pass all tests: two processes, those with a Prefect server alone
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "not server"  # short files come last
	$(PYTEST) -m server

quick: $(VENV)/tested           ## the tests that matter for most changes, in under 90 s
	$(PYTEST) -n 2 --dist loadfile -m "not server and not slow" \
	    $(addprefix --ignore=tests/,faults hostile flows service cli stages store/warehouse test_extending.py test_mcp.py test_notebook.py)

check: lint types imports       ## lint, types and import rules

lint: $(VENV)/tested            ## ruff, and its formatter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/tested           ## mypy --strict
	$(BIN)/mypy

imports: $(VENV)/tested         ## the layers, by import-linter
	$(BIN)/lint-imports

docs: $(VENV)/documented         ## the documentation as a site, into site/; needs no network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet && echo "open site/index.html"

readme: $(VENV)/tested          ## check the outputs that README.md and docs/ show
	$(BIN)/python -m bench.readme --check

metadata: $(VENV)-metadata/installed  ## libraries that check what exports say of themselves; their tests run with it

contract: $(VENV)-contract/installed  ## datacontract and dbt, which check the data contract and the dbt package; their tests run with it

package: $(VENV)-metadata/installed $(VENV)/installed  ## build sdist and wheel into dist/ and check their metadata
	rm -rf dist && $(BIN)/python -m hatchling build && $(VENV)-metadata/bin/twine check --strict dist/*

shell: $(VENV)/installed        ## a shell with the copydesk command on its PATH
	@echo "copydesk is on the PATH; leave with exit"; PATH="$(abspath $(BIN)):$$PATH" $${SHELL:-sh}

plain-install:                  ## what users get: `pip install .` without pins, in an environment of its own
	rm -rf $(VENV)-plain && $(PYTHON) -m venv $(VENV)-plain
	$(VENV)-plain/bin/pip install --quiet --disable-pip-version-check .
	cd $${TMPDIR:-/tmp} && rm -rf copydesk-plain && $(abspath $(VENV))-plain/bin/copydesk init copydesk-plain \
	    && cd copydesk-plain && $(abspath $(VENV))-plain/bin/copydesk run && $(abspath $(VENV))-plain/bin/copydesk doctor
	rm -rf $${TMPDIR:-/tmp}/copydesk-plain $(VENV)-plain

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

$(VENV)-metadata/installed: requirements/metadata.txt
	$(PYTHON) -m venv $(VENV)-metadata
	$(VENV)-metadata/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	touch $@

$(VENV)-contract/installed: requirements/contract.txt
	$(PYTHON) -m venv $(VENV)-contract
	$(VENV)-contract/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile -r $<
	touch $@

$(VENV)/documented: $(VENV)/tested requirements/docs.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/docs.txt
	touch $@

pins:                           ## after a change of dependencies in pyproject.toml: pin everything again, with hashes
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate -o requirements/run.txt pyproject.toml requirements/build.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate -c requirements/run.txt --group dev -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate -c requirements/run.txt -c requirements/dev.txt --group docs -o requirements/docs.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate -c requirements/run.txt -c requirements/dev.txt --group metadata -o requirements/metadata.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate --group contract -o requirements/contract.txt

clean:                          ## remove the environment and what the sample desk has written
	rm -rf $(VENV) $(VENV)-plain $(VENV)-metadata $(VENV)-contract site dist warehouse/copydesk.duckdb* warehouse/runs warehouse/archive warehouse/lineage warehouse/logs
