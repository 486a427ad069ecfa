# Every command a user needs. The environment is made once, and again only when its lock file changes.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
RUN := $(VENV)/bin/python -m lifecycle_tools
SITE_VENV := build/site_environment

CUSTOMERS ?= 10000
DIR ?= build/generated
# Counts of `make test`; `make test-full` takes those of the tests themselves, which are the full ones.
HISTORIES ?= 100
INCREMENT_HISTORIES ?= 60
RESTATEMENT_HISTORIES ?= 20
LOADS ?= 4
DIALECTS ?= bigquery
CONNECTOR_DIALECTS ?= bigquery databricks redshift snowflake
SEEDS ?= 2 3
ICEBERG_HISTORIES ?= 10
DUCKLAKE_HISTORIES ?= 30
KILLS ?= 50
COUNT ?= 40
RANDOM_HISTORIES := $(addprefix tests/python/test_,increments.py property_stages.py restatements.py truncation.py)
# One thread of dbt for each of two processes: two threads of one interpreter wait for each other.
# Slow files first (tests/python/conftest.py), each as soon as a process is free: the order is not xdist's own, by number of tests.
PYTEST := DBT_THREADS=1 $(VENV)/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
PACKAGE_ON_POSTGRES := tests/python/package/test_package.py::test_the_same_project_builds_on_postgres
ON := $(if $(TARGET),--target $(TARGET))
WITHOUT_PREDICTIONS := $(if $(filter 0 no off false,$(PREDICTIONS)),--without-predictions)

export DO_NOT_TRACK = 1
export GX_ANALYTICS_ENABLED = false

.PHONY: help demo build check-data publish board superset test-board test-connectors test-connector-seeds test-connectors-spark test-connector-dialects test-dlt explain whatif calibrate export expectations test test-full test-crash test-seeds test-engines test-postgres test-spark test-iceberg test-ducklake test-dbt-next test-superset test-site mutants test-mutants lint docs site docs-examples generate predict example-online-retail example-cdnow benchmark lock clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 26

# The stamp is written last: an interrupted installation starts again. --no-deps: the lock is complete. Without it pip asks again
# what a package with extras needs (pip 23.2 does), and a newer release of such a package stops an installation with hashes.
$(READY): requirements.txt lifecycle_tools/board/requirements.txt
	@echo "  environment: making it in $(VENV) (one to three minutes, this once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, not " + sys.version.split()[0])'
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	@$(VENV)/bin/python -m pip check --disable-pip-version-check
	@$(VENV)/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
		--dest $(VENV)/share/board -r lifecycle_tools/board/requirements.txt
	@touch $@

demo: $(READY) ## Build and test the warehouse from the demo data and show its customers by stage.
	@$(RUN) build --demo $(WITHOUT_PREDICTIONS)

build: $(READY) ## Build, check and publish from RAW_DATA_DIR (see README.md); FULL=1: everything again, PREDICTIONS=0: none, TARGET=postgres.
	@$(RUN) build $(ON) $(if $(FULL),--full-refresh) $(WITHOUT_PREDICTIONS)

check-data: $(READY) ## Read and judge the raw files of RAW_DATA_DIR (or the demo's), and build nothing that stays.
	@$(RUN) check-data

publish: $(READY) ## Check the warehouse as built and publish it (a part of build).
	@$(RUN) publish $(ON)

board: $(READY) ## Write the board, one HTML file, from what is published (a part of build).
	@$(RUN) board

superset: $(READY) ## Pack datasets and dashboard for Apache Superset, build/superset.zip, for the published file or SUPERSET_DATABASE=<URI>.
	@$(VENV)/bin/python -m dev.superset pack

explain: $(READY) ## Say why a customer is in its stage (CUSTOMER=10000040), or what a number is made of (METRIC=churn_rate MONTH=2025-05).
	@$(RUN) explain $(ON)

whatif: $(READY) ## Say who moves to which stage under other thresholds, and what the metrics become: THRESHOLDS=file.csv OUT=file.csv.
	@$(RUN) whatif

calibrate: $(READY) ## Propose RFM cut-offs and churn windows that fit your customers: MONTH=2025-05 RETURNING=10 TO=<folder> or WRITE=1.
	@$(RUN) calibrate $(ON)

export: $(READY) ## Write an audience with contact data: AUDIENCE=at_risk FORMAT=csv, parquet, klaviyo, hubspot, meta or google.
	@$(RUN) export $(ON)

expectations: $(READY) ## Ask whether raw data and marts look as usual, and write build/gates.html (Great Expectations; after a build).
	@$(RUN) expectations $(ON)

