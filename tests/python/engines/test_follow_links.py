"""Chains of merges and of referrals: by joins, where an engine does not recurse, they come out as by recursion, or not at all."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle.raw_files import write_raw_data

from engines.conftest import Engines
from lifecycle_tools.engines.postgres import connect, copy_raw_tables
from lifecycle_tools.engines.raw_files import raw_warehouse

ENGINES = ("duckdb", "postgres")
# Graphs of at most one link from an id; None where a chain ends.
SIZES = {"forest": 40, "chain": 30, "circles": 40}
DEPTHS = (1, 2, 7, 31, 64)
LONGEST_MERGE, LONGEST_REFERRAL = 12, 9  # links of the longest chains in the raw data below
MODELS = ("int_identity_map", "identity_conflicts", "int_referral_results")
TABLES = ("intermediate.int_identity_map", "quality.identity_conflicts", "intermediate.int_referral_results")
SENTENCE = "A chain of {}, '{}' on it, is longer than the {} links that are followed: set LINK_DEPTH"


def graph(kind: str, rng: random.Random) -> dict[int, int]:
    """The next id of each id that has one."""
    ids = list(range(SIZES[kind]))
    if kind == "chain":
        return {number: number + 1 for number in ids}
    if kind == "forest":
        return {number: rng.randrange(number + 1, len(ids)) for number in ids[:-1] if rng.random() < 0.9}
    return {number: other for number in ids if (other := rng.choice(ids)) != number}


def chains_of(links: dict[int, int], latest: dict[int, int], most: int, until_start: bool) -> Iterator[tuple]:
    """The chains as a reader would follow them with a finger."""
    for start in links:
        reached, greatest, step = links[start], latest[start], 1
        yield start, reached, greatest, step
        while step < most and reached in links and not (until_start and reached == start):
            reached, greatest, step = links[reached], max(greatest, latest[reached]), step + 1
            yield start, reached, greatest, step


@pytest.mark.parametrize("engine", ENGINES)
def test_joins_and_recursion_follow_every_chain(engine: str, engines: Engines, tmp_path: Path) -> None:
    """Random forests, a long chain, circles with what hangs on them; to their end, to a depth, and until they come back."""
    rng = random.Random(1)
    expected, queries = set(), []
    for kind in SIZES:
        links = graph(kind, rng)
        latest = {number: rng.randrange(100) for number in links}
        rows = " union all ".join(f"select {a} as id, {b} as next_id, {latest[a]} as latest" for a, b in links.items())
        for until_start, depth in ((until_start, depth) for until_start in (True, False) for depth in DEPTHS):
            limits = f"until_start={str(until_start).lower()}"
            for way, most in (("recursion", f"at_most={depth}"), ("joins", f"step_total={depth}")):
                call = (
                    f"links_by_{way}('chains', 'links', id='id', next_id='next_id', latest='latest', {most}, {limits})"
                )
                name = f"{kind} {until_start} {depth} {way}"
                queries.append(
                    f"select '{name}' as name, found.* from (with recursive links as ({rows}), "
                    f"{{{{ {call} }}}} select * from chains) as found"
                )
                expected |= {(name, *row) for row in chains_of(links, latest, depth, until_start)}
    found = [tuple(row) for row in engines.query(engine, " union all ".join(queries), tmp_path)]
    assert len(found) == len(set(found))
    assert set(found) == expected


def random_links(rng: random.Random) -> list[tuple[str, str]]:
    """Links in the order in which they take effect: a ring, and small graphs with many cycles."""
    links = [(f"ring-{number:02}", f"ring-{(number + 1) % 40:02}") for number in range(40)]
    for graph_number in range(150):
        names = [f"g{graph_number}-{number}" for number in range(rng.randrange(2, 8))]
        pairs = [(one, other) for one in names for other in names if one != other]
        links += rng.sample(pairs, min(len(pairs), rng.randrange(1, 3 * len(names))))
    rng.shuffle(links)
    return links


def closing_links(links: list[tuple[str, str]]) -> set[int]:
    """The numbers of the links that close a cycle, one link after the other."""
    merged_into: dict[str, str] = {}
    closing = set()
    for number, (merged, canonical) in enumerate(links, start=1):
        if merged not in merged_into:
            end = canonical
            while end in merged_into:
                end = merged_into[end]
            if end == merged:
                closing.add(number)
            else:
                merged_into[merged] = canonical
    return closing


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("link_depth", ["recursive", "21"])
def test_links_that_close_a_cycle_are_those_found_one_after_the_other(
    engine: str, link_depth: str, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = random_links(random.Random(3))
    if link_depth != "recursive":  # by joins, a ring as long as that is left to int_identity_map, which stops the build
        links = [link for link in links if not link[0].startswith("ring")]
    monkeypatch.setenv("LINK_DEPTH", link_depth)
    rows = " union all ".join(
        f"select {n} as link_order, '{a}' as merged_person_id, '{b}' as canonical_person_id"
        for n, (a, b) in enumerate(links, 1)
    )
    found = engines.query(
        engine,
        "select closing.* from (with recursive numbered as (" + rows + "), links as (select *, lag(link_order) over "
        "(partition by merged_person_id order by link_order) as previous_order from numbered), "
        "{{ break_cycles('closing_links', links='links') }} select link_order from closing_links) as closing",
        tmp_path,
    )
    expected = closing_links(links)
    assert len(expected) > 100
    assert {int(number) for (number,) in found} == expected


def raw_chains() -> dict[str, list[dict[str, Any]]]:
    """Merges and referrals in random trees and circles, and a chain of each that is longer than all others."""
    rng = random.Random(2)
    start = datetime(2024, 1, 1, 12)
    raw: dict[str, list[dict[str, Any]]] = {"orders": [], "identity_links": [], "referrals": []}

    def buy(customer: str, day: int) -> None:
        row = {"order_id": f"o_{customer}", "customer_id": customer, "total_amount": 10}
        raw["orders"].append(row | {"ordered_at": start + timedelta(days=day)})

    def merge(customer: str, survivor: str, day: int) -> None:
        row = {"link_id": f"{customer}_{survivor}", "id_type": "customer_id", "id_value": customer}
        raw["identity_links"].append(row | {"customer_id": survivor, "linked_at": start + timedelta(days=day)})

    def refer(referrer: str, referred: str, day: int) -> None:
        row = {"referral_id": f"r_{referrer}_{referred}", "referrer_customer_id": referrer}
        raw["referrals"].append(row | {"referred_customer_id": referred, "invited_at": start + timedelta(days=day)})

    for tree in range(12):
        names = [f"m{tree}-{number}" for number in range(8)]
        for number, name in enumerate(names):
            buy(name, rng.randrange(30))
            for _ in range(rng.choice([1, 1, 2])):  # any other one: most of these trees have circles, of up to 8 links
                merge(name, rng.choice(names[:number] + names[number + 1 :]), 30 + rng.randrange(20))
        names = [f"t{tree}-{number}" for number in range(6)]
        for number, name in enumerate(names):
            refer(rng.choice(names[:number] + names[number + 1 :]), name, rng.randrange(20))
            buy(name, 30 + rng.randrange(20))
    for number in range(LONGEST_MERGE + 1):
        buy(f"long-{number:02}", 0)
        if number:
            merge(f"long-{number - 1:02}", f"long-{number:02}", rng.randrange(30, 50))
    for number in range(LONGEST_REFERRAL + 1):
        buy(f"friend-{number}", 20 + number)
        if number:
            refer(f"friend-{number - 1}", f"friend-{number}", number)
    return raw


@pytest.fixture(scope="module")
def settings(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a build of these rows needs on each engine."""
    directory = write_raw_data(raw_chains(), tmp_path_factory.mktemp("chains") / "raw")
    server = engines.server.new_database("chains")
    with raw_warehouse(directory, engines.directory / "target_duckdb") as warehouse:
        copy_raw_tables(warehouse, server.environment)
    of_both = {"as_of_date": date(2024, 6, 30).isoformat()}
    return {
        "duckdb": engines.duckdb_settings("chains", directory) | of_both,
        "postgres": engines.postgres_settings(server) | of_both,
    }


