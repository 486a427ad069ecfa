"""How often customers will buy again (BG/NBD) and what for (Gamma-Gamma), fitted with the package lifetimes.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way; Fader and Hardie (2013), The Gamma-Gamma Model of
Monetary Value. Time is counted in weeks, as they do, so that parameters can be compared with published ones.

Everything works on *patterns*: customers with the same number of repeat purchase dates, the same first and last one
and the same revenue are one row with a ``customer_count``, which is what makes a million customers a small matter.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

DAYS_PER_WEEK = 7.0
HORIZONS_DAYS = (90, 365)

# With fewer, four parameters say more about chance than about customers.
MINIMUM_CUSTOMERS = 100
MINIMUM_REPEAT_CUSTOMERS = 50

# Columns of patterns. Ages are days since the first purchase date: of the last one, and of the as-of date.
PATTERN_COLUMNS = ("frequency", "last_purchase_age_days", "age_days", "repeat_revenue_amount", "customer_count")
PREDICTION_COLUMNS = (
    "p_alive",
    *(f"predicted_purchases_{days}d" for days in HORIZONS_DAYS),
    "expected_purchase_amount",
    "predicted_clv_365d",
)


@dataclass(frozen=True)
class FittedModel:
    """One model's maximum likelihood: ``name`` is bg_nbd or gamma_gamma; ``fitter`` is the library's own object."""

    name: str
    parameters: Mapping[str, float]
    log_likelihood: float
    customer_count: int
    fitter: object


@dataclass(frozen=True)
class ValueModels:
    """What could be fitted; ``problems`` says of each model that is None why, a clause for a sentence."""

    purchases: FittedModel | None
    amounts: FittedModel | None
    problems: tuple[str, ...]

    @property
    def fitted(self) -> tuple[FittedModel, ...]:
        """The models there are."""
        return tuple(model for model in (self.purchases, self.amounts) if model is not None)


def fit(patterns: pd.DataFrame) -> ValueModels:
    """Fit both models to ``patterns`` (``PATTERN_COLUMNS``). Never raises for data that no model fits: see ``problems``.

    The result depends on the rows alone, not on their order.
    """
    customers = int(patterns["customer_count"].sum())
    repeaters = int(patterns.loc[patterns["frequency"] > 0, "customer_count"].sum())
    if customers < MINIMUM_CUSTOMERS or repeaters < MINIMUM_REPEAT_CUSTOMERS:
        return ValueModels(
            None,
            None,
            (
                f"{customers} customers have bought and {repeaters} of them again, where at least "
                f"{MINIMUM_CUSTOMERS} and {MINIMUM_REPEAT_CUSTOMERS} are needed",
            ),
        )
    purchases = _fit_purchases(patterns)
    if purchases is None:
        return ValueModels(None, None, ("the purchase model (BG/NBD) found no best parameters",))
    amounts = _fit_amounts(patterns)
    if amounts is None:
        return ValueModels(purchases, None, ("the model of amounts (Gamma-Gamma) found no best parameters",))
    return ValueModels(purchases, amounts, ())


def predict(patterns: pd.DataFrame, models: ValueModels) -> pd.DataFrame:
    """Return ``patterns`` with ``PREDICTION_COLUMNS``; NaN where there is no model, or no finite number.

    Amounts are not discounted: within a year that would change them by less than they are uncertain.
    """
    frequency, last_purchase, age = _weeks(patterns)
    found = patterns.copy()
    for column in PREDICTION_COLUMNS:
        found[column] = np.nan
    if models.purchases is None:
        return found
    with _quietly():
        found["p_alive"] = models.purchases.fitter.conditional_probability_alive(frequency, last_purchase, age)
    for days in HORIZONS_DAYS:
        found[f"predicted_purchases_{days}d"] = expected_purchases(
            models.purchases, days / DAYS_PER_WEEK, frequency, last_purchase, age
        )
    if models.amounts is not None:
        mean = patterns["repeat_revenue_amount"].to_numpy(float) / np.maximum(frequency, 1)
        found["expected_purchase_amount"] = models.amounts.fitter.conditional_expected_average_profit(frequency, mean)
        found["predicted_clv_365d"] = found["predicted_purchases_365d"] * found["expected_purchase_amount"]
    return found.replace([np.inf, -np.inf], np.nan)


def expected_purchases(
    model: FittedModel, weeks: float, frequency: np.ndarray, last_purchase: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Purchase dates to be expected in the coming ``weeks`` (equation 10 of the paper); ages in weeks.

    The library takes the logarithm of a hypergeometric function, which overflows for customers with hundreds of
    purchases and is negative for some without any. There Euler's transformation of the same function is computed.
    """
    with _quietly():
        expected = model.fitter.conditional_expected_number_of_purchases_up_to_time(
            weeks, frequency, last_purchase, age
        )
    expected = np.array(expected, dtype=float)
    missing = ~np.isfinite(expected)
    if missing.any():
        expected[missing] = _expected_purchases(model, weeks, frequency[missing], last_purchase[missing], age[missing])
    return expected


