"""The board: one HTML file from the published marts, which asks nothing of any server."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lifecycle_tools.board.data import BoardError, read_board
from lifecycle_tools.board.page import write_page
from lifecycle_tools.publishing import CURRENT, only_publication

BOARD = "board.html"

__all__ = ["BOARD", "BoardError", "make_board", "make_served_board"]


def make_board(published: Path, board: Path) -> int:
    """Write the board of the published file ``published`` to ``board``, whole or not at all; return its size in bytes.

    Raises ``BoardError`` with a sentence for the user when the file or the charting library is not there, or there is no space.
    """
    html = write_page(read_board(published)).encode()
    try:
        descriptor, partial = tempfile.mkstemp(prefix=".board.", dir=board.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(html)
        os.chmod(partial, 0o644)
        os.replace(partial, board)
    except OSError as error:
        raise BoardError(f"The board {board} cannot be written: {error.strerror}.") from error
    return len(html)


def make_served_board(serving: Path) -> Path:
    """Write the board of what readers see, beside it; one process at a time, so that the last one written is of the last run.

    Raises ``BoardError`` as ``make_board`` does.
    """
    try:
        with only_publication(serving):
            make_board(serving / CURRENT, serving / BOARD)
    except OSError as error:
        raise BoardError(f"The board {serving / BOARD} cannot be written: {error.strerror}.") from error
    return serving / BOARD
