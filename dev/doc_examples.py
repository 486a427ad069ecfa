"""Results of the example queries in docs/marts.md: ``make docs-examples`` runs them on the demo and writes them into the page."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.build import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "marts.md"
# a heading, its query, and the table of its result, if there is one yet
_EXAMPLE = re.compile(r"(#### (\w+)\n\n```sql\n(.*?)\n```\n)(?:\n(?:\||No rows).*?\n(?=\n|\Z))?", re.S)


def examples(page: str) -> dict[str, str]:
    """Each mart of the page and its query."""
    return {found[2]: found[3] for found in _EXAMPLE.finditer(page)}


def with_results(page: str, warehouse: Path) -> str:
    """The page with what each of its queries gives on ``warehouse``."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def result(found: re.Match[str]) -> str:
            answer = connection.execute(found[3])
            columns = [column[0] for column in answer.description]
            rows = answer.fetchall()
            table = [columns, ["---"] * len(columns), *rows] if rows else []
            return found[1] + "\n" + ("".join(f"| {' | '.join(map(_text, row))} |\n" for row in table) or "No rows.\n")

        return _EXAMPLE.sub(result, page)


def _text(value: Any) -> str:
    """A value as the page shows it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "null" if value is None else str(value).replace("|", "\\|")


def main() -> None:
    """Write the results of the built demo into the page."""
    warehouse = Path(os.environ.get("WAREHOUSE_PATH", "warehouse.duckdb"))
    PAGE.write_text(with_results(PAGE.read_text(encoding="utf-8"), warehouse), encoding="utf-8")


if __name__ == "__main__":
    main()
