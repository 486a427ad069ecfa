"""``explain`` and ``export`` say on PostgreSQL what they say on DuckDB: the tables of one build, in both."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from oracle.runs import demo

from lifecycle_tools.engines.postgres import copy_raw_tables
from lifecycle_tools.explaining import DuckDB, ExplainError, Postgres
from lifecycle_tools.explaining.customer import explain_customer
from lifecycle_tools.explaining.metric import explain_metric, metrics
from lifecycle_tools.exporting import export
from lifecycle_tools.publishing import Run, new_run_id, publish
from lifecycle_tools.publishing_postgres import publish_postgres


@pytest.fixture(scope="module")
def sources(engines, tmp_path_factory: pytest.TempPathFactory) -> tuple[DuckDB, Postgres]:
    directory = tmp_path_factory.mktemp("explain_postgres")
    warehouse = demo(directory, "UTC")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        marts = connection.execute("select table_name from information_schema.tables where table_schema = 'marts'")
        marts = [mart for (mart,) in marts.fetchall()]
        (as_of_date,) = connection.execute("select as_of_date from staging.as_of_date").fetchone()
    run = Run(new_run_id(), {"as_of_date": as_of_date, "reporting_currency": "EUR"})
    publish(warehouse, directory / "serving", marts, run)
    server = engines.server.new_database("explained")
    with pytest.raises(ExplainError, match="Nothing is published in the schema serving"):
        Postgres(server.environment)
    for schema in ("staging", "intermediate", "marts", "quality"):
        copy_raw_tables(warehouse, server.environment, schema)
    publish_postgres(server.environment, marts, run)
    return DuckDB(warehouse, directory / "serving"), Postgres(server.environment)


def test_a_server_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExplainError, match=r"^PostgreSQL cannot be reached \(.*\.s\.PGSQL\.5432.*\): see to PGHOST"):
        Postgres({"PGHOST": str(tmp_path), "PGPORT": "5432"})


@pytest.mark.parametrize("asked", ["10000040", "10000472", "v3000047-m", "atelier:10001020"])
def test_a_customer_is_explained_alike(sources: tuple[DuckDB, Postgres], asked: str) -> None:
    expected, said = (explain_customer(source, asked, None) for source in sources)
    assert said == expected


@pytest.mark.parametrize("asked", ["1000047x", "10001970", "nobody@example.org", "10001020", "100%"])
def test_an_unknown_or_ambiguous_id_ends_alike(sources: tuple[DuckDB, Postgres], asked: str) -> None:
    sentences = []
    for source in sources:
        with pytest.raises(ExplainError) as error:
            explain_customer(source, asked, None)
        sentences.append(str(error.value))
    assert sentences[0] == sentences[1]


@pytest.mark.parametrize("name", sorted(metrics()))
def test_a_metric_is_explained_alike(sources: tuple[DuckDB, Postgres], name: str) -> None:
    expected, said = (explain_metric(source, name, "2025-04") for source in sources)
    assert said == expected


def test_an_audience_is_exported_alike(sources: tuple[DuckDB, Postgres], tmp_path: Path) -> None:
    files = []
    for number, source in enumerate(sources):
        done = export(source, "win_back", "csv", tmp_path / str(number), "default")
        files.append(done.path.read_text())
    assert files[0] == files[1]
