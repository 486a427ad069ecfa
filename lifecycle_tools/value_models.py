"""How often customers will buy again (BG/NBD) and what for (Gamma-Gamma): likelihoods, fits, predictions, and their errors.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way; Fader and Hardie (2013), The Gamma-Gamma Model of
Monetary Value. Time is counted in weeks, as they do, so that parameters can be compared with published ones.

Everything works on *patterns*: customers with the same number of repeat purchase dates, the same first and last one
and the same revenue are one row with a ``customer_count``, which is what makes a million customers a small matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1

DAYS_PER_WEEK = 7.0
HORIZONS_DAYS = (90, 365)

# With fewer, four parameters say more about chance than about customers.
MINIMUM_CUSTOMERS = 100
MINIMUM_REPEAT_CUSTOMERS = 50
# Of customers who have bought again, the share that must be held to have left: below it the fit says that none ever leaves.
LEAST_GONE = 0.01
BANDS = 10

# Columns of patterns. Ages are days since the first purchase date: of the last one, and of the as-of date.
PATTERN_COLUMNS = ("frequency", "last_purchase_age_days", "age_days", "repeat_revenue_amount", "customer_count")
PREDICTION_COLUMNS = (
    "p_alive",
    *(f"predicted_purchases_{days}d" for days in HORIZONS_DAYS),
    "expected_purchase_amount",
    "predicted_clv_365d",
)
# What the customers of a pattern did in the holdout, all of them together.
HOLDOUT_COLUMNS = ("holdout_purchase_count", "holdout_revenue_amount")
BAND_COLUMNS = (
    "band_number",
    "customer_count",
    "predicted_purchases",
    "actual_purchase_count",
    "predicted_revenue_amount",
    "actual_revenue_amount",
)

# Logarithms of parameters. At the ends customers are all alike, or no customer leaves, as far as numbers can tell.
BOUNDS = ((-12.0, 12.0),) * 4
LEAST_Q = 1.0001  # with q of at most 1 the mean amount of the population is infinite


@dataclass(frozen=True)
class FittedModel:
    """One model's maximum likelihood: ``name`` is bg_nbd or gamma_gamma, ``parameters`` in the order of its functions."""

    name: str
    parameters: Mapping[str, float]
    log_likelihood: float
    customer_count: int


@dataclass(frozen=True)
class ValueModels:
    """What could be fitted; ``problems`` says of each model that is None why: a reason, and a clause for a sentence."""

    purchases: FittedModel | None
    amounts: FittedModel | None
    problems: tuple[tuple[str, str], ...]

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
        have = "customer has" if customers == 1 else "customers have"
        few = (
            f"{customers} {have} bought and {repeaters} of them again, where at least "
            f"{MINIMUM_CUSTOMERS} and {MINIMUM_REPEAT_CUSTOMERS} are needed"
        )
        return ValueModels(None, None, (("too_few_customers", few),))
    purchases = _fit_purchases(patterns)
    if purchases is None:
        return ValueModels(None, None, (("no_fit", "the purchase model (BG/NBD) found no best parameters"),))
    amounts = _fit_amounts(patterns)
    if amounts is None:
        problem = "the model of amounts (Gamma-Gamma) found no best parameters"
        return ValueModels(purchases, None, (("no_fit_of_amounts", problem),))
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
    found["p_alive"] = probability_alive(models.purchases, frequency, last_purchase, age)
    for days in HORIZONS_DAYS:
        found[f"predicted_purchases_{days}d"] = expected_purchases(
            models.purchases, days / DAYS_PER_WEEK, frequency, last_purchase, age
        )
    if models.amounts is not None:
        found["expected_purchase_amount"] = expected_amounts(
            models.amounts, frequency, patterns["repeat_revenue_amount"].to_numpy(float)
        )
        found["predicted_clv_365d"] = found["predicted_purchases_365d"] * found["expected_purchase_amount"]
    return found.replace([np.inf, -np.inf], np.nan)


def share_gone(patterns: pd.DataFrame, model: FittedModel) -> float:
    """Of the customers with repeat purchases, the share that the model holds to have left for good."""
    rows = patterns[patterns["frequency"] > 0]
    gone = 1 - probability_alive(model, *_weeks(rows))
    return float(np.average(gone, weights=rows["customer_count"]))


