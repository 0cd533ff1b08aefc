# Two commands are enough on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
UV := $(shell command -v uv || echo python3 -m uv)
# A few JVMs side by side, one for each processor: each test waits for its own more often than it computes. Tests of a file
# may be chapters of one story.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile
# In the order of collection, which puts the longest first; else files of few tests would come last.
LONGEST_FIRST := --no-loadscope-reorder
# What came of the faults that tests inject is kept for the table.
PYTEST := $(PY) -m pytest -p tests.support.fault_table --faults-into .pytest_cache/faults
# A JVM that lives for minutes: the second compiler costs it more than faster code saves. Spark makes code for each query:
# the services' one, which has many, compiles what is called more often, and begins with room for it.
JVM := -XX:TieredStopAtLevel=1
test test-slow test-system faults: export JDK_JAVA_OPTIONS ?= $(JVM)
demo: export JDK_JAVA_OPTIONS ?= $(JVM) -XX:CompileThresholdScaling=5 -XX:NewSize=400m

.PHONY: help setup demo up down test test-slow test-system faults faults-table browser lint types imports bench lock clean

help: ## This list.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## Everything that is needed, into .venv.

$(READY): requirements.lock pyproject.toml infra/setup.sh
	@bash infra/setup.sh $(VENV)
	@touch $@

demo: $(READY) ## A made-up world's APIs and files carried to the marts by Airflow, with late and corrected records. DIRT=none or heavy.
	@$(PY) -m infra.app.demo $(if $(DIRT),--dirt $(DIRT))

up: $(READY) ## Start Spark Connect and Airflow.
	@$(VENV)/bin/guanxi up

down: $(READY) ## End what `make up` started.
	@$(VENV)/bin/guanxi down

test: $(READY) browser lint types imports ## Lint, strict types, import rules and the tests.
	@$(PYTEST) $(SIDE_BY_SIDE)

test-slow: $(READY) ## Whole data sets, many random histories, kills.
	@$(PYTEST) $(SIDE_BY_SIDE) $(LONGEST_FIRST) -m slow

test-system: $(READY) browser ## The services started for real, killed and started again.
	@$(PYTEST) -m system -p no:xdist $(ONLY)

faults: $(READY) ## What the pipeline survives: every fault injected, and a table of what came of it. ONLY=7 for one.
	@$(PY) -m tests.faults $(if $(ONLY),--only $(ONLY))

faults-table: $(READY) ## The same table of what came of them when they were last run, by whichever suite.
	@$(PY) -m tests.faults --table

browser: # What the tests of the pages look through.
	@bash infra/browser.sh

lint: $(READY) ## Style.
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .

types: $(READY) ## Strict types.
	@$(VENV)/bin/mypy

imports: $(READY) ## Who may import whom.
	@$(VENV)/bin/lint-imports --no-cache

bench: $(READY) ## Figures of speed and memory; not part of the tests.
	@$(PY) -m tests.bench

lock: ## Resolve the dependencies anew.
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock

clean: ## Remove what can be made again; the Guanxi home stays.
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
