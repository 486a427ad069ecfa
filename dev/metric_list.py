"""Lists of metrics in docs/metrics.md, from the seed metric_catalogue, and of headcounts in docs/bi.md, from the semantics.

``python -m dev.metric_list`` writes both.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import yaml

from lifecycle_tools.build import PROJECT_DIR

CATALOGUE = PROJECT_DIR / "seeds" / "lifecycle" / "metric_catalogue.csv"
PAGE = PROJECT_DIR / "docs" / "metrics.md"
SEMANTIC = PROJECT_DIR / "models" / "metrics" / "semantic"
BI_PAGE = PROJECT_DIR / "docs" / "bi.md"
_HEADCOUNTS = re.compile(r"(<!-- list of headcounts -->\n).*?(<!-- end of headcounts -->)", re.S)
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


def headcounts(semantic: Path = SEMANTIC) -> dict[tuple[str, str], set[str]]:
    """For each mart and date the columns that must not be summed over that date."""
    columns: dict[tuple[str, str], set[str]] = {}
    for path in sorted(semantic.glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["semantic_models"]:
            for measure in model["measures"]:
                if over := measure.get("non_additive_dimension"):
                    mart = re.search(r"'(\w+)'\)", model["model"])[1]
                    read = column_read(measure.get("expr", measure["name"]))
                    columns.setdefault((mart, over["name"]), set()).add(read)
    return columns


def column_read(expression: str) -> str:
    """The column that a measure sums: of `case when is_mature then nullif(spend_amount, 0) end` it is spend_amount."""
    return [word for word in re.findall(r"[a-z_]\w*", expression) if word != "end"][-1]


def headcount_list(semantic: Path = SEMANTIC) -> str:
    """A table of Markdown: for each mart the columns that must not be summed over time, and over which date."""
    rows = [
        f"| `{mart}` | {', '.join(f'`{column}`' for column in sorted(names))} | `{over}` |"
        for (mart, over), names in sorted(headcounts(semantic).items())
    ]
    return "\n".join(["| mart | columns | never summed over |", "|---|---|---|", *rows]) + "\n"


def with_headcounts(page: str, headcounts: str) -> str:
    """The page with the list of headcounts between its two marks."""
    return _HEADCOUNTS.sub(lambda marks: f"{marks[1]}{headcounts}{marks[2]}", page)


def main() -> None:
    """Write the lists into the pages."""
    BI_PAGE.write_text(with_headcounts(BI_PAGE.read_text(encoding="utf-8"), headcount_list()), encoding="utf-8")
    PAGE.write_text(with_list(PAGE.read_text(encoding="utf-8"), metric_list()), encoding="utf-8")


if __name__ == "__main__":
    main()
