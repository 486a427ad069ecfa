# Every command a user needs. The environment is made once, and again only when its lock file changes.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
RUN := $(VENV)/bin/python -m lifecycle_tools

CUSTOMERS ?= 10000
DIR ?= build/generated
HISTORIES ?= 2000
SEEDS ?= 2 3
RANDOM_HISTORIES := $(addprefix tests/python/test_,increments.py property_stages.py restatements.py)
PACKAGE_ON_POSTGRES := tests/python/package/test_package.py::test_the_same_project_builds_on_postgres
WITHOUT_PREDICTIONS := $(if $(filter 0 no off false,$(PREDICTIONS)),--without-predictions)

export DO_NOT_TRACK = 1
export GX_ANALYTICS_ENABLED = false

.PHONY: help demo build expectations test test-seeds test-engines test-postgres test-spark lint generate predict example-online-retail example-cdnow benchmark lock clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 26

# The stamp is written last: an interrupted installation starts again.
$(READY): requirements.txt
	@echo "Making the environment in $(VENV) (half a minute or so) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, not " + sys.version.split()[0])'
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

demo: $(READY) ## Build and test the warehouse from the demo data and show its customers by stage.
	@$(RUN) build --demo $(WITHOUT_PREDICTIONS)

build: $(READY) ## Build and check the warehouse from RAW_DATA_DIR (see README.md); FULL=1: all anew, PREDICTIONS=0: none.
	@$(RUN) build $(if $(FULL),--full-refresh) $(WITHOUT_PREDICTIONS)

expectations: $(READY) ## Ask whether raw data and what is published look as usual (Great Expectations; after a build).
	@$(RUN) expectations

test: $(READY) ## Run every test but those on other engines.
	@LIFECYCLE_HISTORIES=$${LIFECYCLE_HISTORIES:-$(HISTORIES)} $(VENV)/bin/python -m pytest tests/python --numprocesses 2 --dist loadfile --ignore tests/python/engines --ignore tests/python/spark --deselect $(PACKAGE_ON_POSTGRES)

test-seeds: $(READY) ## Run the tests of random histories at full count for each of SEEDS="2 3".
	@for seed in $(SEEDS); do \
		echo "seed $$seed"; \
		LIFECYCLE_SEED=$$seed $(VENV)/bin/python -m pytest --numprocesses 2 --dist loadfile $(RANDOM_HISTORIES) || exit 1; \
	done

test-engines: test-postgres test-spark ## Run what must hold on PostgreSQL and on Spark as on DuckDB.

test-postgres: $(READY) ## Run it on PostgreSQL: starts and stops a server of its own.
	@$(VENV)/bin/python -m pytest tests/python/engines $(PACKAGE_ON_POSTGRES) --durations=5

test-spark: $(READY) ## Run it on Spark: makes an environment of its own, needs Java 17.
	@$(VENV)/bin/python -m pytest tests/python/spark --durations=5 -s

# Models look at the raw tables while they are compiled: an empty warehouse in memory, so that the verdict depends on the files alone
# and a build going on at the same time is not in the way.
lint: $(READY) ## Lint the SQL (sqlfluff, dbt templater) and the Python (ruff).
	@$(VENV)/bin/ruff check lifecycle_tools tests/python
	@$(VENV)/bin/ruff format --check lifecycle_tools tests/python
	@WAREHOUSE_PATH=:memory: $(VENV)/bin/sqlfluff lint --processes 2 $(wildcard models analyses) tests/singular

generate: $(READY) ## Generate raw data: CUSTOMERS=100000 DIR=some/folder, as Parquet.
	@$(RUN) generate --customers $(CUSTOMERS) --dir $(DIR) --format parquet

predict: $(READY) ## Fit the value models to the warehouse as built and write their predictions (a part of build).
	@$(RUN) predict

example-online-retail: $(READY) ## Build the UCI Online Retail data: DATA=path/to/online_retail.parquet.
	@$(VENV)/bin/python -m lifecycle_tools.examples.online_retail $(DATA)

example-cdnow: $(READY) ## Build the CDNOW sample that comes with the package lifetimes.
	@$(VENV)/bin/python -m lifecycle_tools.examples.cdnow

benchmark: $(READY) ## Measure the lifecycle steps: CUSTOMERS="100000 1000000"; SPINE=100000: against a day spine too.
	@$(RUN) benchmark --customers $(CUSTOMERS) $(if $(SPINE),--spine $(SPINE))

lock: ## Compile the files of pinned packages (needs uv).
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file requirements.txt
	uv pip compile tests/python/dialects/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/dialects/requirements.txt
	uv pip compile tests/python/spark/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/spark/requirements.txt

clean: ## Remove what builds leave behind, the environment excepted.
	rm -rf target logs build warehouse.duckdb warehouse.duckdb.wal