test: $(READY) ## Run every test but those on other engines: few random histories and loads, one of the dialects that are compiled.
	@LIFECYCLE_HISTORIES=$${LIFECYCLE_HISTORIES:-$(HISTORIES)} \
		LIFECYCLE_INCREMENT_HISTORIES=$${LIFECYCLE_INCREMENT_HISTORIES:-$(INCREMENT_HISTORIES)} \
		LIFECYCLE_RESTATEMENT_HISTORIES=$${LIFECYCLE_RESTATEMENT_HISTORIES:-$(RESTATEMENT_HISTORIES)} LIFECYCLE_LOADS=$(LOADS) \
		LIFECYCLE_DIALECTS="$(DIALECTS)" \
		$(PYTEST) tests/python --ignore tests/python/crash --ignore tests/python/engines --ignore tests/python/spark --ignore tests/python/iceberg --ignore tests/python/ducklake --ignore tests/python/board --ignore tests/python/connectors \
		--ignore tests/python/dbt_next --ignore tests/python/dlt_pipelines --ignore tests/python/superset --ignore tests/python/test_site.py --deselect $(PACKAGE_ON_POSTGRES)

test-full: $(READY) ## Run what make test runs in part: 2,000 random histories, 500 of them in eight increments; five dialects; 8 as-of dates.
	@LIFECYCLE_AS_OF_DATES=8 $(PYTEST) $(RANDOM_HISTORIES) tests/python/test_dialects.py tests/python/cases/test_mature_means_finished.py

test-seeds: $(READY) ## Run them so for each of SEEDS="2 3".
	@for seed in $(SEEDS); do echo "seed $$seed"; LIFECYCLE_SEED=$$seed $(PYTEST) $(RANDOM_HISTORIES) || exit 1; done

test-crash: $(READY) ## Kill publications and builds at KILLS=50 random moments each, with six readers (an hour or so).
	@LIFECYCLE_KILLS=$(KILLS) LIFECYCLE_READERS=6 $(VENV)/bin/python -m pytest tests/python/test_publishing.py tests/python/crash -k killed

test-engines: test-postgres test-spark test-connectors-spark ## Run what must hold on PostgreSQL and on Spark as on DuckDB.

test-postgres: $(READY) ## Run it on PostgreSQL: starts and stops a server of its own.
	@$(VENV)/bin/python -m pytest tests/python/engines $(PACKAGE_ON_POSTGRES) --durations=5

test-spark: $(READY) ## Run it on Spark: makes an environment of its own, needs Java 17.
	@$(VENV)/bin/python -m pytest tests/python/spark --durations=5 -s

test-iceberg: $(READY) ## Build increments on Apache Iceberg, on Spark 3.5, from ICEBERG_HISTORIES=10 random histories: needs Java 17.
	@LIFECYCLE_ICEBERG_HISTORIES=$(ICEBERG_HISTORIES) $(VENV)/bin/python -m pytest tests/python/iceberg --durations=5 -s

test-ducklake: $(READY) ## Build increments in a DuckLake, with readers and a writer beside them, from DUCKLAKE_HISTORIES=30 random histories.
	@LIFECYCLE_DUCKLAKE_HISTORIES=$(DUCKLAKE_HISTORIES) $(VENV)/bin/python -m pytest tests/python/ducklake --durations=5

test-board: $(READY) ## Open the board in Chromium: makes an environment of its own, needs chromium and chromium-driver.
	@$(VENV)/bin/python -m pytest tests/python/board --durations=5 -s

test-connectors: $(READY) ## Read the generator's world as each vendor holds it, by each loader, and hold what comes back to it.
	@$(PYTEST) tests/python/connectors --ignore tests/python/connectors/on_spark --durations=5

test-connector-seeds: $(READY) ## Do so for each of SEEDS="2 3", each vendor and loader alone.
	@LIFECYCLE_CONNECTOR_SEEDS="$(SEEDS)" $(VENV)/bin/python -m pytest tests/python/connectors/test_round_trip.py --durations=5

test-connectors-spark: $(READY) ## Hold what the connectors of Shopify and Stripe make on Spark to DuckDB: as make test-spark, three minutes.
	@$(VENV)/bin/python -m pytest tests/python/connectors/on_spark -s

test-connector-dialects: $(READY) ## Compile the connectors for the warehouses of CONNECTOR_DIALECTS, by each loader (no connection).
	@LIFECYCLE_CONNECTOR_DIALECTS="$(CONNECTOR_DIALECTS)" $(VENV)/bin/python -m pytest tests/python/connectors/test_connector_dialects.py --durations=5

test-dlt: $(READY) ## Run the pipelines of the page on dlt against a small HTTP server: makes an environment of its own.
	@$(VENV)/bin/python -m pytest tests/python/dlt_pipelines --durations=5

test-dbt-next: $(READY) ## Build the demo with the next dbt-core, 1.12: makes an environment of its own.
	@$(VENV)/bin/python -m pytest tests/python/dbt_next --durations=5

test-superset: $(READY) ## Drive Apache Superset over its REST API while runs are published: makes an environment of its own (0.9 GB).
	@$(VENV)/bin/python -m pytest tests/python/superset --durations=5

