"""Superset's files in ``bi/superset``: ``python -m dev.superset write`` makes them, ``… pack`` zips them for one database."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dev.superset.dashboard import DASHBOARD, charts, dashboard
from dev.superset.datasets import VERSION, datasets, time_columns, uuid_of
from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.publishing import CURRENT, serving_directory, working_file

FOLDER = PROJECT_DIR / "bi" / "superset"
ZIP = PROJECT_DIR / "build" / "superset.zip"
DATABASE = "databases/customer_lifecycle.yaml"
# To read only; and without the functions by which a query would read other files of the machine.
OPTIONS = "?access_mode=READ_ONLY&enable_external_access=false"
ELSEWHERE = f"duckdb:////path/to/serving/current.duckdb{OPTIONS}"


def bundle(manifest: Any) -> dict[str, str]:
    """Every file of the folder, as text."""
    described = datasets(manifest)
    shown = charts(time_columns(manifest), described)
    database = {
        "database_name": "Customer lifecycle",
        "sqlalchemy_uri": ELSEWHERE,
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": uuid_of(DATABASE),
        "version": VERSION,
    }
    # no type of what is exported: so Superset takes the same file for dashboards, for datasets and for all together
    files = {"metadata.yaml": {"version": VERSION}, DATABASE: database, **described, **shown}
    files[DASHBOARD] = dashboard(shown)
    return {file: _yaml(content) for file, content in files.items()}


def packed(uri: str, folder: Path = FOLDER) -> bytes:
    """The folder as the zip file that Superset imports, with the address of the database in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            name = file.relative_to(folder).as_posix()
            if name == DATABASE:
                text = _yaml({**yaml.safe_load(text), "sqlalchemy_uri": uri})
            archive.writestr(f"customer_lifecycle/{name}", text)
    return held.getvalue()


def uri_of(published: Path) -> str:
    """The address under which Superset opens a published file: by its link, so that each query finds the last run."""
    return f"duckdb:///{published.absolute()}{OPTIONS}"


def write(files: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Make the folder hold these files and no other."""
    for old in folder.rglob("*.yaml"):
        if old.relative_to(folder).as_posix() not in files:
            old.unlink()
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.dump(
        content, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=None, width=130, allow_unicode=True
    )


def database() -> str:
    """The address of the database to pack for: SUPERSET_DATABASE, or the published file of this project."""
    named = os.environ.get("SUPERSET_DATABASE")
    published = serving_directory(working_file()) / CURRENT
    if not named and not published.exists():
        raise SystemExit(f"Nothing is published as {published}: run make build first, or set SUPERSET_DATABASE.")
    if named and not named.startswith("duckdb:"):
        raise SystemExit(
            f"SUPERSET_DATABASE is {named}: give duckdb:////…, since headcounts are summed in SQL of DuckDB."
        )
    return named or uri_of(published)


def main(arguments: list[str]) -> None:
    """Write the folder, or pack it."""
    if arguments == ["write"]:
        parsed = run_dbt(["parse"], warehouse_path=":memory:")
        if not parsed.success:
            raise SystemExit("\n".join(parsed.problems))
        write(bundle(parsed.manifest))
    elif arguments == ["pack"]:
        uri = database()
        ZIP.parent.mkdir(parents=True, exist_ok=True)
        ZIP.write_bytes(packed(uri))
        print(
            f"{os.path.relpath(ZIP, PROJECT_DIR)} is for {uri}: import it in Superset, Dashboards, Import dashboards."
        )
    else:
        raise SystemExit("Say what to do: python -m dev.superset write, or python -m dev.superset pack.")


if __name__ == "__main__":
    main(sys.argv[1:])
