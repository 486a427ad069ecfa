"""``whatif``: who would be in which stage under other thresholds, and what that does to the metrics.

Works in a copy of the warehouse that is deleted afterwards: marts, working file and published file stay as they are. What comes
of it is kept in a file beside the published one, and the board is written again to show it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools import outcomes
from lifecycle_tools.board import BoardError, make_served_board
from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.publishing import (
    CURRENT,
    PublishError,
    dbt_settings,
    holds_demo,
    only_build,
    serving_directory,
    working_file,
)
from lifecycle_tools.salt import salt_of
from lifecycle_tools.whatif import WhatIfError
from lifecycle_tools.whatif.comparison import Comparison, compare, describe, save, write_csv
from lifecycle_tools.whatif.kept import keep
from lifecycle_tools.whatif.thresholds import Thresholds, read_thresholds

USAGE = "Say which file has the thresholds: make whatif THRESHOLDS=<file.csv> (docs/recipes/try_a_threshold.md)."
SEED = "lifecycle_thresholds"
COMPARED = ("lifecycle_customers", "customer_stage_intervals", "lifecycle_metrics_monthly")
STAGES = (
    "model.customer_lifecycle.int_customer_episodes"  # what depends on it depends on who is active, or in which stage
)
IS_COMPLETE = """
    select current_build.build_number = recorded.build_number and as_of.as_of_date = recorded.as_of_date
    from intermediate.int_recorded_build as recorded
    cross join intermediate.int_current_build as current_build
    cross join staging.as_of_date as as_of
"""
UNFINISHED = "The last build of {} did not end, so there is nothing whole to compare with: run make build first."
PUBLISHED_RUN = "select run_id from published.publish_meta"
OTHER_THAN_PUBLISHED = """
    select 1 from (
        select brand, customer_id, current_stage from marts.lifecycle_customers
        except all
        select brand, customer_id, current_stage from published.marts.lifecycle_customers
    )
    limit 1
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the comparison; return 0, or 1 with a sentence when there is none."""
    parser = argparse.ArgumentParser(prog="whatif", description=__doc__)
    parser.add_argument("--thresholds", default=os.environ.get("THRESHOLDS", ""), help="a file like the seed's")
    parser.add_argument("--out", default=os.environ.get("OUT", ""), help="a CSV file that is to hold the comparison")
    options = parser.parse_args(argv)
    try:
        if not options.thresholds.strip():
            raise WhatIfError(USAGE)
        out = _checked_out(options.out.strip())
        for line in what_if(Path(options.thresholds.strip()), working_file(), out):
            print(line, flush=True)
    except (WhatIfError, PublishError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the program that reads has seen enough, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def what_if(
    file: Path, warehouse: Path, out: Path | None = None, *, manifest: Any = None, **settings: Any
) -> Iterator[str]:
    """Build the stages of ``warehouse`` again under the thresholds of ``file``, in a copy, and say line by line what differs.

    ``manifest``: of the project, where it has been read. ``settings``: further ones of dbt.
    Raises ``WhatIfError`` or ``PublishError`` with a sentence.
    """
    if not warehouse.exists():
        raise WhatIfError(
            f"There is no warehouse {warehouse}: run make build first, or say where it is with WAREHOUSE_PATH."
        )
    of_warehouse = dbt_settings(warehouse)
    folder = Path(of_warehouse.get("dbt_target_path", PROJECT_DIR / "target")) / "whatif"
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / warehouse.name  # views name the database, which is the name of the file
    with only_build(copy):
        try:
            serving = serving_directory(warehouse)
            with _as_it_is(warehouse) as connection:
                now, segments = _thresholds(connection, warehouse)
                new = read_thresholds(file, now, segments)
                run_id, differs = _published_run(connection, serving)
                if not holds_demo(warehouse):
                    settings = {"identity_salt": salt_of(warehouse), **settings}
                _copy(warehouse, copy)
            yield "  building the stages under these thresholds, in a copy of the warehouse ..."
            if differs:
                yield "  compared with the working file, whose last build is not what is published"
            marts = _build(copy, new, manifest, {**settings, "dbt_target_path": folder})
            with _opened(copy) as connection:
                found = compare(connection, marts)
            if out:
                write_csv(found, out)
            shown = _shown(found, now, new, serving, None if differs else run_id, file.name) if run_id else ""
            yield from describe(found, now, new)
            if out or shown:
                yield ""
            if out:
                yield f"Wrote:     {out}"
            if shown:
                yield shown
        finally:
            for path in (copy, copy.with_name(f"{copy.name}.wal")):
                path.unlink(missing_ok=True)


def _shown(
    found: Comparison, now: Thresholds, new: Thresholds, serving: Path, run_id: str | None, file_name: str
) -> str:
    """Put the comparison on the board; say where it is to be seen, or why it is not."""
    try:
        keep(found, now, new, serving, run_id=run_id, file_name=file_name)
        return f"Look at:   {make_served_board(serving)}#whatif (in a browser)"
    except (WhatIfError, BoardError) as error:
        return f"Warning: {error}"


def _checked_out(name: str) -> Path | None:
    """Where the CSV is to be; said before anything is built if it cannot be."""
    if not name:
        return None
    out = Path(name).resolve()
    if out.suffix.lower() != ".csv":
        raise WhatIfError(f"OUT={name} is no CSV file: write a name that ends with .csv.")
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise WhatIfError(f"OUT={name} cannot be written: make the directory {out.parent}, or say another one.")
    return out


@contextmanager
def _as_it_is(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working file, to which no process writes meanwhile; readers are not in the way."""
    with only_build(warehouse):
        try:
            connection = duckdb.connect(str(warehouse), read_only=True)
        except duckdb.Error as error:
            if outcomes.OPEN_ELSEWHERE.search(str(error)):
                raise WhatIfError(
                    f"Another program has {warehouse} open to write: close it, then ask again."
                ) from error
            raise WhatIfError(f"{warehouse} cannot be read: {str(error).splitlines()[0]}") from error
        with connection:
            yield connection


