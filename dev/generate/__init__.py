"""Demo data: a deterministic shop with subscriptions, marketing and recommendation, as raw files of the contract.

``generate(customers=600, directory="raw")`` writes all tables; the same arguments write the same bytes. The work is
done in chunks of people, each with random streams of its own, so memory does not grow with the number of customers.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from dev.generate import billing, feedback, identity, marketing, messages, referral, shop, truth, writing
from dev.generate.dirt import Dirt
from dev.generate.people import People
from dev.generate.schema import TABLES
from dev.generate.world import World

DEFAULT_END_DATE = date(2025, 6, 30)
CHUNK_SIZE = 50_000
TRUTH_TABLES = ("people", "identifiers", "lapses", "coverage", "dirt")


class ArgumentError(ValueError):
    """Arguments that make no sense together."""


def generate(
    *,
    customers: int,
    directory: str | Path,
    file_format: str = "csv",
    months: int = 18,
    seed: int = 1,
    end_date: date = DEFAULT_END_DATE,
    dirt: float = 0.01,
    truth_directory: str | Path | None = None,
    chunk_size: int = CHUNK_SIZE,
    quiet: bool = False,
) -> dict[str, int]:
    """Write the raw tables of ``customers`` people (prospects included) and return the number of rows by table.

    ``months`` before and up to ``end_date``; ``dirt`` is the share of dirty rows (0 = clean); ``truth_directory``
    receives what was drawn, as CSV, and must lie outside ``directory``. ``chunk_size`` people are worked on at a time:
    another size, other people. ``quiet`` silences the progress line that runs of more than five seconds write to
    stderr. Raises ``ArgumentError`` for arguments that make no sense.
    """
    directory = Path(directory)
    if customers < 1 or months < 1 or chunk_size < 1:
        raise ArgumentError("customers, months and chunk_size must be at least 1.")
    if not 0 <= dirt <= 0.5:
        raise ArgumentError("dirt is a share of rows between 0 and 0.5.")
    if truth_directory is not None and Path(truth_directory).resolve().is_relative_to(directory.resolve()):
        raise ArgumentError("The truth must not lie within the raw directory: an unknown file there stops a build.")
    world = World(customers, months, seed, end_date, dirt)
    sink = writing.Sink(directory, file_format, TABLES)
    truth_sink = None if truth_directory is None else writing.Sink(Path(truth_directory), "csv", TRUTH_TABLES)
    started = time.monotonic()
    soiled = Dirt(world.rng("dirt"), 0, dirt)
    for name, rows in _shared_tables(world):
        _write(sink, soiled, name, rows)
    _log_dirt(truth_sink, soiled)
    for chunk, first in enumerate(range(0, customers, chunk_size), start=1):
        numbers = np.arange(first + 1, min(first + chunk_size, customers) + 1, dtype=np.int64)
        people = People(world, chunk, numbers)
        orders = shop.Shop(people)
        contacts = marketing.Contacts(people)
        soiled = Dirt(world.rng("dirt", chunk), chunk, dirt)
        for name, *versions in _tables_of(people, orders, contacts):
            _write(sink, soiled, name, *versions)
        if truth_sink is not None:
            for name, rows in truth.tables(orders, contacts):
                truth_sink.write(name, writing.as_text(rows))
        _log_dirt(truth_sink, soiled)
        if not quiet and time.monotonic() - started > 5:
            done = numbers[-1]
            print(
                f"\r{done:,} of {customers:,} people, {time.monotonic() - started:.0f} s",
                end="",
                file=sys.stderr,
                flush=True,
            )
    if not quiet and time.monotonic() - started > 5:
        print(file=sys.stderr)
    return dict(sink.rows)


def _shared_tables(world: World) -> Iterator[tuple[str, pa.Table]]:
    yield "products", shop.products(world)
    yield "campaigns", marketing.campaigns(world)
    yield "ad_performance", marketing.ad_performance(world)
    yield "social_daily", marketing.social_daily(world)
    yield "podcast_daily", marketing.podcast_daily(world)


def _tables_of(people: People, orders: shop.Shop, contacts: marketing.Contacts) -> Iterator[tuple]:
    """Names of tables, their rows, and earlier versions of some of these where a system keeps them."""
    yield "customers", shop.customers(people)
    yield from orders.tables()
    yield "subscriptions", *billing.subscriptions(people)
    yield from contacts.tables()
    yield from feedback.Feedback(orders).tables()
    yield from referral.Recommendations(orders).tables()
    yield from identity.tables(people)
    yield "messages", messages.messages(people)


def _write(sink: writing.Sink, soiled: Dirt, name: str, rows: pa.Table, earlier: pa.Table | None = None) -> None:
    genuine = rows.num_rows
    if earlier is not None:
        rows = pa.concat_tables([rows, soiled.logged(name, "superseded_version", earlier)])
    rows = soiled.add_rows(name, soiled.restorable(name, rows))
    if sink.file_format == "csv":
        rows = soiled.unreadable_rows(name, writing.as_text(rows))
        rows = soiled.scribble(name, rows, TABLES[name].columns)
    sink.write(name, soiled.duplicates(name, rows, genuine))


def _log_dirt(truth_sink: writing.Sink | None, soiled: Dirt) -> None:
    if truth_sink is not None:
        columns = list(zip(*soiled.log, strict=True)) or [(), (), ()]
        names = ("table_name", "key", "reason")
        truth_sink.write(
            "dirt", pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)})
        )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    words = argparse.ArgumentParser(prog="python -m dev.generate", description=__doc__.split("\n\n")[0])
    words.add_argument("--customers", type=int, required=True, help="number of people, prospects included")
    words.add_argument("--dir", required=True, help="where the raw tables go")
    words.add_argument(
        "--format", choices=writing.FORMATS, default="csv", help="csv: one file a table; parquet: a folder of parts"
    )
    words.add_argument("--months", type=int, default=18, help="length of the history (default 18)")
    words.add_argument("--seed", type=int, default=1, help="another seed, other people (default 1)")
    words.add_argument(
        "--end-date", type=date.fromisoformat, default=DEFAULT_END_DATE, help=f"last day (default {DEFAULT_END_DATE})"
    )
    words.add_argument("--dirt", type=float, default=0.01, help="share of dirty rows (default 0.01, 0 = clean)")
    words.add_argument("--truth-dir", help="where the truth goes (default: nowhere); outside --dir")
    return words


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = parser()
    arguments = words.parse_args(argv)
    try:
        rows = generate(
            customers=arguments.customers,
            directory=arguments.dir,
            file_format=arguments.format,
            months=arguments.months,
            seed=arguments.seed,
            end_date=arguments.end_date,
            dirt=arguments.dirt,
            truth_directory=arguments.truth_dir,
        )
    except ArgumentError as problem:
        words.error(str(problem))
    print(f"{sum(rows.values()):,} rows in {len(rows)} tables: {arguments.dir}")
    return 0
