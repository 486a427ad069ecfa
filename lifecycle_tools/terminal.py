"""What a build shows while it runs: its phases by name, how long it has taken, and how long the last one took.

No library draws it: of those that do, the environment has only tqdm, which knows no phases. On a terminal one line is
written again each second; elsewhere a phase is a line, and a long one is a line more now and then.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

PHASES = ("read", "clean", "identity", "lifecycle", "marts", "tests", "publish")
# The phase of a model, by the folder of models/ that begins its path; the longest one counts.
FOLDERS = {
    "base": "clean",
    "calendar": "clean",
    "intermediate/links": "identity",
    "staging": "clean",
    "intermediate/identity": "identity",
    "intermediate": "lifecycle",
    "marts": "marts",
    "metrics": "marts",
    "quality": "marts",
    "build_record": "marts",
}
SECONDS_BETWEEN_LINES = 15


def phase_of(path: str) -> str:
    """The phase in which a file of the project is run: ``models/staging/…`` is clean, a seed read, a test tests."""
    folder, _, rest = path.partition("/")
    if folder == "models":
        named = [name for name in FOLDERS if rest.startswith(f"{name}/")]
        return FOLDERS[max(named, key=len)] if named else "marts"
    return "read" if folder == "seeds" else "tests"


class Progress:
    """Shows the phases of one build on ``stream``, as long as it is open as a context.

    ``expected``: seconds that the last build of the same kind took, by ``remembered``; none for the first one.
    """

    def __init__(self, expected: float | None = None, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.is_terminal = self.stream.isatty()
        self.expected, self.started = expected, time.monotonic()
        self.phase, self.detail = "", ""
        self._said_at = self.started
        self._files: dict[str, str] = {}
        self._left: Counter[str] = Counter()
        self._written = False
        self._lock, self._over = threading.RLock(), threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._ticker.join()
        self.clear()

    def enter(self, phase: str, detail: str = "") -> None:
        """Begin a phase; one that is over does not begin again."""
        with self._lock:
            if self.phase and PHASES.index(phase) < PHASES.index(self.phase):
                return
            is_new = (phase, detail) != (self.phase, self.detail)
            begins, self.phase, self.detail = phase != self.phase, phase, detail
            if self.is_terminal:
                self._draw()
            elif begins or (is_new and detail):
                self._line()

    def follow(self, manifest: Any) -> None:
        """Learn from dbt's manifest of which file each node is."""
        nodes = {**manifest.nodes, **manifest.unit_tests}.values()
        self._files = {
            node.name: "tests/" if node.resource_type in ("test", "unit_test") else node.original_file_path
            for node in nodes
        }
        self._left = Counter(map(phase_of, self._files.values()))

    def node(self, name: str, number: int, total: int) -> None:
        """Take in that dbt has finished a node: the phase is the first one of which a model is left, then the tests."""
        done = phase_of(self._files.get(name, "tests/"))
        with self._lock:
            self._left[done] -= 1
            phase = next((each for each in PHASES if self._left[each] > 0 and each != "tests"), "tests")
            if phase == self.phase:
                self.detail = f"{100 * number // total} %"
            else:
                self.enter(phase)

    def clear(self) -> None:
        """Take the line away that is written again and again, before another line is printed."""
        with self._lock:
            if self._written:
                self.stream.write("\r\x1b[K")
                self.stream.flush()
                self._written = False

    def _tick(self) -> None:
        while not self._over.wait(1):
            with self._lock:
                if self.is_terminal:
                    self._draw()
                elif self.phase and time.monotonic() - self._said_at >= SECONDS_BETWEEN_LINES:
                    self._line()

    def _text(self) -> str:
        elapsed = time.monotonic() - self.started
        of_last = f" of about {seconds(self.expected)}" if self.expected else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"  {self.phase}{detail}: {seconds(elapsed)}{of_last}"

    def _line(self) -> None:
        self._said_at = time.monotonic()
        with suppress(ValueError, OSError):  # no program reads it any more
            print(self._text(), file=self.stream, flush=True)

    def _draw(self) -> None:
        with suppress(ValueError, OSError):
            self.stream.write(f"\r\x1b[K{self._text()}")
            self.stream.flush()
            self._written = True


def seconds(duration: float) -> str:
    """A duration as people say it: 42 s, 3 min 5 s, 1 h 2 min."""
    whole = round(duration)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def remembered(warehouse: Path, kind: str) -> float | None:
    """How many seconds the last build of this kind (full or increment) of this warehouse took."""
    return _remembered(warehouse).get(kind)


def remember(warehouse: Path, kind: str, duration: float) -> None:
    """Keep for the next build how long this one took; not to be able to is no fault."""
    with suppress(OSError):
        _file(warehouse).write_text(json.dumps({**_remembered(warehouse), kind: round(duration, 1)}) + "\n")


def _remembered(warehouse: Path) -> Mapping[str, float]:
    try:
        found = json.loads(_file(warehouse).read_text())
    except (OSError, ValueError):
        return {}
    return (
        {kind: float(each) for kind, each in found.items() if isinstance(each, int | float)}
        if isinstance(found, dict)
        else {}
    )


def _file(warehouse: Path) -> Path:
    return warehouse.with_name(f"{warehouse.name}.seconds")