def _thresholds(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> tuple[dict[str, dict[str, int]], list[str]]:
    """The thresholds of the last build, which is complete, and the segments that customers have."""
    try:
        found = connection.execute(f"select * from staging.{SEED}")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        segments = connection.execute(
            "select distinct segment from intermediate.int_customers where trim(segment) <> '' order by 1"
        ).fetchall()
        complete = connection.execute(IS_COMPLETE).fetchone()
    except duckdb.CatalogException:
        complete = None
    if not complete or not complete[0]:
        raise WhatIfError(UNFINISHED.format(warehouse))
    return {row.pop("segment"): row for row in rows}, [segment for (segment,) in segments]


def _published_run(connection: duckdb.DuckDBPyConnection, serving: Path) -> tuple[str | None, bool]:
    """The run that readers see, and whether customers are in other stages in the working file, as after a failed publication."""
    published = str(serving / CURRENT).replace("'", "''")
    with suppress(duckdb.Error):  # nothing is published, or by an older version
        connection.execute(f"attach '{published}' as published (read_only)")
        (run_id,) = connection.execute(PUBLISHED_RUN).fetchone()
        return run_id, connection.execute(OTHER_THAN_PUBLISHED).fetchone() is not None
    return None, False


def _copy(warehouse: Path, copy: Path) -> None:
    try:
        for source in (warehouse, warehouse.with_name(f"{warehouse.name}.wal")):
            target = copy.with_name(source.name)
            target.unlink(missing_ok=True)
            if source.exists():
                target.touch(mode=0o600)
                shutil.copyfile(source, target)
    except OSError as error:
        size = warehouse.stat().st_size / 1e9
        raise WhatIfError(
            f"The warehouse cannot be copied to {copy.parent} ({error.strerror}): free {size:.1f} GB "
            "there, which are needed as long as this takes."
        ) from error


def _build(copy: Path, new: Thresholds, manifest: Any, settings: Mapping[str, Any]) -> list[str]:
    """Build what the comparison reads, as an increment of the copy; return the marts that depend on stages."""
    with _opened(copy) as connection:
        save(connection)
        connection.execute(f"delete from staging.{SEED}")
        for segment, values in new.items():
            row = {"segment": segment, **values}
            marks = ", ".join("?" for _ in row)
            connection.execute(f"insert into staging.{SEED} ({', '.join(row)}) values ({marks})", list(row.values()))
        currency = connection.execute("select any_value(currency) from marts.lifecycle_customers").fetchone()[0]
    settings = {
        **settings,
        "warehouse_path": copy,
        "raw_data_dir": "",  # the copy has the rows of the last build, and no file is read again
        "reporting_currency": currency or "",
        "dbt_write_json": "false",
    }
    if manifest is None:
        parsed = run_dbt(["parse"], **settings)
        _stop_on_failure(parsed, copy)
        manifest = parsed.manifest
    selected = [f"{SEED}+,+{model}" for model in COMPARED]
    built = run_dbt(["run", "--select", *selected, "int_current_build"], manifest=manifest, **settings)
    _stop_on_failure(built, copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        moved = "select 1 from intermediate.int_changed_customers where has_other_history limit 1"
        if connection.execute(moved).fetchone():
            raise WhatIfError(UNFINISHED.format(copy.name))
    return [node.name for node in manifest.nodes.values() if STAGES in _ancestors(manifest, node.unique_id)]


def _opened(copy: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(copy), config={"memory_limit": os.environ.get("DUCKDB_MEMORY_LIMIT") or "6GB"})


def _ancestors(manifest: Any, unique_id: str) -> set[str]:
    found: set[str] = set()
    todo = [unique_id]
    while todo:
        node = manifest.nodes.get(todo.pop())
        if node is not None and node.unique_id not in found:
            found.add(node.unique_id)
            todo += getattr(node.depends_on, "nodes", ())  # a seed has none
    return found


def _stop_on_failure(result: Any, copy: Path) -> None:
    if not result.success:
        sentences = outcomes.failures(result, copy)
        raise WhatIfError("\n".join(sentences) or "dbt failed without saying why.")
