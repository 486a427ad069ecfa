"""Cut-offs and churn windows that fit the customers of a warehouse: proposals for two seeds, from what is published.

RFM: the quintiles of each brand's customers at the end of a month, as values that stand in the seed from then on, so that
scores of different months can be compared. Churn: the shortest window after which few enough came back.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lifecycle_tools.explaining import ExplainError, seed_rows
from lifecycle_tools.whatif.thresholds import DEFAULT, segment_key

CUTOFFS, THRESHOLDS = "rfm_cutoffs", "lifecycle_thresholds"
FEWEST = (
    50  # customers, ten a score or fifty that churned: of fewer, one customer more or less moves a cut-off or a rate
)
LEAST_FREQUENCY, LEAST_AMOUNT = 1, Decimal("0.01")
LAST_MONTH = "select max(month_date) from marts.rfm_segments_monthly where is_mature"
RFM = """
    select brand, recency_days, frequency, monetary_amount from marts.rfm_segments_monthly
    where month_date = ? and is_mature
"""
WINDOWS = """
    select segment, window_days, sum(customers_churned_count), sum(later_returned_count)
    from marts.churn_window_calibration group by segment, window_days order by segment, window_days
"""


@dataclass(frozen=True)
class Proposal:
    """One seed as it would be: ``rows`` as text, and ``said``, a line for each brand or segment on why."""

    seed: str
    rows: Sequence[Mapping[str, str]]
    said: Sequence[str]

    @property
    def text(self) -> str:
        """The file."""
        file = io.StringIO()
        writer = csv.DictWriter(file, list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return file.getvalue()

    def changes(self) -> list[Mapping[str, str]]:
        """The rows that the seed of the project has not."""
        now = seed_rows(self.seed)
        return [row for row in self.rows if dict(row) not in now]

    def write(self, directory: Path) -> Path:
        """Write the file into ``directory``, in the place of one that is there."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.seed}.csv"
        path.write_text(self.text, encoding="utf-8")
        return path


def propose_cutoffs(source: Any, month: date | None) -> Proposal:
    """Cut-offs by the quintiles of each brand's customers at the end of ``month``, by default the last that is finished.

    Brands of fewer than FEWEST customers keep what they have. Raises ``ExplainError`` when the month has no customer.
    """
    month = month or source.marts(LAST_MONTH)[0][0]
    customers: dict[str, list[tuple]] = {}
    for brand, *values in source.marts(RFM, [month]) if month else ():
        customers.setdefault(brand, []).append(tuple(values))
    if not customers:
        asked = f"the month {month:%Y-%m}" if month else "a month"
        raise ExplainError(
            f"No customer has an RFM score of {asked} that is finished: take a month after the first purchase."
        )
    rows = {(row["brand"], row["score"]): row for row in seed_rows(CUTOFFS)}
    said = []
    for brand, values in sorted(customers.items()):
        if len(values) < FEWEST:
            held_to = brand if (brand, "5") in rows else DEFAULT
            said.append(
                f"{brand}: {len(values)} customers at the end of {month:%Y-%m}, where {FEWEST} are needed: "
                f"the rows of {held_to} are for them"
            )
            continue
        rows |= {(brand, row["score"]): row for row in quintiles(brand, values)}
        said.append(f"{brand}: quintiles of {len(values):,} customers at the end of {month:%Y-%m}")
    return Proposal(CUTOFFS, list(rows.values()), said)


def quintiles(brand: str, customers: Sequence[tuple[int, int, Decimal]]) -> list[dict[str, str]]:
    """Rows of the seed for the scores 5 to 1: the value of the customer at 20, 40, 60 and 80 % of each order (nearest rank).

    ``customers``: days since the last purchase, purchase dates and net revenue in twelve months. Customers of one value have
    one score, the highest that it reaches, so a score may have more than a fifth of them or none. A customer who bought
    nothing in twelve months scores 1 for frequency and money, however many others did so.
    """
    recency = sorted(days for days, _, _ in customers)
    frequency = sorted((count for _, count, _ in customers), reverse=True)
    amount = sorted((money for _, _, money in customers), reverse=True)
    rows = []
    for score in (5, 4, 3, 2):
        place = math.ceil(len(customers) * (6 - score) / 5) - 1
        values = (
            recency[place],
            max(frequency[place], LEAST_FREQUENCY),
            max(amount[place], LEAST_AMOUNT),
        )
        rows.append(_row(brand, score, values))
    return [*rows, _row(brand, 1, ("", "", ""))]


def propose_thresholds(source: Any, returning: float) -> Proposal:
    """``churn_after_days``: the shortest window after which at most the share ``returning`` of the churned bought again.

    A row of the seed is judged by the customers of its segment, ``default`` by those of all segments without a row. A row for
    which no window of marts.churn_window_calibration will do, or that fewer than FEWEST customers speak for, stays.
    """
    rows = [dict(row) for row in seed_rows(THRESHOLDS)]
    own = {segment_key(row["segment"]) for row in rows}
    counts: dict[str, dict[int, list[int]]] = {}
    for segment, window, churned, returned in source.marts(WINDOWS):
        key = segment_key(segment or "")
        found = counts.setdefault(key if key in own else DEFAULT, {}).setdefault(int(window), [0, 0, 0])
        for place, count in enumerate((churned, returned, 1)):
            found[place] += int(count)
    said = []
    for row in rows:
        windows = counts.get(segment_key(row["segment"]), {})
        said.append(f"{row['segment']}: {_choose(row, windows, returning)}")
    return Proposal(THRESHOLDS, rows, said)


def _choose(row: dict[str, str], windows: Mapping[int, Sequence[int]], returning: float) -> str:
    """Change the row if a window fits, and say why or why not."""
    # A window that is a candidate for some segments only, as it is their threshold now, would compare other customers.
    most = max((segments for *_, segments in windows.values()), default=0)
    asked = {days: (churned, came) for days, (churned, came, segments) in sorted(windows.items()) if segments == most}
    fitting = [days for days, (churned, came) in asked.items() if churned >= FEWEST and came <= returning * churned]
    if not fitting:
        judged = {days: came / churned for days, (churned, came) in asked.items() if churned >= FEWEST}
        why = f"fewer than {FEWEST} customers have churned"
        if judged:
            days = min(judged, key=judged.get)
            why = f"more than {returning:.1%} came back after every window, the fewest ({judged[days]:.1%}) after {days} days"
        return f"{why}: churn_after_days stays {row['churn_after_days']}"
    days = fitting[0]
    churned, came = asked[days]
    now, row["churn_after_days"] = row["churn_after_days"], str(days)
    change = f"stays {now}" if now == str(days) else f"{now} -> {days}"
    text = f"churn_after_days {change}: {came:,} of {churned:,} who were silent so long came back"
    if int(row["at_risk_after_days"]) > days:
        at_risk, row["at_risk_after_days"] = row["at_risk_after_days"], str(max(1, days // 2))
        text += f"; at_risk_after_days {at_risk} -> {row['at_risk_after_days']}, which may not be later"
    return text


def _row(brand: str, score: int, values: Iterable[Any]) -> dict[str, str]:
    names = ("brand", "score", "maximum_recency_days", "minimum_frequency", "minimum_monetary_amount")
    return dict(zip(names, map(str, (brand, score, *values)), strict=True))