def probability_alive(
    model: FittedModel, frequency: np.ndarray, last_purchase: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """The probability that a customer has not left for good; 1 without a repeat purchase. Ages in weeks.

    Fader, Hardie and Lee (2008), Computing P(alive) Using the BG/NBD Model.
    """
    r, alpha, a, b = model.parameters.values()
    log_odds_of_having_left = (r + frequency) * np.log((alpha + age) / (alpha + last_purchase)) + np.log(
        a / (b + np.maximum(frequency, 1) - 1)
    )
    return np.where(frequency > 0, expit(-log_odds_of_having_left), 1.0)


def expected_purchases(
    model: FittedModel, weeks: float, frequency: np.ndarray, last_purchase: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Purchase dates to be expected in the coming ``weeks`` (equation 10 of the paper of 2005); ages in weeks.

    The hypergeometric function overflows for customers with hundreds of purchases: there Euler's transformation of it is
    computed, which in turn has no value where dropout is the same for all.
    """
    r, alpha, a, b = model.parameters.values()
    share = weeks / (alpha + age + weeks)
    with np.errstate(all="ignore"):
        series = (1 - share) ** (r + frequency) * hyp2f1(r + frequency, b + frequency, a + b + frequency - 1, share)
        transformed = (1 - share) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + frequency - 1, share)
        series = np.where(np.isfinite(series), series, transformed)
        if_alive = (a + b + frequency - 1) / (a - 1) * (1 - series)
    return if_alive * probability_alive(model, frequency, last_purchase, age)


def expected_amounts(model: FittedModel, frequency: np.ndarray, revenue: np.ndarray) -> np.ndarray:
    """What one purchase of a customer will bring (equation 5 of the paper of 2013): ``revenue`` is that of its repeats."""
    p, q, v = model.parameters.values()
    return p * (v + revenue) / (p * frequency + q - 1)


def holdout_bands(patterns: pd.DataFrame, models: ValueModels, days: int) -> pd.DataFrame:
    """What the models of an earlier day said of the ``days`` after it, beside what came (``BAND_COLUMNS``).

    ``patterns`` are of that day, with ``HOLDOUT_COLUMNS``. Band 0 is all customers; bands 1 to 10 are tenths of them by
    predicted purchases, the fewest first. Customers of equal predictions share the band of the first of them.
    """
    frequency, last_purchase, age = _weeks(patterns)
    expected = expected_purchases(models.purchases, days / DAYS_PER_WEEK, frequency, last_purchase, age)
    amounts = np.full(len(patterns), np.nan)
    if models.amounts is not None:
        amounts = expected_amounts(models.amounts, frequency, patterns["repeat_revenue_amount"].to_numpy(float))
    customers = patterns["customer_count"].to_numpy()
    rows = pd.DataFrame(
        {
            "customer_count": customers,
            "predicted_purchases": expected * customers,
            "actual_purchase_count": patterns["holdout_purchase_count"].to_numpy(),
            "predicted_revenue_amount": expected * amounts * customers,
            "actual_revenue_amount": patterns["holdout_revenue_amount"].to_numpy(),
        }
    )
    alike = np.round(expected, 9)  # equal but for the last digits
    values, places = np.unique(alike, return_inverse=True)
    below = np.concatenate([[0], np.cumsum(np.bincount(places, weights=customers, minlength=len(values)))[:-1]])
    rows["band_number"] = 1 + np.floor(BANDS * below[places] / customers.sum()).astype(int)
    all_customers = rows.assign(band_number=0)
    both = pd.concat([all_customers, rows]).groupby("band_number", as_index=False, sort=True)
    return both.agg(lambda values: values.sum(skipna=False))[list(BAND_COLUMNS)]


def bg_nbd_log_likelihood(parameters: Sequence[float], *arguments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logarithm of each customer's likelihood (equation 6 of the paper of 2005), and its gradient: a row per parameter.

    ``arguments``: repeat purchases, age at the last one, and age.
    """
    r, alpha, a, b = parameters
    frequency, last_purchase, age = arguments
    before = np.maximum(frequency, 1) - 1
    alive = betaln(a, b + frequency) - (r + frequency) * np.log(alpha + age)
    left = betaln(a + 1, b + before) - (r + frequency) * np.log(alpha + last_purchase)
    left = np.where(frequency > 0, left, -np.inf)
    either = np.logaddexp(alive, left)
    found = gammaln(r + frequency) - gammaln(r) + r * np.log(alpha) - betaln(a, b) + either

    is_left = np.exp(left - either)
    is_alive = 1 - is_left
    all_three = digamma(a + b) - digamma(a + b + frequency)
    since = is_alive * np.log(alpha + age) + is_left * np.log(alpha + last_purchase)
    rate = is_alive / (alpha + age) + is_left / (alpha + last_purchase)
    gradient = (
        digamma(r + frequency) - digamma(r) + np.log(alpha) - since,
        r / alpha - (r + frequency) * rate,
        all_three + is_left / a,
        all_three - digamma(b) + is_alive * digamma(b + frequency) + is_left * digamma(b + before),
    )
    return found, np.array(gradient)


def gamma_gamma_log_likelihood(parameters: Sequence[float], *arguments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logarithm of each customer's likelihood (equation 1a of the paper of 2013), and its gradient: a row per parameter.

    ``arguments``: repeat purchases, at least one, and their mean amount, above zero.
    """
    p, q, v = parameters
    frequency, mean = arguments
    shape, scale = p * frequency, frequency * mean + v
    found = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
        + (shape - 1) * np.log(mean) + shape * np.log(frequency) - (shape + q) * np.log(scale)
    )  # fmt: skip
    gradient = (
        frequency * (digamma(shape + q) - digamma(shape) + np.log(mean * frequency) - np.log(scale)),
        digamma(shape + q) - digamma(q) + np.log(v / scale),
        q / v - (shape + q) / scale,
    )
    return found, np.array(gradient)


def _fit_purchases(patterns: pd.DataFrame) -> FittedModel | None:
    keys = ["frequency", "last_purchase_age_days", "age_days"]
    rows = patterns.groupby(keys, sort=True, as_index=False)["customer_count"].sum()
    weeks, weights = _weeks(rows), rows["customer_count"].to_numpy(float)
    mean_age = max(float(np.average(weeks[2], weights=weights)), 1.0)
    starts = ((0.0, np.log(mean_age / 3), 0.0, 1.0), (0.0, 0.0, 0.0, 0.0))
    found = _maximum(bg_nbd_log_likelihood, starts, BOUNDS, weeks, weights)
    if found is None:
        return None
    model = FittedModel(
        "bg_nbd", dict(zip(("r", "alpha", "a", "b"), *found[:1], strict=True)), found[1], int(weights.sum())
    )
    return model if _foresees(model, *weeks) else None


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
    keys = ["frequency", "repeat_revenue_amount"]
    rows = patterns[(patterns["frequency"] > 0) & (patterns["repeat_revenue_amount"] > 0)]
    rows = rows.groupby(keys, sort=True, as_index=False)["customer_count"].sum()
    weights = rows["customer_count"].to_numpy(float)
    if weights.sum() < MINIMUM_REPEAT_CUSTOMERS:
        return None
    frequency = rows["frequency"].to_numpy(float)
    mean = rows["repeat_revenue_amount"].to_numpy(float) / frequency
    unit = float(np.average(mean, weights=weights))  # whatever the currency, the search begins near the answer
    starts, bounds = ((1.0, 1.0, 0.0), (0.0, 0.1, 0.0)), (BOUNDS[0], (np.log(LEAST_Q), 12.0), BOUNDS[0])
    found = _maximum(gamma_gamma_log_likelihood, starts, bounds, (frequency, mean / unit), weights)
    if found is None or found[0][1] <= LEAST_Q * (1 + 1e-9):
        return None
    (p, q, v), scaled = found
    log_likelihood = scaled - float(weights.sum()) * np.log(unit)  # of amounts in the units of the data
    return FittedModel("gamma_gamma", {"p": p, "q": q, "v": v * unit}, float(log_likelihood), int(weights.sum()))


def _maximum(
    log_likelihood: Callable[..., tuple[np.ndarray, np.ndarray]],
    starts: Sequence[Sequence[float]],
    bounds: Sequence[tuple[float, float]],
    arguments: Sequence[np.ndarray],
    weights: np.ndarray,
) -> tuple[list[float], float] | None:
    """The parameters of the greatest likelihood that is found from any of ``starts``, and its logarithm; None without one.

    The search is over the logarithms of the parameters, which keeps them above zero.
    """
    total = weights.sum()

    def loss(logarithms: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(logarithms)
        found, gradient = log_likelihood(parameters, *arguments)
        return -float(weights @ found) / total, -(gradient @ weights) * parameters / total

    best = None
    for start in starts:
        with np.errstate(all="ignore"):
            found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=SEARCH)
        if np.isfinite(found.fun) and np.isfinite(found.x).all() and (best is None or found.fun < best.fun):
            best = found
    if best is None:
        return None
    return [float(value) for value in np.exp(best.x)], -float(best.fun * total)


SEARCH = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 20}


def _weeks(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, age at the last purchase and age of the models: whole dates as weeks."""
    return (
        rows["frequency"].to_numpy(float),
        rows["last_purchase_age_days"].to_numpy(float) / DAYS_PER_WEEK,
        rows["age_days"].to_numpy(float) / DAYS_PER_WEEK,
    )
