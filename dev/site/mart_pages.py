"""A page for each published table: question, grain, trap, query with its result, metrics made of it, and columns.

Each fact is read from its one home: question, query and result from docs/marts.md, grain, trap, key and columns from the YAML of
the model, metrics from the seed metric_catalogue. The pages are made for the site alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

PROJECT_DIR = Path(__file__).resolve().parents[2]
OVERVIEW = PROJECT_DIR / "docs" / "marts.md"
FOLDER = "docs/marts"
MODELS = PROJECT_DIR / "models"
CATALOGUE = PROJECT_DIR / "seeds" / "lifecycle" / "metric_catalogue.csv"
NAVIGATION = '    { "Final models" = "docs/marts.md" },\n'

_GROUP = re.compile(r"^## (.+)$", flags=re.M)
_QUESTION = re.compile(r"^\| ([^|]*\?[^|]*) \| \[`(\w+)`\]\(#\2\) \|", flags=re.M)
_EXAMPLE = re.compile(r"^#### (\w+)\n\n(.*?)(?=^##|\Z)", flags=re.M | re.S)
_DESCRIPTION = re.compile(r"(?P<grain>.*?)\s*Nuance: (?P<trap>.*?)\s*Primary key: (?P<key>.*?)\s*", flags=re.S)
_DOC_BLOCK = re.compile(r"{% docs (\w+) %}\s*(.*?)\s*{% enddocs %}", flags=re.S)


@dataclass(frozen=True)
class Mart:
    """What docs/marts.md says of a published table; ``group`` is the heading under which it stands."""

    name: str
    group: str
    question: str
    example: str


def marts(overview: str) -> list[Mart]:
    """The published tables, in the order of docs/marts.md. ValueError: one of them has no query there."""
    examples = {found[1]: found[2].strip() for found in _EXAMPLE.finditer(overview)}
    listed = []
    for group in re.split(r"^(?=## )", overview, flags=re.M)[1:]:
        for question, name in _QUESTION.findall(group):
            if name not in examples:
                raise ValueError(f"docs/marts.md has no query of {name}: add a heading #### {name} with one.")
            listed.append(Mart(name, _GROUP.match(group)[1], question, examples[name]))
    return listed


def pages() -> dict[str, str]:
    """The page of each published table, by its path on the site."""
    listed, models, blocks = marts(OVERVIEW.read_text(encoding="utf-8")), described(), _doc_blocks()
    names = [mart.name for mart in listed]
    return {
        f"{FOLDER}/{mart.name}.md": "\n".join(page_of(mart, models[mart.name], names, blocks)).rstrip() + "\n"
        for mart in listed
    }


def overview(page: str) -> str:
    """The page docs/marts.md of the site: each question leads to the page of its table, which has the query."""
    return re.sub(r"\(#(\w+)\)", r"(marts/\1.md)", _EXAMPLE.sub("", page))


def navigation(configuration: str) -> str:
    """The configuration of the site with the pages of all tables below "Final models". ValueError: it has no such entry."""
    if configuration.count(NAVIGATION) != 1:
        raise ValueError(f"dev/site/zensical.toml has to have this line once: {NAVIGATION.strip()}")
    groups: dict[str, list[str]] = {}
    for mart in marts(OVERVIEW.read_text(encoding="utf-8")):
        groups.setdefault(mart.group.partition(":")[0], []).append(
            f'            {{ "{mart.name}" = "{FOLDER}/{mart.name}.md" }},'
        )
    lines = ['    { "Final models" = [', '        { "Which table answers which question" = "docs/marts.md" },']
    for group, entries in groups.items():
        lines += [f'        {{ "{group}" = [', *entries, "        ] },"]
    return configuration.replace(NAVIGATION, "\n".join([*lines, "    ] },\n"]))


def key_of(model: dict) -> list[str]:
    """The columns of the primary key, as the description says them; none where a table has no key."""
    said = _DESCRIPTION.fullmatch(model["description"].strip())
    return [] if said is None or said["key"].startswith("none") else said["key"].split(", ")


def page_of(mart: Mart, model: dict, names: list[str], blocks: dict[str, str]) -> Iterator[str]:
    """The lines of a table's page. ValueError: the description of its model says no grain, trap or key."""
    said = _DESCRIPTION.fullmatch(model["description"].strip())
    if said is None:
        raise ValueError(
            f"The description of {mart.name} is not: grain, Nuance, Primary key. Write it as those of other marts."
        )

    def marked(text: str) -> str:
        """Columns and settings as code, names of other published tables as links."""

        def mark(found: re.Match[str]) -> str:
            name = found[0]
            return f"[`{name}`]({name}.md)" if name in names and name != mart.name else f"`{name}`"

        return re.sub(r"(?<![`\w])[a-zA-Z]+(?:_\w+)+(?![`\w])", mark, " ".join(text.split()))

    key = ", ".join(f"`{column}`" for column in key_of(model))
    yield f"# {mart.name}\n\n**{mart.question}**\n"
    yield f"{marked(said['grain'])}{f' The key is {key}.' if key else ''} The [glossary](../glossary.md) explains the words.\n"
    yield "## Traps\n"
    yield from (f"- {sentence[0].upper()}{sentence[1:]}" for sentence in _sentences(marked(said["trap"])))
    yield f"\n## On the demo\n\n{mart.example}\n"
    made = [row for row in _metrics() if row["model"] == mart.name]
    if made:
        yield "## Metrics made of it\n\n| metric | column | what it says |\n|---|---|---|"
        yield from (
            f"| [{row['name_en']}](../metrics.md) | `{row['column_name']}` | {row['definition_en']} |" for row in made
        )
        yield ""
    yield "## Columns\n\n| column | type | what it is |\n|---|---|---|"
    for column in model["columns"]:
        text = re.sub(r"{{ ?doc\(['\"](\w+)['\"]\) ?}}", lambda found: blocks[found[1]], column["description"])
        yield f"| `{column['name']}` | {column['data_type']} | {marked(text).replace('|', chr(92) + '|')} |"


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.)]) (?=[A-Z`\[])", text)


def _metrics() -> list[dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def described() -> dict[str, dict]:
    """What the YAML says of each model of the folders with published tables."""
    files = [path for folder in ("marts", "metrics", "quality") for path in sorted((MODELS / folder).rglob("*.yml"))]
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in files]
    return {model["name"]: model for entries in read for model in entries.get("models") or ()}


def _doc_blocks() -> dict[str, str]:
    texts = [path.read_text(encoding="utf-8") for path in MODELS.rglob("*.md")]
    return {name: text for page in texts for name, text in _DOC_BLOCK.findall(page)}
