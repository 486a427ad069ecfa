"""``board``: write the board, one HTML file, from what is published. A part of ``build``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lifecycle_tools.board import BOARD, BoardError, make_board
from lifecycle_tools.publishing import CURRENT, serving_directory, working_file


def main(argv: Sequence[str] | None = None) -> int:
    """Write the board; return 0, or 1 with a sentence when there is nothing to write it from."""
    parser = argparse.ArgumentParser(prog="board", description=__doc__)
    parser.add_argument("--to", type=Path, help=f"another file than {BOARD} in the directory of published files")
    options = parser.parse_args(argv)
    serving = serving_directory(working_file())
    board = options.to or serving / BOARD
    try:
        size = make_board(serving / CURRENT, board)
    except BoardError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Board:     {board} ({size / 1e6:.1f} MB): open it in a browser")
    return 0
