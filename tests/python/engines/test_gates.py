"""The gates ask PostgreSQL what they ask DuckDB, and are told the same."""

from __future__ import annotations

from lifecycle_tools.commands.expectations import SUITES, DbtReader, check, reader_of


def test_every_gate_is_asked_and_finds_the_same(demo, engines) -> None:
    with reader_of(demo.duckdb_path, demo.duckdb_path) as reader:
        # the working file has one catalogue only, and its own marts are what was published
        reader.published, reader.published_quality = "marts", "quality"
        expected = list(check(reader))
    found = list(check(DbtReader("postgres", **engines.postgres_settings(demo.server))))
    assert {verdict.suite for verdict in found} == {path.stem for path in SUITES.glob("*.json")}
    assert [(verdict.suite, verdict.success, verdict.sentence) for verdict in found] == [
        (verdict.suite, verdict.success, verdict.sentence) for verdict in expected
    ]
