"""Python environments of their own for tests whose packages do not go with the project's."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from lifecycle_tools.build import PROJECT_DIR


def python_with(lock: Path, name: str) -> Path:
    """The Python of ``build/<name>-<hash>`` with the packages of ``lock``, made again only when the lock file changes."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    directory = PROJECT_DIR / "build" / f"{name}-{digest}"
    python = directory / "bin" / "python"
    ready = directory / ".ready"
    if not ready.exists():
        for old in directory.parent.glob(f"{name}-*"):
            shutil.rmtree(old)
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", lock], check=True)
        ready.touch()
    return python
