"""Python environments of their own for tests whose packages do not go with the project's, and what is installed in one."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lifecycle_tools.build import PROJECT_DIR

COMES_WITH_PYTHON = {"pip", "setuptools"}  # what `python -m venv` installs by itself


def python_with(lock: Path, name: str, left_out: Sequence[str] = ()) -> Path:
    """The Python of ``build/<name>-<hash>`` with the packages of ``lock``, made again only when the lock file changes.

    ``left_out``: packages that others ask for and the lock file leaves out on purpose. RuntimeError if others are wanting.
    """
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    directory = PROJECT_DIR / "build" / f"{name}-{digest}"
    python = directory / "bin" / "python"
    ready = directory / ".ready"
    if not ready.exists():
        for old in directory.parent.glob(f"{name}-*"):
            shutil.rmtree(old)
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check"]
        # --no-deps: the lock is complete. Without it pip asks again what a package with extras needs (pip 23.2 does), and when
        # there is a newer release of that package, --require-hashes refuses the installation.
        subprocess.run([*pip, "install", "--quiet", "--no-deps", "--require-hashes", "-r", lock], check=True)
        said = subprocess.run([*pip, "check"], capture_output=True, text=True, check=False)
        wanting = [
            line for line in said.stdout.splitlines() if not any(f"requires {each}," in line for each in left_out)
        ]
        if said.returncode and wanting:
            raise RuntimeError("\n".join(wanting))
        ready.touch()
    return python


def locked(lock: Path) -> dict[str, str]:
    """The version of each package that a lock file names for this Python and this system."""
    lines = re.findall(r"^([a-zA-Z0-9][^\\\n]*)", lock.read_text(), flags=re.M)
    requirements = [Requirement(line.strip()) for line in lines]
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }


def installed(python: Path | str) -> dict[str, str]:
    """The version of each package that an environment has, what comes with Python and this project itself excepted."""
    script = (
        "import importlib.metadata, json; "
        "print(json.dumps([(each.metadata['Name'], each.version) for each in importlib.metadata.distributions()]))"
    )
    said = subprocess.run([python, "-I", "-c", script], capture_output=True, text=True, check=True).stdout
    return {canonicalize_name(name): version for name, version in json.loads(said)}


def differences(lock: Path, python: Path | str) -> list[str]:
    """What an environment has more, less or in another version than its lock file says."""
    expected, found = locked(lock), installed(python)
    optional = COMES_WITH_PYTHON - set(expected)
    return [
        f"{name}: {expected.get(name, 'nothing')} is locked, {found.get(name, 'nothing')} is installed"
        for name in sorted(set(expected) | set(found) - optional)
        if expected.get(name) != found.get(name)
    ]
