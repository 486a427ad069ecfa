"""An installation from a lock file has the packages that the file names, and no other.

test_dialects.py, spark/test_spark.py and dbt_next/test_dbt_next.py ask the same of the environments that they make.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from oracle.environments import differences, installed, locked

from lifecycle_tools.build import PROJECT_DIR

LOCK = PROJECT_DIR / "requirements.txt"


def test_the_project_s_environment_is_its_lock_file() -> None:
    assert not (different := differences(LOCK, sys.executable)), different


def test_another_environment_would_be_found(tmp_path: Path) -> None:
    """A package more, a package less, another version."""
    lock = tmp_path / "requirements.txt"
    text = re.sub(r"^duckdb==.*? ", "duckdb==0.0.1 ", LOCK.read_text(), flags=re.M)
    text = re.sub(r"^agate==(\S+) \\\n(    .*\n)*", "", text, flags=re.M)
    lock.write_text(
        text + "missing-package==1.0 \\\n    --hash=sha256:00\nelsewhere==1.0 ; python_full_version < '3'\n"
    )
    found = installed(sys.executable)
    assert differences(lock, sys.executable) == [
        f"agate: nothing is locked, {found['agate']} is installed",
        f"duckdb: 0.0.1 is locked, {found['duckdb']} is installed",
        "missing-package: 1.0 is locked, nothing is installed",
    ]


def test_a_lock_file_is_read_with_its_extras_and_markers(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(
        "# made by hand\nGoogle.Auth[requests, pyopenssl]==2.62.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n"
        "    # via\n    #   dbt\ncolorama==0.4.6 ; sys_platform == 'none'\npyyaml==6.0 ; python_full_version >= '3.11'\n"
    )
    assert locked(lock) == {"google-auth": "2.62.0", "pyyaml": "6.0"}