def rows_of(engine: str, settings: dict[str, Any]) -> dict[str, list[tuple]]:
    """The rows of TABLES, in some order of their own."""
    if engine == "duckdb":
        with duckdb.connect(str(settings["warehouse_path"]), read_only=True) as connection:
            found = {table: connection.execute(f"select * from {table}").fetchall() for table in TABLES}
    else:
        found = {}
        with contextlib.closing(connect(settings)) as connection, connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"select * from {table}")
                found[table] = cursor.fetchall()
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_build_by_joins_is_one_by_recursion_or_stops(engine: str, engines: Engines, settings) -> None:
    """Deep enough, all rows are the same; one link short, the build says so and leaves what stands there."""

    def run(link_depth: int | str, *selected: str) -> None:
        engines.run(engine, ["run", "--select", *selected], **settings[engine], link_depth=str(link_depth))

    engines.run(engine, ["seed"], **settings[engine])
    run("recursive", *(f"+{model}" for model in MODELS))
    expected = rows_of(engine, settings[engine])
    assert all(expected.values())
    assert max(row[-3] for row in expected[TABLES[2]] if row[-3]) == LONGEST_REFERRAL  # depth

    merges_on = [f"int_identity_links+,+{model}" for model in MODELS]
    # the first link of a chain is no link of int_identity_chains
    run(LONGEST_MERGE - 1, *merges_on)
    assert rows_of(engine, settings[engine]) == expected
    with pytest.raises(pytest.fail.Exception, match=SENTENCE.format("merged ids", "long-01", LONGEST_MERGE - 2)):
        run(LONGEST_MERGE - 2, *merges_on)

    run(LONGEST_REFERRAL, "int_referral_chains", "int_referral_results")
    last = f"r_friend-{LONGEST_REFERRAL - 1}_friend-{LONGEST_REFERRAL}"
    with pytest.raises(pytest.fail.Exception, match=SENTENCE.format("referrals", last, LONGEST_REFERRAL - 1)):
        run(LONGEST_REFERRAL - 1, "int_referral_chains", "int_referral_results")
    assert rows_of(engine, settings[engine]) == expected


@pytest.mark.parametrize("wrong", ["0", "65", "deep", "-1", "1.5"])
def test_a_depth_that_makes_no_sense_is_refused(wrong: str, engines: Engines, settings) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"LINK_DEPTH is '.*', but must be 'recursive' or a whole number"):
        engines.run("duckdb", ["compile", "--select", "int_identity_chains"], **settings["duckdb"], link_depth=wrong)
