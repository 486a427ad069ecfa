"""The page: template, style, scripts, words and data put together into one file."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from lifecycle_tools import __main__ as command_line
from lifecycle_tools.board.data import Board, BoardError
from lifecycle_tools.board.library import charting_library
from lifecycle_tools.board.packing import pack

FILES = Path(__file__).parent / "files"
SCRIPTS = ("words.js", "state.js", "numbers.js", "charts.js", "sentences.js", "board.js")
LANGUAGES = ("en", "fr")


def write_page(board: Board) -> str:
    """The HTML of the board. Raises ``BoardError`` when the charting library is not installed."""
    library = charting_library()
    if library is None:
        raise BoardError(
            "The charting library of the board is not in the environment: remove .venv and run make again."
        )
    content = {
        "meta": board.meta,
        "whatif": board.whatif,
        "datasets": board.datasets,
        "pages": board.panels["pages"],
        "panels": board.panels["panels"],
        "catalogue": board.catalogue,
        "words": read_words(),
        "canExport": "export" in command_line.COMMANDS,
    }
    parts = {
        "STYLE": (FILES / "board.css").read_text(encoding="utf-8"),
        "LIBRARY": _script(library),
        "DATA": pack(content),
        "SCRIPT": _script("\n".join((FILES / name).read_text(encoding="utf-8") for name in SCRIPTS)),
    }
    template = (FILES / "board.html").read_text(encoding="utf-8")
    return re.sub(r"<!--(STYLE|LIBRARY|DATA|SCRIPT)-->", lambda found: parts[found.group(1)], template)


def read_words() -> dict[str, dict[str, str]]:
    """Every text of the board by its key, in both languages."""
    words = {}
    with (Path(__file__).parent / "words.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            words[row["key"]] = {language: row[language] for language in LANGUAGES}
    return words


def _script(text: str) -> str:
    return text.replace("</script", "<\\/script")


__all__ = ["read_words", "write_page"]
