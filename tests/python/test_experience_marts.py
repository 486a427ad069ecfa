"""The marts of experience on demo data and on random dirty raw data, recomputed naively from staging: row by row, day by day.

Who is one person, the sessions of the site and the published stages are taken from the warehouse; they have tests of their own.
``LIFECYCLE_SEED`` (default 1) says which random data.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from conftest import replace_seed
from oracle.claims import check_claims, check_fault
from oracle.evaluator import DEFAULT_THRESHOLDS, Settings
from oracle.raw_files import write_raw_data
from oracle.runs import demo as demo_in
from oracle.runs import run_dbt
from oracle.truncation import truncate

SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
ONE_DAY = timedelta(days=1)
Z_SCORE = 1.959963984540054
SLICES = ("acquisition_channel", "country_code", "segment")
RANDOM_AS_OF = date(2024, 3, 31)  # the day Paris loses an hour
RANDOM_ZONES = {"default": "UTC", "paris": "Europe/Paris", "west": "America/New_York"}
TRIAL_DAYS = 21
MARTS = (
    "cart_abandonment_daily", "trial_conversion_monthly", "nps_monthly", "csat_monthly", "audience_daily", "audience_monthly",
    "support_monthly", "user_content_monthly",
)  # fmt: skip
Cells = dict[tuple, dict[str, Any]]


def first_of_month(day: date) -> date:
    """Give the month of a day."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Give the first day of the month after the day's."""
    return first_of_month(first_of_month(day) + timedelta(days=32))


def ratio(numerator: float, denominator: float) -> float | None:
    """Divide, or nothing by zero."""
    return float(numerator) / float(denominator) if denominator else None


def wilson(successes: int, trials: int) -> tuple[float | None, float | None]:
    """Solve (share - p)^2 = z^2 p (1 - p) / trials for p: the proportions that the sample does not contradict."""
    if not trials:
        return None, None
    share = successes / trials
    square, linear, constant = 1 + Z_SCORE**2 / trials, -(2 * share + Z_SCORE**2 / trials), share**2
    root = sqrt(max(linear**2 - 4 * square * constant, 0))
    return (-linear - root) / (2 * square), (-linear + root) / (2 * square)


def nps_interval(promoters: int, detractors: int, respondents: int) -> tuple[float | None, float | None]:
    """Add three answers, 3/4, 3/2 and 3/4, and take the standard error of the mean of +1, 0 and -1."""
    if not respondents:
        return None, None
    count = respondents + 3
    values = {1: promoters + 0.75, 0: respondents - promoters - detractors + 1.5, -1: detractors + 0.75}
    mean = sum(value * weight for value, weight in values.items()) / count
    error = sqrt(sum(weight * (value - mean) ** 2 for value, weight in values.items()) / count / count)
    score = (promoters - detractors) / respondents
    lower, upper = min(mean - Z_SCORE * error, score), max(mean + Z_SCORE * error, score)
    return 100 * max(lower, -1), 100 * min(upper, 1)


@dataclass
class Reference:
    """A finished warehouse and what tells whose a row is."""

    path: Path
    as_of: date
    zones: Mapping[str, str]
    trial_days: int
    owner: dict[str, int]
    shared_from: dict[str, date]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def staged(self, model: str) -> list[dict[str, Any]]:
        """Rows of a staging model that have not been deleted by the as-of date."""
        return [
            row
            for row in self.rows(f"select * from staging.{model}")
            if row["deleted_date"] is None or row["deleted_date"] > self.as_of
        ]

    def said_by(self, model: str, dated: str) -> Iterator[tuple[dict[str, Any], int | None]]:
        """Rows with the customer they belong to, None without a customer; those of people who became testers are left out."""
        for row in self.staged(model):
            person = row["person_id"]
            if person is None or row[dated] >= self.shared_from.get(person, date.max):
                yield row, None
            elif person in self.owner:
                yield row, self.owner[person]

    def said_once(
        self, model: str, when: str, key: str, about: Callable[[dict[str, Any]], object], minutes: int
    ) -> list[tuple[dict[str, Any], int | None]]:
        """What a customer said about one thing in a month, without what was said again within so many minutes."""
        said = list(self.said_by(model, when.replace("_at", "_date")))
        said.sort(key=lambda pair: pair[0][key], reverse=True)
        said.sort(key=lambda pair: pair[0][when])
        later: dict[object, datetime] = {}
        kept = []
        for row, customer in reversed(said):
            topic = (row["brand"], customer, first_of_month(row[when.replace("_at", "_date")]), about(row))
            again = later.get(topic)
            later[topic] = row[when]
            if customer is None or again is None or again - row[when] > timedelta(minutes=minutes):
                kept.append((row, customer))
        return kept[::-1]

    def end_of_as_of(self, brand: str) -> datetime:
        """Give the moment (UTC) at which the as-of date is over where the brand is."""
        midnight = datetime.combine(
            self.as_of + ONE_DAY, time(), ZoneInfo(self.zones.get(brand, self.zones["default"]))
        )
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def has_ended(self, month: date) -> bool:
        """Whether a month is over by the as-of date."""
        return next_month(month) <= self.as_of + ONE_DAY


