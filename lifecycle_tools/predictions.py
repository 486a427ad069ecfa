"""``predict``: fit the value models to a finished build and write their predictions through the adapter that built it.

Reads ``int_customer_purchase_summary``, fits BG/NBD and Gamma-Gamma for each brand, writes the tables
``customer_value_predictions`` (one row per brand and pattern of purchases) and ``value_model_fits`` (one row per brand,
as-of date and parameter; fits of earlier as-of dates stay) beside it, and builds again what reads them. No dbt Python
model, which not every adapter has: the rows pass through macros, as a Parquet file on DuckDB and as inserts elsewhere.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle_tools.build import NO_UNIT_TESTS, PROJECT_DIR, BuildResult, run_dbt
from lifecycle_tools.outcomes import failures

if TYPE_CHECKING:
    import pandas as pd

PREDICTIONS = "customer_value_predictions"
FITS = "value_model_fits"
READERS = ("customer_value+", "value_model_parameters+")
ROWS_PER_CALL = 20_000

PATTERN_KEYS = ("frequency", "last_purchase_age_days", "age_days", "repeat_revenue_amount")


class PredictionError(Exception):
    """The step cannot go on; the message is one sentence for the user."""


@dataclass(frozen=True)
class Predictions:
    """What was written: fitted parameters by brand and model, the number of patterns, and warnings (sentences)."""

    as_of_date: date
    parameters: dict[tuple[str, str], dict[str, float]]
    pattern_count: int
    warnings: tuple[str, ...]


def predict(
    *,
    target: str | None = None,
    project_dir: Path = PROJECT_DIR,
    rebuild: bool = True,
    on_warning: Callable[[str], None] | None = None,
    manifest: Any = None,
    **settings: Any,
) -> Predictions:
    """Fit, write, and (with ``rebuild``) build and test the models that read what was written.

    ``target``: of the profile, its default if None. ``settings``: those of the build, ``manifest``: what it was made of, if it is
    at hand, so that the project is not read again (both: see ``run_dbt``). Brands for which
    nothing can be fitted have no predictions, and a warning each. Raises ``PredictionError`` when dbt fails, or the package
    lifetimes is not installed.
    """
    try:
        from lifecycle_tools import value_models
    except ImportError as error:
        raise PredictionError(f"Values cannot be predicted: {error} (pip install lifetimes==0.11.3).") from error

    call = _Dbt(target, project_dir, settings, manifest)
    with tempfile.TemporaryDirectory(prefix="lifecycle_predictions_") as directory:
        patterns, has_files = _read_patterns(call, Path(directory))
        warnings, fitted, predicted = [], {}, []
        for brand, rows in patterns.groupby("brand", sort=True):
            models = value_models.fit(rows)
            fitted[brand] = models.fitted
            warnings += [f"Brand {brand} has no predicted value: {problem}." for problem in models.problems]
            if models.fitted:
                predicted.append(value_models.predict(rows, models))
        # without a single purchase there is no date, and nothing is written under it
        as_of_date = date.min if patterns.empty else patterns["as_of_date"].iloc[0]
        _write_predictions(call, predicted, as_of_date, Path(directory) if has_files else None)
        _write_fits(call, fitted, as_of_date)
    for warning in warnings:
        if on_warning is not None:
            on_warning(warning)
    if rebuild:
        call(["build", "--select", *READERS, *NO_UNIT_TESTS], raw_data_dir="")
    return Predictions(
        as_of_date,
        {(brand, model.name): dict(model.parameters) for brand, models in fitted.items() for model in models},
        sum(len(rows) for rows in predicted),
        tuple(warnings),
    )


@dataclass
class _Dbt:
    """Calls dbt on one target; a failure is a ``PredictionError``.

    The project is read once for all calls, and what the build left of itself in dbt's target folder stays there.
    """

    target: str | None
    project_dir: Path
    settings: dict[str, Any]
    manifest: Any

    def __call__(self, arguments: Sequence[str], **settings: Any) -> BuildResult:
        if self.manifest is None:
            self.manifest = self._run(["parse"]).manifest
        return self._run(arguments, **settings)

    def _run(self, arguments: Sequence[str], **settings: Any) -> BuildResult:
        target = ["--target", self.target] if self.target else []
        command = ["--no-write-json", *arguments, *target]
        result = run_dbt(command, project_dir=self.project_dir, manifest=self.manifest, **self.settings | settings)
        if not result.success:
            sentences = failures(result, Path(self.settings.get("warehouse_path", "warehouse.duckdb")))
            raise PredictionError("\n".join(sentences) or f"dbt {arguments[0]} failed.")
        return result

    def operation(self, macro: str, **arguments: Any) -> BuildResult:
        """Run one of the step's macros."""
        return self(["run-operation", f"customer_lifecycle.{macro}", "--args", json.dumps(arguments)])


