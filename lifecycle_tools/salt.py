"""The secret that goes into ids made from e-mails and telephone numbers: a hash of an e-mail without one is an e-mail.

The setting identity_salt names it. Otherwise it is made at the first build and kept in a file beside the warehouse, which only
its owner may read: who has both can guess e-mails, so that the two should not be copied together. That a warehouse is not
built on with another salt than before is checked by the macro ``check_salt``, for those who run dbt alone as well.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import duckdb
import yaml

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.publishing import PublishError

VARIABLE = "IDENTITY_SALT"


def salt_file(warehouse: Path) -> Path:
    """The file of a warehouse's own salt."""
    return warehouse.with_name(f"{warehouse.stem}.salt")


def salt_of(warehouse: Path) -> str:
    """The salt of a warehouse: the setting, else its file, which is made where nothing has been built yet.

    Raises ``PublishError`` where something has been built and the file is gone.
    """
    said = (yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8")).get("vars") or {}).get(
        VARIABLE.lower()
    )
    if said is not None or VARIABLE in os.environ:
        return str(said if said is not None else os.environ[VARIABLE])
    file = salt_file(warehouse)
    try:
        if file.exists():
            return file.read_text(encoding="utf-8").strip()
        if not _is_built(warehouse):
            return _new_salt(file)
    except OSError as error:
        raise PublishError(
            f"The salt of the warehouse, {file}, cannot be read or written: {error.strerror}."
        ) from error
    except UnicodeDecodeError as error:
        raise PublishError(
            f"The salt of the warehouse, {file}, is no text: put back the file as it was made."
        ) from error
    raise PublishError(
        f"{file}, the secret with which ids are made from e-mails, is not there: put it back, or say in {VARIABLE} what it held "
        f"(nothing, if {warehouse.name} was built without one). To start afresh, with other ids, delete the warehouse."
    )


def _is_built(warehouse: Path) -> bool:
    if not warehouse.exists():
        return False
    built = (
        "select 1 from information_schema.tables where table_schema = 'staging' and table_name = 'base_shop__customers'"
    )
    with suppress(duckdb.Error), duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(built).fetchone() is not None
    return False  # no warehouse, or one that another program has open: the build will say so


def _new_salt(file: Path) -> str:
    salt = secrets.token_hex(32)
    partial = file.with_name(
        f"{file.name}.new"
    )  # written whole before it has its name: half a salt would be another one
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write(salt + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(partial, file)
    print(
        f"Made {file}, the secret in ids made from e-mails: keep it, and apart from copies of the warehouse.",
        flush=True,
    )
    return salt
