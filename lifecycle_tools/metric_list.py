"""The list of metrics in docs/metrics.md, made from the seed metric_catalogue: ``python -m lifecycle_tools.metric_list``."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from lifecycle_tools.build import PROJECT_DIR

CATALOGUE = PROJECT_DIR / "seeds" / "lifecycle" / "metric_catalogue.csv"
PAGE = PROJECT_DIR / "docs" / "metrics.md"
_LIST = re.compile(r"(<!-- list of metrics -->\n).*?(<!-- end of list -->)", re.S)


def metric_list(catalogue: Path = CATALOGUE) -> str:
    """One table of Markdown for each step of the lifecycle, in the order of the catalogue."""
    with catalogue.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parts = []
    for step in dict.fromkeys((row["six_step_en"], row["six_step_fr"]) for row in rows):
        parts += [
            f"\n### {step[0].capitalize()} · {step[1]}\n",
            "| metric | name | nom | what it says | mart and column |",
            "|---|---|---|---|---|",
        ]
        parts += [
            f"| `{row['metric_id']}` | {row['name_en']} | {row['name_fr']} | {row['definition_en']} "
            f"| `{row['model']}`.`{row['column_name']}` |"
            for row in rows
            if (row["six_step_en"], row["six_step_fr"]) == step
        ]
    return "\n".join(parts) + "\n"


def with_list(page: str, metrics: str) -> str:
    """The page with the list of metrics between its two marks."""
    return _LIST.sub(lambda marks: f"{marks[1]}{metrics}\n{marks[2]}", page)


def main() -> None:
    """Write the list into the page."""
    PAGE.write_text(with_list(PAGE.read_text(encoding="utf-8"), metric_list()), encoding="utf-8")


if __name__ == "__main__":
    main()
