"""The charting library, Apache ECharts: a file of a wheel that ``make`` puts beside the environment's packages."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

WHEELS = Path(sys.prefix) / "share" / "board"
_SCRIPT = re.compile(r"panel/dist/bundled/echarts/echarts@[\d.]+/dist/echarts\.min\.js")


def charting_library(wheels: Path = WHEELS) -> str | None:
    """The script of ECharts with its licence; none when no wheel in the folder has it."""
    for wheel in sorted(wheels.glob("panel-*.whl"), reverse=True):
        with zipfile.ZipFile(wheel) as files:
            for name in files.namelist():
                if _SCRIPT.fullmatch(name):
                    return files.read(name).decode()
    return None
