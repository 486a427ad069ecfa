"""``predict``: fit the value models to a finished build, measure them, and write their predictions through its adapter.

Reads ``int_customer_purchase_summary``, fits BG/NBD and Gamma-Gamma for each brand, once to all that is known and once to what
was known before the holdout, writes the tables ``customer_value_predictions`` (one row per brand and pattern of purchases),
``value_model_fits`` (one row per brand, as-of date and parameter) and ``value_model_holdout_bands`` (one row per brand, as-of
date and band of customers; rows of earlier as-of dates stay in both) beside it, and builds again what reads them. No dbt
Python model, which not every adapter has: the rows pass through macros, as a Parquet file on DuckDB and as inserts elsewhere.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle_tools.build import NO_UNIT_TESTS, PROJECT_DIR, BuildResult, run_dbt
from lifecycle_tools.outcomes import failures

if TYPE_CHECKING:
    import pandas as pd

PREDICTIONS = "customer_value_predictions"
FITS = "value_model_fits"
HOLDOUTS = "value_model_holdout_bands"
READERS = ("customer_value+", "value_model_parameters+", "value_model_holdouts+")
ROWS_PER_CALL = 20_000

PATTERN_KEYS = ("frequency", "last_purchase_age_days", "age_days", "repeat_revenue_amount")
MOST_WARNINGS = 5  # beyond so many brands one sentence speaks for the others
HOLDOUT_COLUMNS = ("holdout_purchase_count", "holdout_revenue_amount")


class PredictionError(Exception):
    """The step cannot go on; the message is one sentence for the user."""


@dataclass(frozen=True)
class Judgement:
    """Whether what a brand's models say is used, and why: ``reason`` as in the published table, ``problem`` a clause."""

    is_used: bool
    is_amount_used: bool
    reason: str
    problem: str = ""


@dataclass(frozen=True)
class Predictions:
    """What was written: fitted parameters by brand and model, judgements and errors by brand, patterns, and warnings (sentences).

    ``errors``: predicted and actual purchases of the holdout, of the brands for which it could be measured.
    """

    as_of_date: date
    parameters: dict[tuple[str, str], dict[str, float]]
    judgements: dict[str, Judgement]
    errors: dict[str, tuple[float, int]]
    holdout_days: int
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
    """Fit, measure, write, and (with ``rebuild``) build and test the models that read what was written.

    ``target``: of the profile, its default if None. ``settings``: those of the build, ``manifest``: what it was made of, if it is
    at hand, so that the project is not read again (both: see ``run_dbt``). Brands for which nothing can be fitted, or whose
    models are not to be relied on, have no predictions, and a warning each, up to ``MOST_WARNINGS``. Raises
    ``PredictionError`` when dbt fails, or a package is not installed.
    """
    try:
        from lifecycle_tools import value_models
    except ImportError as error:
        raise PredictionError(f"Values cannot be predicted: {error} (pip install numpy pandas scipy).") from error

    call = _Dbt(target, project_dir, settings, manifest)
    with tempfile.TemporaryDirectory(prefix="lifecycle_predictions_") as directory:
        patterns, has_files = _read_patterns(call, Path(directory))
        warnings, fitted, predicted, measured, judged = [], {}, [], {}, {}
        for brand, brand_rows in patterns.groupby("brand", sort=True):
            rows, earlier = brand_rows[~brand_rows["is_holdout"]], brand_rows[brand_rows["is_holdout"]]
            days, limit = int(brand_rows["holdout_days"].iloc[0]), float(brand_rows["error_limit"].iloc[0])
            models = value_models.fit(rows)
            fitted[brand] = models.fitted
            measured[brand] = _measure(earlier, days) if models.fitted else None
            judged[brand] = judge(rows, models, measured[brand], days, limit)
            what = "predicted amount" if judged[brand].is_used else "predicted value"
            if judged[brand].problem:
                warnings.append(f"Brand {brand} has no {what}: {judged[brand].problem}.")
            if judged[brand].is_used:
                used = models if judged[brand].is_amount_used else replace(models, amounts=None)
                predicted.append(value_models.predict(rows, used))
        # without a single purchase there is no date, and nothing is written under it
        as_of_date = date.min if patterns.empty else patterns["as_of_date"].iloc[0]
        holdout_days = 0 if patterns.empty else int(patterns["holdout_days"].iloc[0])
        _write_predictions(call, predicted, as_of_date, Path(directory) if has_files else None)
        _write_fits(call, fitted, as_of_date)
        _write_holdouts(call, measured, judged, holdout_days, as_of_date)
    warnings = at_most_a_few(warnings)
    for warning in warnings:
        if on_warning is not None:
            on_warning(warning)
    if rebuild:
        call(["build", "--select", *READERS, *NO_UNIT_TESTS], raw_data_dir="")
    return Predictions(
        as_of_date,
        {(brand, model.name): dict(model.parameters) for brand, models in fitted.items() for model in models},
        judged,
        {brand: _errors(bands) for brand, bands in measured.items() if bands is not None},
        holdout_days,
        sum(len(rows) for rows in predicted),
        tuple(warnings),
    )