test-site: $(READY) ## Build the documentation site and look at every page of it.
	@$(VENV)/bin/python -m pytest tests/python/test_site.py --durations=3

# Models look at the raw tables while they are compiled: an empty warehouse in memory, so that the verdict depends on the files alone
# and a build going on at the same time is not in the way.
mutants: $(READY) ## Plant COUNT=40 more faults, by rule, and record which test sees each (docs/planted_faults.md; a build of the demo, then about a minute each).
	@$(VENV)/bin/python -m dev.mutants --count $(COUNT)

test-mutants: $(READY) ## Plant COUNT faults that a test saw before, which must see them still; others after each change of the code.
	@$(VENV)/bin/python -m dev.mutants --again $(COUNT)

lint: $(READY) ## Lint the SQL (sqlfluff, dbt templater) and the Python (ruff).
	@$(VENV)/bin/ruff check lifecycle_tools dev tests/python
	@$(VENV)/bin/ruff format --check lifecycle_tools dev tests/python
	@WAREHOUSE_PATH=:memory: $(VENV)/bin/sqlfluff lint --processes 2 $(wildcard models analyses) tests/singular

generate: $(READY) ## Generate raw data: CUSTOMERS=100000 DIR=some/folder, as Parquet.
	@$(VENV)/bin/python -m dev.generate --customers $(CUSTOMERS) --dir $(DIR) --format parquet

docs: $(READY) ## Make the pages of dbt docs as one file, build/docs/index.html (after a build).
	@$(VENV)/bin/dbt docs generate --static --quiet
	@mkdir -p build/docs && cp target/static_index.html build/docs/index.html
	@echo "Open build/docs/index.html."

$(SITE_VENV)/.ready: dev/site/requirements.txt
	@$(PYTHON) -m venv $(SITE_VENV)
	@$(SITE_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r dev/site/requirements.txt
	@$(SITE_VENV)/bin/python -m pip check --disable-pip-version-check
	@touch $@

site: $(SITE_VENV)/.ready ## Make the documentation site, build/site: these pages with search, for a browser without a server.
	@$(SITE_VENV)/bin/python -m dev.site

docs-examples: $(READY) ## Write what is generated in docs/: results of examples (after make demo), the raw contract, metrics, messages, the lineage picture.
	@$(VENV)/bin/python -m dev.doc_examples
	@$(VENV)/bin/python -m dev.contract_page
	@$(VENV)/bin/python -m dev.metric_list
	@$(VENV)/bin/python -m dev.message_list
	@$(VENV)/bin/python -m dev.lineage
	@$(VENV)/bin/python -m dev.superset write

predict: $(READY) ## Fit the value models to the warehouse as built and write their predictions (a part of build).
	@$(RUN) predict

example-online-retail: $(READY) ## Build the UCI Online Retail data: DATA=path/to/online_retail.parquet.
	@$(VENV)/bin/python -m dev.examples.online_retail $(DATA)

example-cdnow: $(READY) ## Build the CDNOW sample that comes with the package lifetimes.
	@$(VENV)/bin/python -m dev.examples.cdnow

benchmark: $(READY) ## Measure the lifecycle steps: CUSTOMERS="100000 1000000"; SPINE=100000: against a day spine too.
	@$(VENV)/bin/python -m dev.benchmark --customers $(CUSTOMERS) $(if $(SPINE),--spine $(SPINE))

lock: ## Compile the files of pinned packages (needs uv).
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file requirements.txt
	uv pip compile lifecycle_tools/board/requirements.in --universal --no-deps --generate-hashes --no-emit-index-url \
		--python-version 3.11 --output-file lifecycle_tools/board/requirements.txt
	uv pip compile dev/site/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file dev/site/requirements.txt
	uv pip compile tests/python/board/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--no-emit-package playwright --no-emit-package pyee --no-emit-package greenlet \
		--python-version 3.11 --output-file tests/python/board/requirements.txt
	uv pip compile tests/python/dialects/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/dialects/requirements.txt
	uv pip compile tests/python/spark/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/spark/requirements.txt
	uv pip compile tests/python/spark/requirements_3_5.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/spark/requirements_3_5.txt
	uv pip compile tests/python/iceberg/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/iceberg/requirements.txt
	uv pip compile tests/python/ducklake/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/ducklake/requirements.txt
	uv pip compile tests/python/dbt_next/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--no-emit-package dbt-core-experimental-parser --python-version 3.11 --output-file tests/python/dbt_next/requirements.txt
	uv pip compile tests/python/dlt_pipelines/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/dlt_pipelines/requirements.txt
	uv pip compile tests/python/superset/requirements.in --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --output-file tests/python/superset/requirements.txt

clean: ## Remove what builds leave behind, the environment excepted.
	rm -rf target logs build serving warehouse.duckdb warehouse.duckdb.wal warehouse.duckdb.lock warehouse.duckdb.seconds
