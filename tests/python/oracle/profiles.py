"""What one customer's history says of it, read event by event: consent, habits, the next order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

Row = dict[str, Any]
Query = Callable[[str], list[Row]]


@dataclass(frozen=True)
class Consent:
    """What a customer's record and its newsletter events say; None: they are silent."""

    is_anonymous: bool
    record: bool | None
    record_date: date | None
    newsletter: bool | None
    newsletter_date: date | None

    @property
    def may_be_written_to(self) -> bool:
        """A no of the newsletter counts, then what the record says, then a yes of the newsletter."""
        if self.is_anonymous or self.newsletter is False:
            return False
        return self.newsletter is True if self.record is None else self.record


def is_anonymous(brand: str, customer: str) -> bool:
    """Whether the id of a customer is that of a device."""
    return customer.split(":")[0 if brand == "default" else len(brand.split(":"))] == "anonymous" and ":" in customer


def consents(
    query: Query, owner: Mapping[str, str], shared_from: Mapping[str, date], as_of: date
) -> dict[str, Consent]:
    """By customer_id: person by person, answer by answer. ``owner``: customer_id of each raw id."""
    records = {row["person_id"]: row for row in query("from staging.stg_shop__customers")}
    answers = defaultdict(list)
    for row in events_of(query, owner, shared_from, as_of, ("newsletter_subscribed", "newsletter_unsubscribed")):
        is_no = row["event_type"] == "newsletter_unsubscribed"
        answers[row["owner"]].append((row["occurred_at"], is_no, row["occurred_date"]))
    found = {}
    for customer in query("from intermediate.int_customers where merged_date is null"):
        key = customer["customer_id"]
        last = max(answers[key]) if answers[key] else None
        record = records.get(key, {})
        changed = record.get("updated_date") or record.get("created_date")
        says = record.get("marketing_consent")
        found[key] = Consent(
            is_anonymous(customer["brand"], key),
            says,
            changed if says is not None and changed is not None and changed <= as_of else None,
            None if last is None else not last[1],
            None if last is None else last[2],
        )
    return found


def events_of(
    query: Query, owner: Mapping[str, str], shared_from: Mapping[str, date], as_of: date, types: Sequence[str]
) -> Iterable[Row]:
    """Engagements and touchpoints of these types that a customer owns at the as-of date, with their ``owner``."""
    for table, column in (("engagements", "engagement_type"), ("touchpoints", "touch_type")):
        for row in query(f"from staging.stg_marketing__{table}"):
            person, deleted = row["person_id"], row["deleted_date"]
            is_shared = person in shared_from and row["occurred_date"] >= shared_from[person]
            if is_shared and not (row["anonymous_id"] and row["email"]):
                continue
            if row[column] in types and person in owner and (deleted is None or deleted > as_of):
                yield row | {"owner": owner[person], "event_type": row[column]}


def next_order(days: Iterable[date]) -> tuple[date, date, date] | None:
    """Expected, earliest and latest date of the next order by the gaps so far; None if these are fewer than three."""
    dates = sorted(set(days))
    gaps = sorted((later - earlier).days for earlier, later in pairwise(dates))
    if len(gaps) < 3:
        return None
    shorter, longer = gaps[(len(gaps) - 1) // 2], gaps[len(gaps) // 2]
    median = int(Fraction(shorter + longer, 2) + Fraction(1, 2))
    # the narrowest pair of gaps, as far from either end, that the next one lies between in half of all cases
    left_out = 1
    while 1 - Fraction(2 * (left_out + 1), len(gaps) + 1) >= Fraction(1, 2):
        left_out += 1
    return tuple(dates[-1] + timedelta(days=gap) for gap in (median, gaps[left_out - 1], gaps[-left_out]))


def price_sensitive_since(orders: Iterable[tuple[date, bool]], share: Fraction, minimum: int) -> date | None:
    """First day from which the share of orders with a discount has been as high at the end of each day with an order."""
    orders, since = list(orders), None
    for day in sorted({day for day, _ in orders}):
        so_far = [is_discounted for ordered, is_discounted in orders if ordered <= day]
        holds = len(so_far) >= minimum and sum(so_far) >= share * len(so_far)
        since = (since or day) if holds else None
    return since


def favourite(choices: Iterable[tuple[str, date]]) -> str | None:
    """What is chosen most often; of equals what was chosen last, then the first by name."""
    choices = list(choices)
    times = Counter(choice for choice, _ in choices)
    last = {choice: max(day for other, day in choices if other == choice) for choice in times}
    return min(times, key=lambda choice: (-times[choice], -last[choice].toordinal(), choice), default=None)
