"""The page of the gates: what each suite asked, expected and found, as one HTML file without a script.

Great Expectations' own Data Docs fetch their style and scripts from other hosts (docs/gates.md); this page asks nothing of any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import Protocol

from lifecycle_tools.build import PROJECT_DIR

STYLE = PROJECT_DIR / "lifecycle_tools" / "board" / "files" / "board.css"
OWN_STYLE = """
.panel { margin: 14px 0; } .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
table { table-layout: fixed; min-width: 900px; }
th:nth-child(1), th:nth-child(3) { width: 6.5em; } th:nth-child(2) { width: 30%; }
th:nth-child(4) { width: 9em; } th:nth-child(5) { width: 22%; }
"""
WORDS = {"as usual": "good", "warning": "bad", "error": "bad"}


class Verdict(Protocol):
    """See ``lifecycle_tools.commands.expectations.Verdict``."""

    suite: str
    expected: str
    found: str
    severity: str
    about: str
    notes: str
    measured: str
    word: str


def gates_page(verdicts: Sequence[Verdict], suites: Mapping[str, str], where: str) -> str:
    """The HTML of ``verdicts`` on the warehouse ``where``.

    ``suites``: what each suite asks, by its name; one without a verdict was left out.
    """
    counts = {word: sum(verdict.word == word for verdict in verdicts) for word in WORDS}
    asked = {suite: list(found) for suite, found in groupby(verdicts, key=lambda verdict: verdict.suite)}
    facts = {
        "Warehouse": where,
        "Asked at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "As usual": counts["as usual"],
        "Warnings": counts["warning"],
        "Errors": counts["error"],
        "Not asked": len(set(suites) - set(asked)),
    }
    said = "".join(f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>" for name, value in facts.items())
    gates = "".join(_gate(suite, about, asked.get(suite, [])) for suite, about in suites.items())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Gates</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{STYLE.read_text(encoding="utf-8")}{OWN_STYLE}</style></head>\n<body><div class="top">'
        f'<div class="bar"><h1>Does it look as usual?</h1></div><dl class="facts">{said}</dl></div>\n'
        f"<main>{gates}</main></body></html>\n"
    )


def _gate(suite: str, about: str, verdicts: Sequence[Verdict]) -> str:
    rows = "".join(
        f'<tr><td class="{WORDS[verdict.word]}">{verdict.word}</td><td>{escape(verdict.expected)}</td><td>{verdict.severity}</td>'
        f"<td>{escape(verdict.measured)}</td><td>{escape(verdict.found)}</td><td>{escape(verdict.notes)}</td></tr>"
        for verdict in verdicts
    )
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Verdict", "Expected", "Else", "Measured", "Found", "Why")
    )
    table = (
        f'<div class="table"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        if verdicts
        else '<p class="empty">Not asked: what it reads is absent, or too little to judge.</p>'
    )
    return f'<section class="panel"><h3>{escape(suite)}</h3><p class="about">{escape(about)}</p>{table}</section>\n'
