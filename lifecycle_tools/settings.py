"""Names of settings that are not read, and what was meant: a misspelt setting must not be a default in silence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

PROJECT = "customer_lifecycle"
MAPS = ("raw_identifiers", "raw_models", "replacements")  # vars that are no settings
OTHERS = (  # environment variables that are no vars: the README's table of settings, profiles.yml, Makefile
    "WAREHOUSE_PATH", "SERVING_DIR", "DUCKDB_MEMORY_LIMIT", "DBT_THREADS", "SPARK_FILE_FORMAT", "SPARK_METHOD", "SPARK_HOST",
    "SPARK_PORT", "SPARK_USER", "SPARK_CONF_DIR", "PREDICTIONS", "CHECK_DATA",
)  # fmt: skip
# of 1, as difflib measures it: REPORTING_CURENCY, RAW_DATA and ATTRIBUTION_LOOKBACK are, CURRENCY and TIME_ZONE are not
ALIKE = 0.78


def misspelt(
    variables: Mapping[str, str], environment: Iterable[str], given_vars: Iterable[str], project_dir: Path
) -> list[str]:
    """One sentence for each name that is nearly a setting.

    ``variables``: each setting with its environment variable. ``given_vars``: vars of the command line, to which those of
    ``dbt_project.yml`` in ``project_dir`` are added; what stands there for this project alone must be one of ours.
    """
    sentences = []
    known = [*variables.values(), *OTHERS]
    for name in sorted(set(environment) - set(known)):
        if meant := _nearest(name.upper(), known):
            sentences.append(f"The environment variable {name} is no setting and is not read: did you mean {meant}?")
    settings = [*variables, *MAPS]
    shared, own = _vars_of(project_dir)
    for name in sorted({*given_vars, *shared, *own} - set(settings)):
        meant = _nearest(name.lower(), settings)
        if meant or name in own:
            what = f"did you mean {meant}?" if meant else f"the settings are {', '.join(settings)}."
            sentences.append(f"The var {name} is no setting and is not read: {what}")
    return sentences


def _nearest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=ALIKE)), None)


def _vars_of(project_dir: Path) -> tuple[set[str], set[str]]:
    """The vars of a project file that are for all packages, and those for this one alone."""
    file = project_dir / "dbt_project.yml"
    given = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("vars") or {} if file.exists() else {}
    shared = {name for name, value in given.items() if not isinstance(value, dict)}
    own = given.get(PROJECT) if isinstance(given.get(PROJECT), dict) else {}
    return shared, set(own)