def at_most_a_few(sentences: list[str]) -> list[str]:
    """The ``sentences``, one a brand; beyond ``MOST_WARNINGS`` the last one speaks for all other brands."""
    if len(sentences) <= MOST_WARNINGS:
        return sentences
    warnings = sentences[: MOST_WARNINGS - 1]
    others = len(sentences) - len(warnings)
    warnings += [f"{others} more brands have no predicted values: marts.value_model_holdouts gives the reason of each."]
    return warnings


def judge(rows: pd.DataFrame, models: Any, bands: pd.DataFrame | None, days: int, limit: float) -> Judgement:
    """Whether a brand's ``models`` (``ValueModels``) are used, by what they say of ``rows`` and what they said of the holdout.

    ``bands``: as ``holdout_bands`` has them, None where the holdout could not be measured. ``limit``: of the error, as a share
    of what came.
    """
    from lifecycle_tools.value_models import LEAST_GONE, share_gone

    reason, problem = models.problems[0] if models.problems else ("", "")
    if models.purchases is None:
        return Judgement(False, False, reason, problem)
    if share_gone(rows, models.purchases) < LEAST_GONE:
        return Judgement(
            False,
            False,
            "no_dropout",
            "by the purchase model (BG/NBD) that fits best no customer ever leaves, so that it cannot tell who has",
        )
    if bands is None:
        return Judgement(True, models.amounts is not None, reason or "unmeasured", problem)
    total = bands.iloc[0]
    purchases = _beyond(total["predicted_purchases"], total["actual_purchase_count"], limit, days, "purchases")
    if purchases:
        return Judgement(False, False, "purchase_error", purchases)
    amounts = _beyond(total["predicted_revenue_amount"], total["actual_revenue_amount"], limit, days, "of revenue")
    if models.amounts is not None and amounts:
        return Judgement(True, False, "revenue_error", amounts)
    return Judgement(True, models.amounts is not None, reason or "measured", problem)


def _beyond(predicted: float, actual: float, limit: float, days: int, what: str) -> str:
    """A clause if the prediction is further from what came than the limit allows, else nothing."""
    if math.isnan(predicted) or abs(predicted - actual) <= limit * max(float(actual), 1.0):
        return ""
    return (
        f"for the last {days} days the models of the day before them predicted {predicted:,.0f} {what}, and {actual:,.0f} came: "
        f"more than {limit:.0%} off (PREDICTION_ERROR_LIMIT; marts.value_model_holdouts has the rows)"
    )


def _measure(earlier: pd.DataFrame, days: int) -> pd.DataFrame | None:
    """What models of the day before the holdout say of it, and what came, by bands; None if none could be fitted on that day."""
    from lifecycle_tools import value_models

    if earlier.empty:
        return None
    models = value_models.fit(earlier)
    return None if models.purchases is None else value_models.holdout_bands(earlier, models, days)


