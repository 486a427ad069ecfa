"""``calibrate``: propose RFM cut-offs and churn windows that fit the customers, show them, and write them when told to."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lifecycle_tools.calibrating import Proposal, propose_cutoffs, propose_thresholds
from lifecycle_tools.explaining import SEEDS, ExplainError, source_of, table
from lifecycle_tools.publishing import serving_directory, working_file

NO = ("", "0", "no", "off", "false")


def main(argv: Sequence[str] | None = None) -> int:
    """Print both seeds as they would be; return 0, or 1 with a sentence when nothing can be proposed."""
    parser = argparse.ArgumentParser(prog="calibrate", description=__doc__)
    parser.add_argument("--target", choices=("duckdb", "postgres"), default="duckdb", help="of the profile")
    parser.add_argument("--month", default=os.environ.get("MONTH", ""), help="of the quintiles; the last finished one")
    parser.add_argument("--returning", default=os.environ.get("RETURNING") or "10", help="percent who may come back")
    parser.add_argument(
        "--to", type=Path, default=os.environ.get("TO") or None, help="write the files into this folder"
    )
    parser.add_argument("--write", default=os.environ.get("WRITE", ""), help="1: write them into the project's seeds")
    options = parser.parse_args(argv)
    warehouse = working_file()
    try:
        month, returning = _month(options.month.strip()), _share(options.returning)
        source = source_of(options.target, warehouse, serving_directory(warehouse))
        proposals = [propose_cutoffs(source, month), propose_thresholds(source, returning)]
    except ExplainError as error:
        print(error, file=sys.stderr)
        return 1
    folder = SEEDS if options.write.strip().lower() not in NO else options.to
    for proposal in proposals:
        _show(proposal)
        if folder:
            print(f"  wrote {proposal.write(Path(folder))}")
    if not folder:
        print(
            "\nNothing is written. WRITE=1 writes both into seeds/lifecycle, TO=<folder> elsewhere "
            "(then try them: make whatif THRESHOLDS=<file>)."
        )
    elif Path(folder) == SEEDS:
        print(
            "\nThe next make build takes them; stages of the past change with churn_after_days (marts.stage_restatements)."
        )
    return 0


def _show(proposal: Proposal) -> None:
    print(f"\n{proposal.seed}")
    print("\n".join(f"  {line}" for line in proposal.said))
    changes = proposal.changes()
    if not changes:
        print("  no row changes")
        return
    print("  rows that change:")
    print("\n".join(table([list(changes[0]), *(list(row.values()) for row in changes)], "    ")))


def _month(text: str) -> date | None:
    if not text:
        return None
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1)
    except ValueError:
        raise ExplainError(f"MONTH={text} is no month: write it as 2025-05.") from None


def _share(text: str) -> float:
    """Of 100, from text such as 10, 10 % or 7.5."""
    try:
        percent = float(text.replace("%", "").replace(",", ".").strip())
    except ValueError:
        percent = -1
    if not 0 <= percent < 100:
        raise ExplainError(f"RETURNING={text} is no share: write percent from 0 to below 100, such as 10.")
    return percent / 100


if __name__ == "__main__":
    sys.exit(main())
