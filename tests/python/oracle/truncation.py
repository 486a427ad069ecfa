"""Raw data as they would have stood at the end of an earlier day: rows and facts that became known later are gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .evaluator import MAIN_TIMES, ORDER_STATUS_EFFECTS, RawData, Settings, gives_back_all_goods

# What a row says about the time after it came into being, and may therefore not have said at the time.
LATER_FACTS = ("deleted_at", "updated_at", "cancelled_at", "accepted_at", "trial_ended_at")


def truncate(raw: RawData, settings: Settings, last_day: date) -> dict[str, list[dict[str, Any]]]:
    """The rows of ``raw`` as known at the end of ``last_day``.

    Attributes are no dated facts: a customer record that carries a segment or marks a test account stays, whenever it
    was created; any other record created later goes. A reversed status whose date is later becomes ``paid``.
    """
    refunds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for refund in raw.get("refunds", ()):
        refunds.setdefault((refund.get("brand") or "default", refund["order_id"]), []).append(refund)

    def day_of(row: Mapping[str, Any], column: str) -> date | None:
        value = row.get(column)
        if isinstance(value, datetime):
            zone = settings.time_zones.get(row.get("brand") or "default", settings.business_time_zone)
            return value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
        return value

    def is_later(row: Mapping[str, Any], column: str) -> bool:
        day = day_of(row, column)
        return day is not None and day > last_day

    def ends_within_a_day(row: Mapping[str, Any]) -> bool:
        started, ended = row["started_at"], row["ended_at"]
        return isinstance(started, datetime) and isinstance(ended, datetime) and ended - started < timedelta(days=1)

    def is_reversed_later(order: Mapping[str, Any]) -> bool:
        if order.get("cancelled_at") is not None:
            return is_later(order, "cancelled_at")
        total, paid_back = Decimal(str(order["total_amount"])), Decimal(0)
        so_far: list[Mapping[str, Any]] = []
        key = (order.get("brand") or "default", order["order_id"])
        for refund in sorted(refunds.get(key, ()), key=lambda row: day_of(row, "refunded_at")):
            paid_back += Decimal(str(refund["amount"]))
            so_far.append(refund)
            if paid_back >= total or gives_back_all_goods(order, so_far):
                return is_later(refund, "refunded_at")
        return is_later(order, "updated_at")

    result: dict[str, list[dict[str, Any]]] = {}
    for table, rows in raw.items():
        kept = result.setdefault(table, [])
        for original in rows:
            row = dict(original)
            if table == "customers":
                is_attribute = row.get("segment") is not None or row.get("is_test")
                if is_later(row, "created_at") and not is_attribute:
                    continue
            elif table == "subscriptions":
                for column in ("trial_started_at", "started_at"):
                    if is_later(row, column):
                        del row[column]
                if "trial_started_at" not in row and "started_at" not in row:
                    continue
                # a checkout is given up within a day: it is written with its end
                is_given_up = "ended_at" in row and "started_at" in row and ends_within_a_day(row)
                if (
                    is_later(row, "ended_at")
                    and not is_given_up
                    and (is_later(row, "cancelled_at") or row.get("cancelled_at") is None)
                ):
                    del row["ended_at"]
            elif is_later(row, MAIN_TIMES.get(table, "created_at")):
                continue
            if table == "orders" and ORDER_STATUS_EFFECTS[row.get("status")] == "reversed" and is_reversed_later(row):
                row["status"] = "paid"
            for column in LATER_FACTS:
                if is_later(row, column):
                    del row[column]
            kept.append(row)
    return result