def _errors(bands: pd.DataFrame) -> tuple[float, int]:
    return float(bands["predicted_purchases"].iloc[0]), int(bands["actual_purchase_count"].iloc[0])


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

    names = ["brand", "as_of_date", "is_holdout", *PATTERN_KEYS, "customer_count", *HOLDOUT_COLUMNS]
    columns = [*names, "holdout_days", "error_limit"]
    file = directory / "patterns.parquet"
    call.operation("export_purchase_patterns", file=str(file))
    has_files = file.is_file()
    if has_files:
        with duckdb.connect() as connection:
            rows = connection.execute("select * from read_parquet(?)", [str(file)]).fetchall()
    else:
        query = "{{ customer_lifecycle.purchase_patterns() }}"
        # the rows are no log messages: nothing of them goes to the log file
        rows = call(["--log-level-file", "none", "show", "--limit", "-1", "--inline", query]).rows
    rows = [(row[0], _as_date(row[1]), bool(row[2]), *map(int, row[3:11]), float(row[11])) for row in rows]
    patterns = pd.DataFrame(rows, columns=columns)
    for amount in ("repeat_revenue_amount", "holdout_revenue_amount"):
        patterns[amount] /= 100
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
    batches = []
    for brand, models in fitted.items():
        lines = [
            f"'{model.name}', '{name}', {_as_literal(value)}, {_as_literal(model.log_likelihood)}, {model.customer_count}"
            for model in models
            for name, value in model.parameters.items()
        ]
        batches.append([brand, "\n".join(lines)])
    _write_and_keep(call, FITS, as_of_date, batches)


def _write_holdouts(
    call: _Dbt,
    measured: dict[str, pd.DataFrame | None],
    judged: dict[str, Judgement],
    holdout_days: int,
    as_of_date: date,
) -> None:
    """Write what was measured, one row without numbers where nothing was, and, with it, publish all tables."""
    batches = []
    for brand, bands in measured.items():
        judgement = judged[brand]
        said = f"{str(judgement.is_used).lower()}, {str(judgement.is_amount_used).lower()}, '{judgement.reason}'"
        rows = [(0, *[math.nan] * 5)] if bands is None else bands.itertuples(index=False, name=None)
        lines = [
            f"{holdout_days}, {band:.0f}, {_as_count(customers)}, {_as_literal(predicted)}, {_as_count(actual)}, "
            f"{_as_amount(predicted_amount)}, {_as_amount(actual_amount)}, {said}"
            for band, customers, predicted, actual, predicted_amount, actual_amount in rows
        ]
        batches.append([brand, "\n".join(lines)])
    _write_and_keep(call, HOLDOUTS, as_of_date, batches, publish=[PREDICTIONS, FITS, HOLDOUTS])


def _write_and_keep(call: _Dbt, table: str, as_of_date: date, batches: list[list[str]], **more: Any) -> None:
    """Write the rows of an as-of date, each batch a brand's; those of other dates stay."""
    call.operation(
        "write_prediction_rows",
        table=table, as_of_date=str(as_of_date), batches=batches, first=True, keep_other_dates=True, **more,
    )  # fmt: skip


def _as_count(value: float) -> str:
    return "null" if math.isnan(value) else f"{value:.0f}"


def _as_amount(value: float) -> str:
    return "null" if math.isnan(value) else f"{value:.2f}"


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
    for brand, judgement in predictions.judgements.items():
        lines.append(f"  {brand} {describe_error(predictions, brand)}: {judgement.reason}")
    return "\n".join(lines)


def describe_error(predictions: Predictions, brand: str) -> str:
    """Say what a brand's models had said of the holdout, and what came."""
    if brand not in predictions.errors:
        return "holdout not measured"
    predicted, actual = predictions.errors[brand]
    off = f" ({predicted / actual - 1:+.0%})" if actual else ""
    return f"{predicted:,.0f} purchases predicted for the last {predictions.holdout_days} days, {actual:,} came{off}"


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
