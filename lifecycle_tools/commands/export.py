"""``export``: an audience with contact data, as a file to import where people are written to.

Only customers who consent are on it. Contact data are joined here and nowhere else, and the file may be read by its owner alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lifecycle_tools.explaining import ExplainError, source_of
from lifecycle_tools.exporting import NAMES, export
from lifecycle_tools.publishing import serving_directory, working_file


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file and say what is in it; return 0, or 1 with a sentence when there is none."""
    parser = argparse.ArgumentParser(prog="export", description=__doc__)
    parser.add_argument("--target", choices=("duckdb", "postgres"), default="duckdb", help="of the profile")
    parser.add_argument("--audience", default=os.environ.get("AUDIENCE", ""), help="of docs/export.md")
    parser.add_argument("--format", default=os.environ.get("FORMAT") or "csv", help=", ".join(NAMES))
    parser.add_argument("--brand", default=os.environ.get("BRAND", ""), help="where the audience is of several brands")
    parser.add_argument("--to", type=Path, help="another directory than exports beside the warehouse")
    options = parser.parse_args(argv)
    warehouse = working_file()
    try:
        source = source_of(options.target, warehouse, serving_directory(warehouse))
        directory = options.to or warehouse.parent / "exports"
        done = export(
            source, options.audience.strip(), options.format.strip(), directory, options.brand.strip() or None
        )
    except ExplainError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Wrote {done.path}: {done.written:,} of {done.listed:,} customers.")
    if left_out := done.listed - done.written:
        print(f"Left out: {left_out:,} without an address that this format needs, or who do not consent any more.")
    if done.without_phone:
        print(f"Left out: {done.without_phone:,} telephone numbers without a country code.")
    print("It holds contact data: delete it when it is uploaded.")
    return 0
