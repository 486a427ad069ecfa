"""The board: one HTML file from the published marts, which asks nothing of any server."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lifecycle_tools.board.data import BoardError, read_board
from lifecycle_tools.board.page import write_page

BOARD = "board.html"

__all__ = ["BOARD", "BoardError", "make_board"]


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
