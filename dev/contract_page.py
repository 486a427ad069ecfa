"""The page docs/raw_contract.md, made from the sources' YAML: ``python -m dev.contract_page``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lifecycle_tools.build import PROJECT_DIR, run_dbt

SOURCES = PROJECT_DIR / "models" / "base" / "_raw__sources.yml"
PAGE = PROJECT_DIR / "docs" / "raw_contract.md"
SHARED = ("brand", "loaded_at", "deleted_at")
HEAD = """# The raw contract

For engineers who write the files or tables that the warehouse reads. Words: [glossary](glossary.md).

The tables that the warehouse reads. [Bring your own data](bring_your_own_data.md) says how. This page is made from
[`models/base/_raw__sources.yml`](../models/base/_raw__sources.yml) (`make docs-examples`); a test keeps the two equal.

- `orders` or `subscriptions` must have a row. Every other table may be absent; so may every column that is not required.
- A required column must be there, and a row without a value in it is rejected. Other columns of yours are ignored.
- Text is enough for every column: cleaning reads text and native types.
- "Feeds" names the folders of `models/` that read the cleaned table.

| type | what is read |
|---|---|
| `id` | any text; `.0` at the end is removed; an e-mail address, or a telephone number with its `+`, becomes a hash |
| `customer_id` | as `id`; words for an unknown buyer count as absent |
| `text`, `code` | text without blanks at its ends; a code in lower case |
| `email` | one address, in lower case, without a name beside it; anything else counts as absent |
| `country`, `currency` | ISO 3166-1 alpha-2, or a name from the seed `country_aliases`; ISO 4217 |
| `subscription_status` | a word of the seed `subscription_statuses`; any other counts as absent |
| `timestamp`, `date` | ISO 8601, UTC or with an offset; a bare date is midnight in the business time zone |
| `amount`, `number`, `count` | decimal point or comma; two decimals, four decimals, whole numbers |
| `boolean` | `true/t/yes/y/on/1`, `false/f/no/n/off/0`, also in French, German, Italian, Spanish, Portuguese and Dutch |
"""


def feeds(manifest: Any) -> dict[str, list[str]]:
    """The folders of models that read each raw table once it is cleaned."""
    readers = defaultdict(set)
    for node in manifest.nodes.values():
        if node.resource_type == "model":
            folder = "/".join(Path(node.original_file_path).parts[1:-1])
            for parent in node.depends_on.nodes:
                layer, _, table = parent.split(".")[-1].partition("__")
                if layer.startswith("stg_") and not folder.startswith(("base", "staging", "calendar", "quality")):
                    readers[table].add(folder.removeprefix("intermediate/"))
    return {table: sorted(folders) for table, folders in readers.items()}


def contract_page(folders: Mapping[str, list[str]], sources: Path = SOURCES) -> str:
    """The whole page."""
    tables = yaml.safe_load(sources.read_text(encoding="utf-8"))["sources"][0]["tables"]
    shared = [column for column in tables[0]["columns"] if column["name"] in SHARED]
    parts = [HEAD, "## Tables\n", "| table | what a row is |", "|---|---|"]
    parts += [f"| [`{table['name']}`](#{table['name']}) | {_line(table['description'])} |" for table in tables]
    parts += ["\n## Columns of every table\n", *_columns(shared)]
    for table in tables:
        meta = table["config"]["meta"]
        said = ["Key: " + ", ".join(f"`{name}`" for name in meta["key"]) + " (with `brand`)."]
        main = meta.get("main") or []
        if main:
            said.append(
                "Date: " + ", else ".join(f"`{name}`" for name in ([main] if isinstance(main, str) else main)) + "."
            )
        if folders.get(table["name"]):
            said.append("Feeds: " + ", ".join(folders[table["name"]]) + ".")
        own = [column for column in table["columns"] if column["name"] not in SHARED]
        parts += [f"\n## {table['name']}\n", _line(table["description"]) + "\n", " ".join(said) + "\n", *_columns(own)]
    return "\n".join(parts) + "\n"


def _columns(columns: list[dict[str, Any]]) -> list[str]:
    rows = ["| column | type | required | example | what it is |", "|---|---|---|---|---|"]
    for column in columns:
        meta = column["config"]["meta"]
        required = "yes" if meta.get("required") else ""
        rows.append(
            f"| `{column['name']}` | {meta['type']} | {required} | `{meta['example']}` | {_line(column['description'])} |"
        )
    return rows


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the page."""
    parsed = run_dbt(["parse"], warehouse_path=":memory:")
    if not parsed.success:
        raise SystemExit("\n".join(parsed.problems))
    PAGE.write_text(contract_page(feeds(parsed.manifest)), encoding="utf-8")


if __name__ == "__main__":
    main()
