"""Command line: bring raw files into a server or to Parquet, or run a command beside a server that lives as long as it does.

python -m lifecycle_tools.engines postgres --load seeds/demo --run "dbt build --target postgres"
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lifecycle_tools.engines.parquet_files import write_raw_parquet
from lifecycle_tools.engines.postgres import copy_raw_tables, running_server
from lifecycle_tools.engines.raw_files import raw_warehouse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status, or 1 with a sentence when raw files cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m lifecycle_tools.engines", description=__doc__)
    commands = parser.add_subparsers(dest="engine", required=True)
    load = commands.add_parser("load", help="copy a directory of raw files into the PostgreSQL of PGHOST and so on")
    load.add_argument("directory", type=Path)
    load.add_argument("--schema", default=os.environ.get("RAW_SCHEMA") or "raw")
    parquet = commands.add_parser("parquet", help="write a directory of raw files as Parquet, a folder for each table")
    parquet.add_argument("directory", type=Path)
    parquet.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    postgres = commands.add_parser("postgres", help="start a PostgreSQL server, run a command, stop the server")
    postgres.add_argument("--load", type=Path, metavar="DIRECTORY", help="raw files to copy into it first")
    postgres.add_argument("--run", required=True, metavar="COMMAND", help="a shell command, with PGHOST and so on set")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server is removed as well
    try:
        if options.engine == "load":
            _load(options.directory, os.environ, options.schema)
            return 0
        if options.engine == "parquet":
            with raw_warehouse(options.directory) as warehouse:
                counts = write_raw_parquet(warehouse, options.to)
            print(f"Wrote {sum(counts.values())} rows of {len(counts)} tables below {options.to}.")
            return 0
        with running_server() as server:
            if options.load:
                _load(options.load, server.environment, "raw")
            return subprocess.run(options.run, shell=True, env=os.environ | server.environment, check=False).returncode
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1


def _load(directory: Path, environment: dict[str, str], schema: str) -> None:
    with raw_warehouse(directory, raw_schema=schema) as warehouse:
        counts = copy_raw_tables(warehouse, environment, schema)
    print(f"Copied {sum(counts.values())} rows into {len(counts)} tables of schema {schema}.")


if __name__ == "__main__":
    sys.exit(main())