def random_raw(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Raw rows of a small world in which much is missing, late, repeated, deleted or written oddly.

    Moments keep near other moments: a day, thirty or ninety days away, to the second.
    """
    rng = random.Random(seed)
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    brands = list(RANDOM_ZONES)
    start = datetime(2023, 10, 1)

    def moment(near: datetime | None = None) -> datetime:
        if near is not None and rng.random() < 0.7:
            step = rng.choice([0, 1, 24 * 3600, 24 * 3600, 90 * 60, 30 * 86400, 30 * 86400, 5 * 86400, 90 * 86400])
            return near + timedelta(seconds=step + rng.choice([-1, 0, 0, 1]))
        if rng.random() < 0.15:
            # around the end of the as-of date, in one zone or another
            return datetime(2024, 3, 30, 12) + timedelta(minutes=30 * rng.randint(0, 80))
        return start + timedelta(seconds=rng.randint(0, 185 * 86400))

    def written(value: datetime) -> datetime | date:
        return value.date() if rng.random() < 0.08 else value

    def someone(*names: str) -> dict[str, Any]:
        name = rng.choice([*names, None])
        values = {
            "customer_id": f"c{rng.choice([*range(14), 24, 25, 39])}",
            "email": rng.choice(["shared@x.test", "Guest@x.test ", f"p{rng.randint(0, 9)}@x.test"]),
            "anonymous_id": f"v{rng.randint(0, 9)}",
        }
        return {name: values[name]} if name else {}

    def add(table: str, key: str, row: dict[str, Any], brand: str | None = None) -> dict[str, Any]:
        rows = tables[table]
        row = {key: f"{table[:2]}{len(rows)}", "brand": brand or rng.choice(brands), **row}
        if rng.random() < 0.07:
            row["deleted_at"] = moment()
        rows.append(row)
        if rng.random() < 0.04:
            rows.append(dict(row))
        return row

    for number in range(40):
        for brand in brands:
            tables["customers"].append({
                "customer_id": f"c{number}", "brand": brand, "created_at": datetime(2023, 9, 1),
                # more of them with one e-mail than one person can be
                "email": "shared@x.test" if number < 8 else f"p{number}@x.test" if number < 16 else None,
                "country_code": rng.choice(["FR", "de", "", "Narnia"]), "segment": rng.choice(["a", "b", " "]),
                "is_test": "yes" if number == 39 else None,
            })  # fmt: skip
    for number in range(6):
        add("identity_links", "link_id", {
            "linked_at": moment(), "id_type": "customer_id", "id_value": f"c{20 + number}",
            "customer_id": "c39" if number == 5 else f"c{number + 9}",
        }, brand=brands[number % 3])  # fmt: skip
    for _ in range(260):
        created = moment()
        updated = rng.choice([None, moment(created), created + timedelta(minutes=rng.randint(1, 300)), moment()])
        cart = add("carts", "cart_id", {
            **someone("customer_id", "anonymous_id"), "created_at": written(created), "updated_at": updated,
            "last_step": rng.choice(["Cart", "cart ", "payment", "", None]),
            "value_amount": rng.choice(["12,50", 99.99, "1e2", None, "-3", "about ten", 0]),
            "currency": rng.choice(["EUR", "usd", "GBP", "", "XXX"]),
        })  # fmt: skip
        for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
            touched = updated if updated and updated > created else created
            order = add("orders", "order_id", {
                **someone("customer_id", "email"), "ordered_at": written(moment(touched)),
                "total_amount": rng.choice([0, 20, 35.5]),
                "status": rng.choice([None, "paid", "paid", "paid", "failed", "pending", "draft", "cancelled", "refunded"]),
                "cancelled_at": moment() if rng.random() < 0.1 else None, "updated_at": moment() if rng.random() < 0.5 else None,
                "currency": rng.choice(["EUR", "USD"]),
            }, brand=cart["brand"] if rng.random() < 0.9 else None)  # fmt: skip
            if rng.random() < 0.6:
                order["cart_id"] = cart["cart_id"]
            else:
                cart["order_id"] = order["order_id"]
            if rng.random() < 0.2:
                add("refunds", "refund_id", {
                    "order_id": order["order_id"], "refunded_at": moment(), "amount": order["total_amount"],
                }, brand=order["brand"])  # fmt: skip
    for _ in range(150):
        begun = moment()
        paid = rng.choice([None, None, moment(begun), moment(begun), moment()])
        with_trial = rng.random() < 0.65
        add("subscriptions", "subscription_id", {
            "customer_id": f"c{rng.randint(0, 25)}", "plan": rng.choice(["plus", "basic", None]),
            "trial_started_at": written(begun) if with_trial else None,
            "trial_ended_at": moment(begun) if with_trial and rng.random() < 0.5 else None,
            "started_at": paid if with_trial else paid or begun,
            "monthly_amount": 9.9, "currency": "EUR",
        })  # fmt: skip
    for _ in range(700):
        answered = datetime.combine(moment().date(), time(12)) if rng.random() < 0.3 else moment()
        add("survey_responses", "response_id", {
            **someone("customer_id", "customer_id", "email"), "responded_at": answered,
            "survey_type": rng.choice(["NPS", "nps", "nps", "csat", "csat", "exit", "ces", None]),
            "score": rng.choice([*range(11), " 9 ", "7,5", "N/A", "good", -1, None]),
            "scale_max": rng.choice([10, 10, 5, 5, 7, 100, None, 0]),
            "touchpoint": rng.choice(["delivery", " support", "", None]),
        })  # fmt: skip
    for _ in range(200):
        created = moment()
        add("support_tickets", "ticket_id", {
            **someone("customer_id", "customer_id", "email"), "created_at": written(created),
            "category": rng.choice(["billing", "delivery", None]),
            "first_response_at": rng.choice([None, moment(created), created + timedelta(seconds=rng.randint(1, 10**5))]),
            "resolved_at": rng.choice([None, moment(created), created + timedelta(seconds=rng.randint(1, 10**6))]),
            "reopened_count": rng.choice([0, 0, 1, 2, None, "many"]),
        })  # fmt: skip
    for table, key, when in [
        ("survey_responses", "response_id", "responded_at"), ("support_tickets", "ticket_id", "created_at"),
    ]:  # fmt: skip
        for row in rng.sample(tables[table], 60):
            sent = row[when]
            if isinstance(sent, datetime):
                again = {**row, when: sent + timedelta(seconds=rng.choice([0, 1, 40, 300, 301, 3600, 3601]))}
                add(table, key, {name: value for name, value in again.items() if name != key}, brand=row.get("brand"))
    for _ in range(120):
        add("reviews", "review_id", {
            "customer_id": f"c{rng.randint(0, 39)}", "rating": rng.choice([1, 3, "4", 4.5, 5, None]),
            "published_at": moment(), "is_user_content": rng.choice([True, False, "oui", None]),
        })  # fmt: skip
    for platform in ("meta", "youtube", "web"):
        for brand in brands[:2]:
            followers = rng.randint(0, 30)
            for number in range(185):
                followers = max(followers + rng.randint(-3, 4), 0)
                if rng.random() < 0.2:
                    continue
                if rng.random() < 0.2:
                    tables["social_daily"].append({
                        "brand": brand, "date": (start + timedelta(days=number)).date(), "platform": platform,
                        "is_paid": "x" if rng.random() < 0.1 else True, "impressions": 9, "followers_total": 3, "likes": 2,
                    })  # fmt: skip
                tables["social_daily"].append({
                    "brand": brand, "date": (start + timedelta(days=number)).date(), "platform": platform,
                    "is_paid": rng.choice([True, False, None]), "impressions": rng.choice([0, 7, 100, None, "1 200"]),
                    "followers_total": rng.choice([followers, followers, None]),
                    "deleted_at": moment() if rng.random() < 0.05 else None,
                    **{name: rng.choice([0, 1, 5, -2, None, "n/a"]) for name in ("likes", "comments", "shares", "mentions")},
                })  # fmt: skip
    for number in range(160):
        for episode in range(rng.randint(0, 2)):
            tables["podcast_daily"].append({
                "brand": "paris", "date": (start + timedelta(days=number)).date(), "platform": rng.choice(["youtube", "apple"]),
                "episode_id": f"e{episode}", "listeners": rng.choice([0, 3, None]), "downloads": rng.choice([0, 4, -1]),
                "deleted_at": moment() if rng.random() < 0.05 else None,
            })  # fmt: skip
    for _ in range(400):
        add("touchpoints", "touchpoint_id", {
            **someone("customer_id", "anonymous_id", "email"), "occurred_at": moment(),
            "touch_type": rng.choice(["visit", "click", "impression"]),
        })  # fmt: skip
    return tables


def build(raw_data_dir: Path, directory: Path, zones: Mapping[str, str], **settings: str) -> Reference:
    """Build raw data in ``directory`` as far as the marts of experience need."""
    path = directory / "warehouse.duckdb"
    environment = {
        "raw_data_dir": raw_data_dir,
        "warehouse_path": path,
        "as_of_date": "",
        "reporting_currency": "EUR",
        "business_time_zone": zones["default"],
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
        **settings,
    }
    selected = ["run", "--select", "+marts.experience", "+customer_stages_daily"]
    for arguments in (["seed"], selected):
        if arguments is selected and len(zones) > 1:
            with duckdb.connect(str(path)) as connection:
                rows = [{"brand": brand, "business_time_zone": zone} for brand, zone in zones.items()]
                replace_seed(connection, "staging.brands", rows)
        result = run_dbt(arguments, **environment)
        assert result.success, "\n".join(result.problems)
    return reference_of(path, zones, int(settings.get("trial_default_days", "30")))


def reference_of(path: Path, zones: Mapping[str, str], trial_days: int = 30) -> Reference:
    """Read who is who."""
    with duckdb.connect(str(path), read_only=True) as connection:
        as_of = connection.execute("select as_of_date from staging.as_of_date").fetchone()[0]
        owner = connection.execute(
            "select person_id, customer_key from intermediate.int_identity_map where valid_to = '9999-12-31'"
        ).fetchall()
        shared = connection.execute(
            "select person_id, shared_from_date from intermediate.int_identity_shared_ids"
        ).fetchall()
    return Reference(path, as_of, zones, trial_days, dict(owner), dict(shared))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Build the demo data."""
    zone = "Europe/Paris"
    return reference_of(demo_in(tmp_path_factory.mktemp("experience"), zone), {"default": zone})


@pytest.fixture(scope="module", params=["demo", "random"])
def reference(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Give the demo data, then random dirty data in three time zones."""
    if request.param == "demo":
        return request.getfixturevalue("demo")
    directory = tmp_path_factory.mktemp("experience_random")
    raw = write_raw_data(random_raw(SEED), directory / "raw")
    settings = {"as_of_date": RANDOM_AS_OF.isoformat(), "trial_default_days": str(TRIAL_DAYS)}
    return build(raw, directory, RANDOM_ZONES, **settings)


def assert_mart(reference: Reference, mart: str, keys: Iterable[str], expected: Cells) -> None:
    """Compare a mart with the expected cells: the same keys, and in each the expected columns, all but the keys."""
    keys = tuple(keys)
    rows = reference.rows(f"select * from marts.{mart}")
    actual = {tuple(row[key] for key in keys): row for row in rows}
    assert len(actual) == len(rows)
    assert actual.keys() == expected.keys()
    assert rows, "nothing to compare"
    for key, cell in expected.items():
        assert cell.keys() == actual[key].keys() - {*keys, "currency"}
        for name, value in cell.items():
            found = actual[key][name]
            if isinstance(value, float):
                assert found == pytest.approx(value, rel=1e-9, abs=1e-9), (mart, key, name)
            else:
                assert found == value, (mart, key, name)


def placed_orders(reference: Reference) -> Iterator[dict[str, Any]]:
    """Orders that were a purchase at some time, by their status, cancellation or refunds."""
    refunds = defaultdict(list)
    for row in reference.rows("select * from staging.base_shop__refunds where rejection_reason is null"):
        refunds[row["brand"], row["order_id"]].append(row)
    for order in reference.staged("stg_shop__orders"):
        changes: dict[date, Decimal] = defaultdict(Decimal)
        for row in refunds[order["brand"], order["order_id"]]:
            day = max(row["refunded_date"], order["ordered_date"])
            changes[day] += row["amount"]
            if row["deleted_date"] is not None:
                changes[max(row["deleted_date"], day)] -= row["amount"]
        balance, is_refunded = Decimal(0), False
        for day in sorted(changes):
            balance += changes[day]
            is_refunded = is_refunded or balance >= order["total_amount"] > 0
        dated = order["cancelled_date"] or order["updated_date"] or is_refunded
        if order["status_effect"] == "purchase" or (order["status_effect"] == "reversed" and dated):
            yield order


def test_carts(reference: Reference) -> None:
    """Follow each cart to the first of its orders, else to what the same person orders next; one of nothing is none."""
    by_id, by_cart, by_person = {}, defaultdict(list), defaultdict(list)

    def owner(row: Mapping[str, Any], day: date) -> int | None:
        if day >= reference.shared_from.get(row["person_id"], date.max):
            return None
        return reference.owner.get(row["person_id"])

    for order in placed_orders(reference):
        by_person[owner(order, order["ordered_date"])].append(order["ordered_at"])
        by_id[order["brand"], order["order_id"]] = order["ordered_at"]
        by_cart[order["brand"], order["cart_id"]].append(order["ordered_at"])
    found: dict[tuple, list] = defaultdict(list)
    for cart in reference.staged("stg_shop__carts"):
        at, day = cart["created_at"], cart["created_date"]
        if cart["updated_at"] is not None and cart["updated_at"] > at and cart["updated_date"] <= reference.as_of:
            at, day = cart["updated_at"], cart["updated_date"]
        orders = list(by_cart[cart["brand"], cart["cart_id"]])
        if (cart["brand"], cart["order_id"]) in by_id:
            orders.append(by_id[cart["brand"], cart["order_id"]])
        value = cart["value_amount"]
        if not orders and value is not None and round(value * cart["reporting_rate"], 2) == 0:
            continue
        customer = owner(cart, cart["created_date"])
        if not orders and customer is not None:
            orders = [
                when for when in by_person[customer] if when >= max(at - timedelta(minutes=10), cart["created_at"])
            ]
        if value is not None:
            value = (value * cart["reporting_rate"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        end = reference.end_of_as_of(cart["brand"])
        found[cart["brand"], day, cart["last_step"] or "unknown"].append((
            at + ONE_DAY < end,
            at + 30 * ONE_DAY < end,
            bool(orders) and min(orders) <= at + ONE_DAY,
            bool(orders) and min(orders) <= at + 30 * ONE_DAY,
            value,
        ))  # fmt: skip
    expected = {}
    for key, carts in found.items():
        mature = [cart for cart in carts if cart[0]]
        abandoned = [cart for cart in mature if not cart[2]]
        recovered = [cart for cart in abandoned if cart[3]]
        all_due = all(cart[1] for cart in carts)

        def amount(some_carts: list) -> Decimal | None:
            values = [cart[4] for cart in some_carts if cart[4] is not None]
            return sum(values, Decimal(0)) if values or not some_carts else None

        expected[key] = {
            "cart_count": len(mature),
            "ordered_in_time_count": len(mature) - len(abandoned),
            "abandoned_count": len(abandoned),
            "abandonment_rate": ratio(len(abandoned), len(mature)),
            "recovered_count": len(recovered),
            "recovery_rate": ratio(len(recovered), len(abandoned)) if all_due else None,
            "abandoned_amount": amount(abandoned),
            "recovered_amount": amount(recovered),
            "immature_cart_count": len(carts) - len(mature),
            "is_mature": len(mature) == len(carts),
            "is_recovery_mature": all_due,
        }
    assert_mart(reference, "cart_abandonment_daily", ("brand", "date_day", "last_step"), expected)
    names = ["ordered_in_time_count", "abandoned_count", "recovered_count"]
    if len(reference.zones) > 1:
        names.append("immature_cart_count")
    for name in names:
        assert sum(cell[name] for cell in expected.values()), f"{name} is always 0"


def test_trials(reference: Reference) -> None:
    """Give each paid start, in the order of its day, to the trial that led to it."""
    by_customer = defaultdict(list)
    for row in reference.staged("stg_billing__subscriptions"):
        if row["person_id"] in reference.owner:
            by_customer[reference.owner[row["person_id"]]].append(row)
    versions = defaultdict(list)
    for row in reference.rows(
        "select brand, subscription_id, plan, cast(coalesce(updated_at, loaded_at) as date) as since "
        "from staging.base_billing__subscriptions "
        "where coalesce(rejection_reason, 'superseded_version') = 'superseded_version' "
        "order by coalesce(updated_at, loaded_at) nulls first"
    ):
        versions[row["brand"], row["subscription_id"]].append(row)
    cells: dict[tuple, list] = defaultdict(list)
    for rows in by_customer.values():
        trials = [row for row in rows if row["trial_started_date"] is not None]
        converted = {}
        for row in rows:
            start = row["started_date"]
            if start is None or start > reference.as_of:
                continue
            if row["trial_started_date"] is not None:
                if start >= row["trial_started_date"]:
                    own = row["subscription_id"]
                    converted[own] = min(start, converted.get(own, start))
                continue
            before = [trial for trial in trials if trial["trial_started_date"] <= start]
            if before:
                latest = max(trial["trial_started_at"] for trial in before)
                choice = min(trial["subscription_id"] for trial in before if trial["trial_started_at"] == latest)
                converted[choice] = min(start, converted.get(choice, start))
        for trial in trials:
            over = trial["trial_ended_date"] or trial["trial_started_date"] + timedelta(days=reference.trial_days)
            # the plan that was tried: of the version that held then, or of the first one
            started = trial["trial_started_date"]
            known = versions[trial["brand"], trial["subscription_id"]]
            held = [row for row in known if row["since"] is None or row["since"] <= started] or known[:1]
            key = (trial["brand"], first_of_month(started), held[-1]["plan"] or "unknown")
            due = over + timedelta(days=30)
            cells[key].append((due <= reference.as_of, converted.get(trial["subscription_id"], date.max) <= due))
    expected = {}
    for key, trials in cells.items():
        mature = [is_converted for is_mature, is_converted in trials if is_mature]
        expected[key] = {
            "trial_count": len(trials),
            "mature_trial_count": len(mature),
            "converted_count": sum(mature),
            "conversion_rate": ratio(sum(mature), len(mature)),
            "is_mature": len(mature) == len(trials) and reference.has_ended(key[1]),
        }
    assert_mart(reference, "trial_conversion_monthly", ("brand", "trial_month", "plan"), expected)


def test_nps(reference: Reference) -> None:
    """At the end of each month, go through the answers of 90 days and remember each customer's last."""
    slices = {
        row["customer_key"]: tuple(row[name] for name in SLICES)
        for row in reference.rows("select * from intermediate.int_customer_dimensions")
    }

    def about(row: dict[str, Any]) -> object:
        score, scale = row["score"], row["scale_max"] if row["scale_max"] is not None else 10
        return row["survey_type"], row["touchpoint"], score is not None and scale == 10 and 0 <= score <= scale

    answers = [
        (row, customer)
        for row, customer in reference.said_once(
            "stg_feedback__survey_responses", "responded_at", "response_id", about, 60
        )
        if row["survey_type"] == "nps"
    ]
    # the later first, and at one instant the smaller id
    answers.sort(key=lambda answer: answer[0]["response_id"])
    answers.sort(key=lambda answer: answer[0]["responded_at"], reverse=True)
    expected: Cells = {}
    month = first_of_month(min(row["responded_date"] for row, _ in answers))
    while month <= reference.as_of:
        last = min(next_month(month) - ONE_DAY, reference.as_of)
        seen = set()
        for row, customer in answers:
            if not last - 90 * ONE_DAY < row["responded_date"] <= last:
                continue
            key = (row["brand"], month, *slices.get(customer, ("unknown",) * 3))
            names = (
                "response",
                "unscored_response",
                "respondent",
                "anonymous_respondent",
                "promoter",
                "passive",
                "detractor",
            )
            cell = expected.setdefault(key, {f"{name}_count": 0 for name in names})
            score, scale = row["score"], row["scale_max"]
            if score is None or not 0 <= score <= 10 or scale not in (None, 10):
                cell["unscored_response_count"] += 1
                continue
            cell["response_count"] += 1
            if customer is not None and customer in seen:
                continue
            seen.add(customer)
            cell["respondent_count"] += 1
            cell["anonymous_respondent_count"] += customer is None
            cell["promoter_count" if score >= 9 else "passive_count" if score >= 7 else "detractor_count"] += 1
        month = next_month(month)
    for key, cell in expected.items():
        counts = cell["promoter_count"], cell["detractor_count"], cell["respondent_count"]
        lower, upper = nps_interval(*counts)
        share = ratio(counts[0] - counts[1], counts[2])
        cell |= {
            "net_promoter_count": counts[0] - counts[1],
            "nps": None if share is None else 100 * share,
            "nps_lower": lower,
            "nps_upper": upper,
            "is_mature": reference.has_ended(key[1]),
        }
    assert_mart(reference, "nps_monthly", ("brand", "month_date", *SLICES), expected)
    assert any(cell["respondent_count"] < cell["response_count"] for cell in expected.values()), (
        "no customer answers twice"
    )


def test_csat(reference: Reference) -> None:
    """Every answer, on the scale from 1 to 5 that its own is stretched to."""
    expected: Cells = {}

    def about(row: dict[str, Any]) -> object:
        score, scale = row["score"], row["scale_max"] if row["scale_max"] is not None else 5
        return row["survey_type"], row["touchpoint"], score is not None and scale >= 1 and 0 <= score <= scale

    for row, customer in reference.said_once(
        "stg_feedback__survey_responses", "responded_at", "response_id", about, 60
    ):
        if row["survey_type"] != "csat":
            continue
        key = (row["brand"], first_of_month(row["responded_date"]), row["touchpoint"] or "unknown")
        names = ("response", "unscored_response", "anonymous_response", "satisfied")
        cell = expected.setdefault(key, {f"{name}_count": 0 for name in names})
        score, scale = row["score"], row["scale_max"] if row["scale_max"] is not None else 5
        if score is None or scale < 1 or not 0 <= score <= scale:
            cell["unscored_response_count"] += 1
            continue
        cell["response_count"] += 1
        cell["anonymous_response_count"] += customer is None
        cell["satisfied_count"] += score >= 1 and (scale == 1 or 1 + 4 * (score - 1) / (scale - 1) >= 4)
    for key, cell in expected.items():
        lower, upper = wilson(cell["satisfied_count"], cell["response_count"])
        cell |= {
            "csat_score": ratio(cell["satisfied_count"], cell["response_count"]),
            "csat_lower": lower,
            "csat_upper": upper,
            "is_mature": reference.has_ended(key[1]),
        }
    assert_mart(reference, "csat_monthly", ("brand", "month_date", "touchpoint"), expected)


SOCIAL = ("like", "comment", "share", "mention")
AUDIENCE = (
    "paid_impression_count", "organic_impression_count", "impression_count", "follower_count", "net_new_follower_count",
    "follower_gap_days", *(f"{name}_count" for name in SOCIAL), "engagement_count", "engagement_rate", "web_session_count",
    "web_visitor_count", "podcast_listener_count", "podcast_download_count",
)  # fmt: skip


def plus(total: int | None, value: int | None) -> int | None:
    """Add where there is something to add."""
    return total if value is None else value + (total or 0)


def audience_days(reference: Reference) -> Cells:
    """What each platform reports of each day."""
    cells: Cells = defaultdict(lambda: dict.fromkeys(AUDIENCE) | {"has_deletions": False})
    last: dict[tuple, tuple[date, int]] = {}
    reports: dict[tuple, dict[bool, dict[str, Any]]] = defaultdict(dict)
    for row in reference.staged("stg_marketing__social_daily"):
        reports[row["brand"], row["date_day"], row["platform"]][bool(row["is_paid"])] = row
    for key, rows in sorted(reports.items(), key=lambda report: report[0][1]):
        cell, day, account = cells[key], key[1], (key[0], key[2])
        for is_paid, row in rows.items():
            cell["paid_impression_count" if is_paid else "organic_impression_count"] = row["impressions"]
            cell["impression_count"] = plus(cell["impression_count"], row["impressions"])
            for name in SOCIAL:
                cell[f"{name}_count"] = plus(cell[f"{name}_count"], row[f"{name}s"])
            for name in SOCIAL[:3]:
                cell["engagement_count"] = plus(cell["engagement_count"], row[f"{name}s"])
        if cell["impression_count"] and cell["engagement_count"] is not None:
            cell["engagement_rate"] = cell["engagement_count"] / cell["impression_count"]
        told = [rows[is_paid]["followers_total"] for is_paid in (False, True) if is_paid in rows]
        followers = next((value for value in told if value is not None), None)
        if followers is not None:
            cell["follower_count"] = followers
            if account in last:
                cell["net_new_follower_count"] = followers - last[account][1]
                cell["follower_gap_days"] = (day - last[account][0]).days
            last[account] = (day, followers)
        moved = [cell["net_new_follower_count"], *(cell[f"{name}_count"] for name in SOCIAL)]
        cell["has_deletions"] = any(value is not None and value < 0 for value in moved)
    for row in reference.staged("stg_marketing__podcast_daily"):
        cell = cells[row["brand"], row["date_day"], row["platform"]]
        cell["podcast_listener_count"] = plus(cell["podcast_listener_count"], row["listeners"])
        cell["podcast_download_count"] = plus(cell["podcast_download_count"], row["downloads"])
    for (brand, day), visitors in visits(reference).items():
        cell = cells[brand, day, "web"]
        cell["web_session_count"], cell["web_visitor_count"] = len(visitors), len(set(visitors) - {None})
    return dict(cells)


def visits(reference: Reference, *, by_month: bool = False) -> dict[tuple[str, date], list[str | None]]:
    """Visitor of each session, by brand and day, or month."""
    found = defaultdict(list)
    for row in reference.rows("select * from intermediate.int_sessions"):
        day = row["started_date"]
        found[row["brand"], first_of_month(day) if by_month else day].append(row["visitor_id"])
    return found


def test_audience_by_day(reference: Reference) -> None:
    """Day after day of each account, remembering the last number of followers."""
    assert_mart(reference, "audience_daily", ("brand", "date_day", "platform"), audience_days(reference))


def test_audience_by_month(reference: Reference) -> None:
    """Sums of days, but for levels and people."""
    expected: Cells = {}
    flows = [
        name for name in AUDIENCE if name.endswith("_count") and name not in ("follower_count", "web_visitor_count")
    ]
    visitors = visits(reference, by_month=True)
    for (brand, day, platform), cell in sorted(audience_days(reference).items()):
        month = expected.setdefault(
            (brand, first_of_month(day), platform),
            dict.fromkeys(flows) | {"period_end_follower_count": None, "has_deletions": False},
        )
        for name in flows:
            month[name] = plus(month[name], cell[name])
        if cell["follower_count"] is not None:
            month["period_end_follower_count"] = cell["follower_count"]
        month["has_deletions"] = month["has_deletions"] or cell["has_deletions"]
    heard: dict[tuple, set[str]] = defaultdict(set)
    for row in reference.staged("stg_marketing__podcast_daily"):
        if row["listeners"]:
            heard[row["brand"], first_of_month(row["date_day"]), row["platform"]].add(row["episode_id"])
    for (brand, month, platform), cell in expected.items():
        cell["podcast_episode_count"] = len(heard[brand, month, platform]) or None
        engaged = cell["engagement_count"]
        cell["engagement_rate"] = None if engaged is None else ratio(engaged, cell["impression_count"] or 0)
        of_month = visitors.get((brand, month)) if platform == "web" else None
        cell["web_visitor_count"] = None if of_month is None else len(set(of_month) - {None})
        cell["is_mature"] = reference.has_ended(month)
    assert_mart(reference, "audience_monthly", ("brand", "month_date", "platform"), expected)


def active_customers(reference: Reference) -> dict[tuple[str, date], set[int]]:
    """Customers of today of whose ids one had an active stage on a day, by brand and month."""
    inactive = ("churned", "discovery", "engagement", "dormant")
    found = defaultdict(set)
    for row in reference.rows(
        "select distinct brand, customer_id, date_trunc('month', date_day)::date as month_date "
        f"from marts.customer_stages_daily where stage not in {inactive}"
    ):
        if row["customer_id"] in reference.owner:
            found[row["brand"], row["month_date"]].add(reference.owner[row["customer_id"]])
    return found


def test_support(reference: Reference) -> None:
    """Ticket by ticket; active customers day by day."""
    active = active_customers(reference)
    found = defaultdict(list)
    # sent twice within five minutes: the answered one, else the last
    sent: list[list[tuple[dict[str, Any], int | None]]] = []
    open_chains: dict[object, list] = {}
    tickets = list(reference.said_by("stg_feedback__support_tickets", "created_date"))
    for row, customer in sorted(tickets, key=lambda pair: (pair[0]["created_at"], pair[0]["ticket_id"])):
        topic = (row["brand"], customer, first_of_month(row["created_date"]), row["category"])
        chain = open_chains.get(topic)
        if customer is None or chain is None or row["created_at"] - chain[-1][0]["created_at"] > timedelta(minutes=5):
            chain = open_chains[topic] = []
            sent.append(chain)
        chain.append((row, customer))

    def is_handled(row: dict[str, Any]) -> bool:
        return any(
            row[f"{name}_at"] is not None and row[f"{name}_date"] <= reference.as_of
            for name in ("first_response", "resolved")
        )

    for chain in sent:
        row, customer = ([pair for pair in chain if is_handled(pair[0])] or chain)[-1]
        hours = []
        for name in ("first_response", "resolved"):
            known = row[f"{name}_at"] is not None and row[f"{name}_date"] <= reference.as_of
            hours.append((row[f"{name}_at"] - row["created_at"]) / timedelta(hours=1) if known else None)
        key = (row["brand"], first_of_month(row["created_date"]), row["category"] or "unknown")
        found[key].append((customer, *hours, (row["reopened_count"] or 0) > 0))

    def middle(hours: Iterable[float | None]) -> float | None:
        usable = [value for value in hours if value is not None and value >= 0]
        return float(median(usable)) if usable else None

    expected = {}
    for key, tickets in found.items():
        resolved = sum(ticket[2] is not None for ticket in tickets)
        customers = len(active[key[:2]])
        expected[key] = {
            "ticket_count": len(tickets),
            "contacting_customer_count": len({ticket[0] for ticket in tickets} - {None}),
            "active_customer_count": customers,
            "contact_rate": ratio(len(tickets), customers) if reference.has_ended(key[1]) else None,
            "answered_count": sum(ticket[1] is not None for ticket in tickets),
            "median_first_response_hours": middle(ticket[1] for ticket in tickets),
            "resolved_count": resolved,
            "open_count": len(tickets) - resolved,
            "median_resolution_hours": middle(ticket[2] for ticket in tickets),
            "reopened_ticket_count": sum(ticket[3] for ticket in tickets),
            "reopened_rate": ratio(sum(ticket[3] for ticket in tickets), len(tickets)),
            "is_mature": reference.has_ended(key[1]),
            "is_resolution_mature": resolved == len(tickets) and reference.has_ended(key[1]),
        }
    assert_mart(reference, "support_monthly", ("brand", "month_date", "category"), expected)
    months = reference.rows("select * from intermediate.int_active_customers_monthly")
    assert {
        (row["brand"], row["month_date"]): row["active_customer_count"]
        for row in months
        if row["active_customer_count"]
    } == {key: len(customers) for key, customers in active.items()}


def test_user_content(reference: Reference) -> None:
    """Review by review."""
    expected: Cells = {}
    authors = defaultdict(set)
    said = reference.said_once(
        "stg_feedback__reviews",
        "published_at",
        "review_id",
        lambda row: (row["product_id"], row["is_user_content"]),
        60,
    )
    for row, customer in said:
        key = (row["brand"], first_of_month(row["published_date"]))
        names = ("published", "rated_review", "positive_review", "user_content")
        cell = expected.setdefault(key, {f"{name}_count": 0 for name in names})
        authors[key].add(customer)
        cell["published_count"] += 1
        cell["rated_review_count"] += row["rating"] is not None
        cell["positive_review_count"] += row["rating"] is not None and row["rating"] >= 4
        cell["user_content_count"] += bool(row["is_user_content"])
    for key, cell in expected.items():
        cell["author_count"] = len(authors[key])
        cell["positive_review_rate"] = ratio(cell["positive_review_count"], cell["rated_review_count"])
        cell["is_mature"] = reference.has_ended(key[1])
    assert_mart(reference, "user_content_monthly", ("brand", "month_date"), expected)


def test_without_sources_the_marts_are_empty_but_there(tmp_path: Path) -> None:
    """A shop that has orders and nothing else."""
    orders = [{"order_id": "o1", "customer_id": "c1", "ordered_at": datetime(2024, 1, 1, 10), "total_amount": 10}]
    found = build(write_raw_data({"orders": orders}, tmp_path / "raw"), tmp_path, {"default": "UTC"})
    for mart in MARTS:
        assert found.rows(f"select count(*) as row_count from marts.{mart}") == [{"row_count": 0}]


def test_later_facts_change_nothing(tmp_path: Path) -> None:
    """All data with an earlier as-of date, and the data as they stood then, come to the same marts.

    The end of a trial is left standing: one that lies ahead is a schedule, not a fact that has become known later. Rows that were
    paid before they were tried go: staging holds a row back by its trial, whatever else it says.
    """
    last_day = date(2024, 2, 15)
    raw = random_raw(SEED)
    raw["subscriptions"] = [
        row
        for row in raw["subscriptions"]
        if not (row["trial_started_at"] and row["started_at"])
        or row["started_at"] >= datetime.combine(row["trial_started_at"], time())
    ]
    known = truncate(raw, Settings(RANDOM_AS_OF, {"default": DEFAULT_THRESHOLDS}, time_zones=RANDOM_ZONES), last_day)
    trial_ends = {
        (row["brand"], row["subscription_id"]): row["trial_ended_at"]
        for row in raw["subscriptions"]
        if row["trial_started_at"]
    }
    for row in known["subscriptions"]:
        row["trial_ended_at"] = trial_ends.get((row["brand"], row["subscription_id"]))
    held_back, truncated = (
        build(
            write_raw_data(rows, tmp_path / name / "raw"),
            tmp_path / name,
            RANDOM_ZONES,
            as_of_date=last_day.isoformat(),
        )
        for name, rows in (("held_back", raw), ("truncated", known))
    )
    for mart in MARTS:
        one, other = (
            {tuple(row.values()) for row in found.rows(f"select * from marts.{mart}")}
            for found in (held_back, truncated)
        )
        assert one
        assert one == other, mart


FAULTS = {
    "assert_every_cart_is_due_or_not_due_yet": (
        "update marts.cart_abandonment_daily set abandoned_count = abandoned_count + 1 where abandoned_count > 2"
    ),
    "assert_follower_differences_add_up_to_the_last_level": (
        "update marts.audience_daily set net_new_follower_count = null where net_new_follower_count < 0"
    ),
    "assert_the_audience_of_the_site_has_all_sessions": (
        "update marts.audience_monthly set web_visitor_count = web_visitor_count + 1 "
        "where web_visitor_count = (select max(web_visitor_count) from marts.audience_monthly)"
        " or web_visitor_count = web_session_count"
    ),
    "assert_what_people_say_is_counted_once": (
        "update marts.csat_monthly set unscored_response_count = 1 where response_count > 9"
    ),
}


def test_claims_across_models_hold_on_the_demo_data(demo: Reference) -> None:
    """Every singular test passes before a fault is planted."""
    check_claims(demo.path, FAULTS)


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, demo: Reference, tmp_path: Path) -> None:
    """Each singular test fails when what it claims is made untrue."""
    check_fault(demo.path, claim, FAULTS[claim], tmp_path)