def _expected_purchases(
    model: FittedModel, weeks: float, frequency: np.ndarray, last_purchase: np.ndarray, age: np.ndarray
) -> np.ndarray:
    from scipy.special import expit, hyp2f1

    r, alpha, a, b = (model.parameters[name] for name in ("r", "alpha", "a", "b"))
    share = weeks / (alpha + age + weeks)
    with _quietly():
        series = hyp2f1(a + b - 1 - r, a - 1, a + b + frequency - 1, share) * (1 - share) ** (a - 1)
        log_odds_of_having_stopped = (r + frequency) * np.log((alpha + age) / (alpha + last_purchase)) + np.log(
            a / (b + np.maximum(frequency, 1) - 1)
        )
        alive = np.where(frequency > 0, expit(-log_odds_of_having_stopped), 1.0)
        return (a + b + frequency - 1) / (a - 1) * (1 - series) * alive


def _fit_purchases(patterns: pd.DataFrame) -> FittedModel | None:
    from lifetimes.fitters.beta_geo_fitter import BetaGeoFitter

    keys = ["frequency", "last_purchase_age_days", "age_days"]
    rows = patterns.groupby(keys, sort=True, as_index=False)["customer_count"].sum()
    frequency, last_purchase, age = _weeks(rows)
    weights = rows["customer_count"].to_numpy()
    attempts = ({}, {"bounds": [(-12.0, 12.0)] * 4}, {"bounds": [(-12.0, 12.0)] * 4, "initial_params": np.zeros(4)})
    for attempt in attempts:
        fitter = BetaGeoFitter()
        if _converges(lambda: fitter.fit(frequency, last_purchase, age, weights=weights, **attempt)):  # noqa: B023
            parameters = {name: float(value) for name, value in fitter.params_.items()}
            log_likelihood = _log_likelihood(fitter, (frequency, last_purchase, age, weights))
            model = FittedModel("bg_nbd", parameters, log_likelihood, int(weights.sum()), fitter)
            if _is_usable(parameters.values(), log_likelihood) and _foresees(model, frequency, last_purchase, age):
                return model
    return None


def _foresees(model: FittedModel, frequency: np.ndarray, last_purchase: np.ndarray, age: np.ndarray) -> bool:
    """Whether the model has a number for each customer that it was fitted to.

    Customers who are all alike drive the parameters towards infinity, each processor to its own values, until the
    hypergeometric function has none. Such parameters are an accident of the search and no finding.
    """
    expected = [
        expected_purchases(model, days / DAYS_PER_WEEK, frequency, last_purchase, age) for days in HORIZONS_DAYS
    ]
    return bool(np.isfinite(expected).all() and (np.array(expected) >= 0).all())


def _fit_amounts(patterns: pd.DataFrame) -> FittedModel | None:
    """Fit to customers with repeat purchases; a mean of zero has no likelihood and is left out."""
    from lifetimes.fitters.gamma_gamma_fitter import GammaGammaFitter

    keys = ["frequency", "repeat_revenue_amount"]
    rows = patterns[(patterns["frequency"] > 0) & (patterns["repeat_revenue_amount"] > 0)]
    rows = rows.groupby(keys, sort=True, as_index=False)["customer_count"].sum()
    weights = rows["customer_count"].to_numpy()
    if weights.sum() < MINIMUM_REPEAT_CUSTOMERS:
        return None
    frequency = rows["frequency"].to_numpy(float)
    mean = rows["repeat_revenue_amount"].to_numpy(float) / frequency
    unit = float(np.average(mean, weights=weights))  # whatever the currency, the search begins near the answer
    for attempt in ({}, {"q_constraint": True}):
        fitter = GammaGammaFitter()
        if _converges(lambda: fitter.fit(frequency, mean / unit, weights=weights, **attempt)):  # noqa: B023
            fitter.params_["v"] *= unit
            parameters = {name: float(value) for name, value in fitter.params_.items()}
            log_likelihood = _log_likelihood(fitter, (frequency, mean, weights))
            # with q of at most 1 the mean amount of the population is infinite
            if _is_usable(parameters.values(), log_likelihood) and parameters["q"] > 1.0001:
                return FittedModel("gamma_gamma", parameters, log_likelihood, int(weights.sum()), fitter)
    return None


def _weeks(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, age at the last purchase and age of the models: whole dates as weeks."""
    return (
        rows["frequency"].to_numpy(float),
        rows["last_purchase_age_days"].to_numpy(float) / DAYS_PER_WEEK,
        rows["age_days"].to_numpy(float) / DAYS_PER_WEEK,
    )


def _log_likelihood(fitter, arguments: Sequence[np.ndarray]) -> float:
    """The whole likelihood in the units of the data; the library keeps the mean of the scaled one."""
    logarithms = np.log(fitter.params_.to_numpy(float))
    with _quietly():
        return float(-fitter._negative_log_likelihood(logarithms, *arguments, 0.0) * arguments[-1].sum())


def _converges(attempt) -> bool:
    """Whether the library fits; it reports what it could not fit by several kinds of exception."""
    from lifetimes.utils import ConvergenceError

    try:
        with _quietly():
            attempt()
    except (ConvergenceError, ValueError, ArithmeticError, np.linalg.LinAlgError):
        return False
    return True


def _is_usable(parameters: Sequence[float], log_likelihood: float) -> bool:
    return bool(np.isfinite(log_likelihood)) and all(np.isfinite(value) and value > 0 for value in parameters)


@contextlib.contextmanager
def _quietly():
    """Without what the library prints and warns of on the way to a result that is checked here."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _silence_import() -> None:
    """Import the library once, without the notices of the packages it was written for."""
    with _quietly(), open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        import lifetimes.fitters.beta_geo_fitter
        import lifetimes.fitters.gamma_gamma_fitter  # noqa: F401


_silence_import()