def _read_patterns(call: _Dbt, directory: Path) -> tuple[pd.DataFrame, bool]:
    """Read the patterns of purchases, sorted, and whether the engine exchanges files."""
    import duckdb
    import pandas as pd

    columns = ["brand", "as_of_date", *PATTERN_KEYS, "customer_count"]
    file = directory / "patterns.parquet"
    call.operation("export_purchase_patterns", file=str(file))
    has_files = file.is_file()
    if has_files:
        with duckdb.connect() as connection:
            rows = connection.execute("select * from read_parquet(?)", [str(file)]).fetchall()
    else:
        query = "{{ customer_lifecycle.purchase_patterns() }}"
        # the rows are no log messages: nothing of them goes to the log file
        shown = call(["--log-level-file", "none", "show", "--limit", "-1", "--inline", query])
        rows = [(row[0], _as_date(row[1]), *(int(value) for value in row[2:])) for row in shown.rows]
    patterns = pd.DataFrame(rows, columns=columns)
    patterns["repeat_revenue_amount"] /= 100
    return patterns.sort_values(columns, ignore_index=True), has_files


def _write_predictions(call: _Dbt, predicted: Sequence[pd.DataFrame], as_of_date: date, directory: Path | None) -> None:
    from lifecycle_tools.value_models import PREDICTION_COLUMNS

    written = {"table": PREDICTIONS, "as_of_date": str(as_of_date)}
    if directory is not None:
        file = _write_file(predicted, directory / "predictions.parquet") if predicted else None
        call.operation("write_prediction_rows", **written, first=True, file=file)
        return
    call.operation("write_prediction_rows", **written, first=True)
    for rows in predicted:
        lines = [
            ",".join([*(str(value) for value in row[:3]), f"{row[3]:.2f}", *(_as_literal(value) for value in row[4:])])
            for row in rows[[*PATTERN_KEYS, *PREDICTION_COLUMNS]].itertuples(index=False, name=None)
        ]
        brand = rows["brand"].iloc[0]
        for start in range(0, len(lines), ROWS_PER_CALL):
            part = "\n".join(lines[start : start + ROWS_PER_CALL])
            call.operation("write_prediction_rows", **written, batches=[[brand, part]])


def _write_file(predicted: Sequence[pd.DataFrame], file: Path) -> str:
    import duckdb
    import pandas as pd

    from lifecycle_tools.value_models import PREDICTION_COLUMNS

    frame = pd.concat(predicted)[["brand", "as_of_date", *PATTERN_KEYS, *PREDICTION_COLUMNS]]
    values = [f"case when isnan({name}) then null else {name} end as {name}" for name in PREDICTION_COLUMNS]
    values.append("cast(repeat_revenue_amount as decimal(18, 2)) as repeat_revenue_amount")
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(f"copy (select * replace ({', '.join(values)}) from frame) to '{file}' (format parquet)")
    return str(file)


def _write_fits(call: _Dbt, fitted: dict[str, tuple], as_of_date: date) -> None:
    """Write the parameters and, with them, publish both tables."""
    batches = []
    for brand, models in fitted.items():
        lines = [
            f"'{model.name}', '{name}', {_as_literal(value)}, {_as_literal(model.log_likelihood)}, {model.customer_count}"
            for model in models
            for name, value in model.parameters.items()
        ]
        batches.append([brand, "\n".join(lines)])
    call.operation(
        "write_prediction_rows",
        table=FITS,
        as_of_date=str(as_of_date),
        batches=batches,
        first=True,
        keep_other_dates=True,
        publish=[PREDICTIONS, FITS],
    )


def _as_literal(value: float) -> str:
    return "null" if math.isnan(value) else repr(float(value))


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def describe(predictions: Predictions) -> str:
    """Say in a few lines what was fitted."""
    lines = [f"Predicted values for {predictions.pattern_count:,} patterns of purchases."]
    for (brand, model), parameters in predictions.parameters.items():
        values = ", ".join(f"{name} {value:.4g}" for name, value in parameters.items())
        lines.append(f"  {brand} {model}: {values}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the step on a warehouse that is built; return 1, with a sentence, when it fails."""
    parser = argparse.ArgumentParser(prog="predict", description=__doc__)
    parser.add_argument("--target", help="target of the profile (default: its own)")
    parser.add_argument("--project-dir", type=Path, default=PROJECT_DIR, help="dbt project that was built")
    options = parser.parse_args(argv)
    try:
        found = predict(
            target=options.target,
            project_dir=options.project_dir.resolve(),
            on_warning=lambda sentence: print(f"Warning: {sentence}", file=sys.stderr),
        )
    except PredictionError as error:
        print(error, file=sys.stderr)
        return 1
    print(describe(found))
    return 0
