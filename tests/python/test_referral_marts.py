"""The referral marts on demo data and random histories, recomputed naively: referral by referral, sale by sale.

In random histories what is a conversion comes from the evaluator of the definitions, in the demo data from the lifecycle's own
step. Who is one person now is taken from the warehouse, as are stages by day.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from conftest import PROJECT_DIR, Builder
from oracle.claims import check_claims, check_fault
from oracle.money import Order, first_of_month, months_from, next_month, rounded
from oracle.trade_world import TradeWorld

NOTHING = Decimal(0)
PROSPECT_STAGES = {"discovery", "engagement", "dormant"}
MOST_SHARING_CUSTOMERS = 5
REJECTED = {"rejected", "declined"}


def contacts_by_customer(trade: TradeWorld) -> dict[int, set[tuple[str, str]]]:
    """E-mails and telephone numbers that the profiles of a customer's ids give and that tell it apart."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    brands = defaultdict(set)
    for row in trade.rows("select * from staging.stg_shop__customers"):
        customer = trade.owner.get(row["person_id"])
        digits = re.sub("[^0-9]", "", row["phone"] or "").lstrip("0")
        contacts = {("email", row["email"])} if row["email"] else set()
        contacts |= {("phone", digits)} if len(digits) >= 6 else set()
        if customer is not None:
            found[customer] |= contacts
            for contact in contacts:
                brands[row["brand"], contact].add(customer)
    return {
        customer: {
            contact for contact in contacts if len(brands[trade.brand[customer], contact]) <= MOST_SHARING_CUSTOMERS
        }
        for customer, contacts in found.items()
    }


def conversion_dates(trade: TradeWorld) -> tuple[dict[tuple[str, str], date], set[tuple[str, str]]]:
    """When each referral that is converted was, and all that ever were."""
    rows = trade.rows("select * from intermediate.int_referral_conversions")
    ever = {(row["brand"], row["referral_id"]) for row in rows}
    if not trade.worlds:
        now = {
            (row["brand"], row["referral_id"]): row["converted_date"] for row in rows if row["valid_to"].year == 9999
        }
        return now, ever
    found = {}
    for world in trade.worlds:
        purchases = world.purchases_on(trade.as_of)
        for referral in world.rows.get("referrals", ()):
            converted = world.conversion_date(referral, trade.as_of, purchases)
            if converted is not None:
                found[world.brand(referral), referral["referral_id"]] = converted
    return found, ever


def with_depths(referrals: list[dict[str, Any]]) -> None:
    """Write each referral's place in its chain, walking up from it; a circle is cut at its last referral."""
    ordered = sorted(
        (row for row in referrals if row["has_won"] and row["referrer"] is not None),
        key=lambda row: (row["converted_date"], row["invited_at"], row["brand"], row["referral_id"]),
    )
    won_by: dict[int, dict[str, Any]] = {}
    for row in ordered:
        above, seen = row["referrer"], set()
        while above in won_by and above not in seen:
            seen.add(above)
            above = won_by[above]["referrer"]
        # who is won by one of those whom it has won closes a circle, and this is its last referral
        row["closes_cycle"] = above == row["referred"]
        if not row["closes_cycle"]:
            won_by[row["referred"]] = row
    for row in referrals:
        row.setdefault("closes_cycle", False)
        depth, above = 1, row["referrer"]
        while above in won_by:
            depth, above = depth + 1, won_by[above]["referrer"]
        row["depth"] = None if row["is_self"] else depth


@pytest.fixture(scope="module")
def referrals(trade: TradeWorld) -> list[dict[str, Any]]:
    """Every referral that stands, and what has come of it."""
    contacts = contacts_by_customer(trade)
    converted, ever = conversion_dates(trade)
    found = []
    for row in trade.standing("staging.stg_referral__referrals"):
        key = row["brand"], row["referral_id"]
        invited_id = row["referred_person_id"] or row["referred_email_person_id"]
        referrer, referred = trade.owner.get(row["referrer_person_id"]), trade.owner.get(invited_id)
        own = contacts.get(referrer, set())
        common = {kind for kind, _ in own & contacts.get(referred, set())}
        if ("email", row["referred_email"]) in own:
            common.add("email")
        if referrer is not None and trade.owner.get(row["referred_email_person_id"]) == referrer:
            common.add("email")
        evidence = None
        if row["referrer_person_id"] == invited_id or (referrer is not None and referrer == referred):
            evidence = "customer"
        elif common:
            evidence = min(common)
        day = None if evidence else converted.get(key)
        accepted = row["accepted_date"]
        if accepted is not None and accepted > trade.as_of:
            accepted = None
        if evidence:
            status = "self_referral"
        elif day:
            status = "converted"
        elif key in ever:
            status = "reversed"
        else:
            status = "accepted" if accepted else "invited"
        reward = rounded((row["reward_amount"] or NOTHING) * row["reporting_rate"]) if day else NOTHING
        found.append(
            {
                "brand": row["brand"],
                "referral_id": row["referral_id"],
                "program": row["program"] or "unknown",
                "referrer": referrer,
                "referred": referred,
                "invited_at": row["invited_at"],
                "invited_date": row["invited_date"],
                "accepted_date": accepted,
                "converted_date": day,
                "status": status,
                "is_self": evidence is not None,
                "evidence": evidence,
                "reward": reward,
            }
        )
    first: dict[int, tuple] = {}
    for row in found:
        if row["converted_date"] and row["referred"] is not None:
            rank = row["converted_date"], row["invited_at"], row["referral_id"]
            first[row["referred"]] = min(rank, first.get(row["referred"], rank))
    for row in found:
        rank = row["converted_date"], row["invited_at"], row["referral_id"]
        row["has_won"] = row["converted_date"] is not None and first.get(row["referred"]) == rank
        row["revenue"] = NOTHING
        if row["has_won"]:
            row["revenue"] = sum(
                (
                    order.net
                    for order in trade.orders
                    if order.owner == row["referred"] and order.day >= row["converted_date"]
                ),
                NOTHING,
            )
    with_depths(found)
    return found


def test_customer_referrals(trade: TradeWorld, referrals: list[dict[str, Any]]) -> None:
    """Every column of every referral."""
    expected = {
        (row["brand"], row["referral_id"]): {
            "program": row["program"],
            "referrer_customer_id": trade.customer_id.get(row["referrer"]),
            "referred_customer_id": trade.customer_id.get(row["referred"]),
            "status": row["status"],
            "invited_date": row["invited_date"],
            "accepted_date": row["accepted_date"],
            "converted_date": row["converted_date"],
            "cycle_days": (row["converted_date"] - row["invited_date"]).days if row["converted_date"] else None,
            "referred_net_revenue_amount": row["revenue"],
            "reward_amount": row["reward"],
            "is_self_referral": row["is_self"],
            "self_referral_evidence": row["evidence"],
            "depth": row["depth"],
            "is_depth_capped": False,
            "closes_cycle": row["closes_cycle"],
        }
        for row in referrals
    }
    actual = {}
    for row in trade.rows("select * exclude (currency) from marts.customer_referrals"):
        del row["invite_channel"]
        actual[row.pop("brand"), row.pop("referral_id")] = row
    assert actual == expected
    statuses = {row["status"] for row in referrals}
    assert statuses >= {"self_referral", "converted", "invited", "accepted"}
    if trade.worlds:
        assert "reversed" in statuses
        assert {row["evidence"] for row in referrals} == {None, "customer", "email", "phone"}
        assert any(row["converted_date"] and not row["has_won"] for row in referrals), "no two friends were merged"
        assert any((row["depth"] or 0) > 1 for row in referrals), "there is no chain"


def active_customers(trade: TradeWorld) -> dict[tuple[str, date], set[int]]:
    """Customers by brand and month who were in an active stage on any day of it, under any of their ids."""
    found: dict[tuple[str, date], set[int]] = defaultdict(set)
    for row in trade.rows("select customer_id, date_day, stage from marts.customer_stages_daily"):
        customer = trade.owner.get(row["customer_id"])
        if customer is not None and row["stage"] != "churned" and row["stage"] not in PROSPECT_STAGES:
            found[trade.brand[customer], first_of_month(row["date_day"])].add(customer)
    return found


def months_of(
    trade: TradeWorld, referrals: Iterable[dict[str, Any]], active: dict[tuple[str, date], set[int]]
) -> dict[tuple[str, str, date], dict[str, Any]]:
    """Every month of every programme."""
    by_program = defaultdict(list)
    for row in referrals:
        by_program[row["brand"], row["program"]].append(row)
    cells = {}
    for (brand, program), rows in by_program.items():
        for month in months_from(min(row["invited_date"] for row in rows), trade.as_of):
            sent = [row for row in rows if first_of_month(row["invited_date"]) == month]
            invites = [row for row in sent if not row["is_self"]]
            last_day = next_month(month) - timedelta(days=1)
            old_enough = [row for row in invites if row["invited_date"] + timedelta(days=90) <= trade.as_of]
            cycles = [(row["converted_date"] - row["invited_date"]).days for row in old_enough if row["converted_date"]]
            cycles = [days for days in cycles if days <= 90]
            referrers = {row["referrer"] for row in invites} - {None}
            winners = {
                row["referrer"]
                for row in old_enough
                if row["converted_date"] and (row["converted_date"] - row["invited_date"]).days <= 90
            } - {None}
            customers = len(active.get((brand, month), ()))
            is_over = bool(customers) and last_day <= trade.as_of
            is_mature = last_day + timedelta(days=90) <= trade.as_of
            cells[brand, program, month] = {
                "active_customer_count": customers,
                "referrer_count": len(referrers),
                "invite_count": len(invites),
                "accepted_count": sum(row["accepted_date"] is not None for row in invites),
                "converted_count": sum(row["converted_date"] is not None for row in invites),
                "eligible_invite_count": len(old_enough),
                "converted_within_90d_count": len(cycles),
                "winning_referrer_count": len(winners),
                "winning_referral_rate": len(winners) / customers if customers and is_mature else None,
                "referral_rate": len(referrers) / customers if is_over else None,
                "invites_per_customer": len(invites) / customers if is_over else None,
                "conversion_rate": len(cycles) / len(old_enough) if old_enough else None,
                "k_factor": (
                    # the definition itself; 0 invitations bring 0 customers
                    pytest.approx(len(invites) / customers * (len(cycles) / len(invites) if invites else 0))
                    if customers and is_mature
                    else None
                ),
                "median_cycle_days": median(cycles) if cycles else None,
                "referred_net_revenue_amount": sum((row["revenue"] for row in invites), NOTHING),
                "reward_amount": sum((row["reward"] for row in invites), NOTHING),
                "self_referral_count": len(sent) - len(invites),
                "has_ended": last_day <= trade.as_of,
                "is_mature": is_mature,
            }
    return cells


def test_referral_metrics(trade: TradeWorld, referrals: list[dict[str, Any]]) -> None:
    """Every month of every programme, and of all together."""
    active = active_customers(trade)
    expected = months_of(trade, referrals, active)
    actual = {
        (row.pop("brand"), row.pop("program"), row.pop("month_date")): row
        for row in trade.rows("select * exclude (currency) from marts.referral_metrics_monthly")
    }
    assert actual == expected
    expected = months_of(trade, [row | {"program": "all"} for row in referrals], active)
    actual = {
        (row.pop("brand"), row.pop("program"), row.pop("month_date")): row
        for row in trade.rows("select * exclude (scope) from intermediate.int_referral_metrics where scope = 'all'")
    }
    assert actual == expected
    assert any(cell["is_mature"] and cell["converted_within_90d_count"] for cell in expected.values())
    assert any(cell["invite_count"] == 0 for cell in expected.values())


def test_referral_value(trade: TradeWorld, referrals: list[dict[str, Any]]) -> None:
    """Customers whom a referral won, and all others, by month of first purchase."""
    won = {
        row["referred"]
        for row in referrals
        if row["has_won"] and row["converted_date"] == trade.first_purchase.get(row["referred"])
    }
    margins = {
        (row["brand"], row["order_id"]): row["margin_amount"]
        for row in trade.rows("select brand, order_id, margin_amount from intermediate.int_order_amounts")
    }
    sides: dict[tuple[str, date, bool], list[int]] = {}
    for customer, day in trade.first_purchase.items():
        for is_referred in (True, False):
            cell = sides.setdefault((trade.brand[customer], first_of_month(day), is_referred), [])
            if (customer in won) == is_referred:
                cell.append(customer)
    expected = {}
    referring = {row["brand"] for row in trade.rows("select brand from staging.stg_referral__referrals")}
    for (brand, month, is_referred), customers in sides.items():
        orders = [
            order
            for order in trade.orders
            if order.owner in customers and order.day >= trade.first_purchase[order.owner]
        ]
        costed = [order for order in orders if margins[brand, order.order_id] is not None]
        net = sum((order.net for order in orders), NOTHING)
        costed_net = sum((order.net for order in costed), NOTHING)
        margin = sum((margins[brand, order.order_id] for order in costed), NOTHING) if costed else None
        everybody = len(customers) + len(sides[brand, month, not is_referred])
        has_ended = next_month(month) - timedelta(days=1) <= trade.as_of
        count = len(customers)
        expected[brand, month, is_referred] = {
            "customer_count": count,
            "cohort_customer_count": everybody,
            "customer_share": count / everybody if has_ended and brand in referring else None,
            "order_count": sum(order.counts for order in orders),
            "net_revenue_amount": net,
            "net_revenue_per_customer": pytest.approx(float(net) / count) if count else None,
            "costed_net_revenue_amount": costed_net,
            "cost_coverage_rate": pytest.approx(float(costed_net / net)) if net else None,
            "margin_amount": margin,
            "margin_per_customer": pytest.approx(float(margin) / count) if count and margin is not None else None,
            "is_mature": has_ended,
        }
    actual = {
        (row.pop("brand"), row.pop("cohort_month"), row.pop("is_referred")): row
        for row in trade.rows("select * exclude (currency) from marts.referral_value_monthly")
    }
    assert actual == expected
    assert won


def test_affiliates(trade: TradeWorld) -> None:
    """Every sale judged and followed by itself."""
    contacts = contacts_by_customer(trade)
    orders: dict[tuple[str, str], Order] = {(order.brand, order.order_id): order for order in trade.orders}
    claimed: set[tuple[str, str]] = set()
    cells: dict[tuple[str, date, str], Counter] = defaultdict(Counter)
    kinds = Counter()
    sales = trade.standing("staging.stg_referral__affiliate_sales")
    for row in sorted(sales, key=lambda row: (row["occurred_at"], row["affiliate_sale_id"])):
        key = row["brand"], row["order_id"]
        order = orders.get(key)
        affiliate = trade.owner.get(row["affiliate_person_id"])
        sold = max(row["occurred_date"], order.day) if order else row["occurred_date"]
        if order is None or (row["status"] in REJECTED and order.counts):
            kind = "rejected_count"
        elif affiliate is not None and (
            affiliate == order.owner or contacts.get(affiliate, set()) & contacts.get(order.owner, set())
        ):
            kind = "self_purchase_count"
        elif key in claimed:
            kind = "repeated_claim_count"
        else:
            kind = "sale_count"
            claimed.add(key)
        kinds[kind] += 1
        cells[row["brand"], first_of_month(sold), row["affiliate_id"]][kind] += 1
        if kind == "rejected_count":
            continue
        commission = rounded((row["commission_amount"] or NOTHING) * row["reporting_rate"])
        for day in {order.day, *order.reversed}:
            cell = cells[row["brand"], first_of_month(max(day, sold)), row["affiliate_id"]]
            change = order.standing.get(day, 0) * commission
            if kind == "sale_count":
                cell["gross_revenue_amount"] += order.revenue if day == order.day else NOTHING
                cell["refunded_revenue_amount"] += order.reversed.get(day, NOTHING)
            if day == order.day:
                cell["earned_commission_amount"] += change
            else:
                cell["clawed_back_commission_amount"] -= change
            cell["commission_amount"] += change
            if row["status"] == "pending":
                cell["pending_commission_amount"] += change
            if kind == "self_purchase_count":
                cell["self_purchase_commission_amount"] += change
    rows = trade.rows("select * exclude (currency) from marts.affiliate_revenue_monthly")
    actual = {(row.pop("brand"), row.pop("month_date"), row.pop("affiliate_id")): row for row in rows}
    for cell in cells.values():
        cell["net_revenue_amount"] = cell["gross_revenue_amount"] - cell["refunded_revenue_amount"]
        cell["contribution_amount"] = cell["net_revenue_amount"] - cell["commission_amount"]
    names = next(iter(actual.values()))
    assert actual == {key: {name: cell[name] for name in names} for key, cell in cells.items()}
    if trade.worlds:
        assert set(kinds) == {"sale_count", "rejected_count", "self_purchase_count", "repeated_claim_count"}
        assert any(cell["clawed_back_commission_amount"] for cell in cells.values())


def test_long_chains_are_followed_for_fifty_links_and_circles_are_cut(builder: Builder) -> None:
    """Fifty-three customers, each won by the one before; and three who have won each other."""
    start = datetime(2023, 1, 1, 12)
    raw: dict[str, list[dict[str, Any]]] = {"orders": [], "referrals": []}

    def buy(customer: str, day: int) -> None:
        moment = start + timedelta(days=day)
        row = {"order_id": f"o_{customer}", "customer_id": customer, "ordered_at": moment, "total_amount": 10}
        raw["orders"].append(row)

    def invite(referrer: str, referred: str, day: int) -> None:
        row = {"referral_id": f"{referrer}_{referred}", "referrer_customer_id": referrer}
        raw["referrals"].append(row | {"referred_customer_id": referred, "invited_at": start + timedelta(days=day)})

    for number in range(54):
        buy(f"c{number}", number)
        if number:
            invite(f"c{number - 1}", f"c{number}", number)
    for number, (referrer, referred) in enumerate([("x", "y"), ("y", "z"), ("z", "x")]):
        invite(referrer, referred, 0)
        buy(referred, 10 + number)
    invite("x", "nobody", 100)
    warehouse = builder.build("chains", raw, as_of_date=date(2023, 12, 31), models=("customer_referrals",))
    rows = {
        row[0]: row[1:]
        for row in warehouse.rows(
            "select referral_id, depth, is_depth_capped, closes_cycle from marts.customer_referrals"
        )
    }
    assert len(rows) == 57
    assert [rows[f"c{number - 1}_c{number}"][0] for number in range(1, 54)] == [*range(1, 51), 51, 51, 51]
    assert [rows[f"c{number - 1}_c{number}"][1] for number in range(1, 54)] == [False] * 50 + [True] * 3
    # y first, z next, x last: the referral of x by z is the last of the circle
    assert rows["x_y"] == (1, False, False)
    assert rows["y_z"] == (2, False, False)
    assert rows["z_x"] == (3, False, True)
    assert rows["x_nobody"] == (1, False, False)


def test_the_true_referrer_is_recovered_where_the_data_tell(trade: TradeWorld) -> None:
    """A customer whom, by the generator, a friend brought, and whose invitation is known, has that friend as referrer."""
    if trade.worlds:
        pytest.skip("only the demo data have a truth")
    truth = PROJECT_DIR / "tests" / "fixtures" / "demo_truth"
    with (truth / "people.csv").open(encoding="utf-8") as file:
        people = {row["person_id"]: row for row in csv.DictReader(file)}
    person_of: dict[tuple[str, str], str] = {}
    with (truth / "identifiers.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            person_of[row["brand"], row["id_value"]] = row["person_id"]
    raw = trade.rows("select * from staging.stg_referral__referrals")
    found: dict[str, set[str]] = defaultdict(set)
    customers: dict[str, set[int]] = defaultdict(set)
    for row in raw:
        friend = person_of.get((row["brand"], row["referred_customer_id"] or row["referred_email"]))
        referrer = person_of[row["brand"], row["referrer_customer_id"]]
        if friend is not None and referrer != friend:
            found[friend].add(referrer)
            customers[friend].add(trade.owner.get(row["referred_person_id"] or row["referred_email_person_id"]))
    winners = {
        row["referred_customer_id"]: row["referrer_customer_id"]
        for row in trade.rows("select * from marts.customer_referrals where status = 'converted'")
    }
    recovered = rivals = 0
    for friend, referrers in found.items():
        true_referrer = people[friend]["referrer_person_id"]
        assert true_referrer in referrers, "only the true referrer invites a friend first"
        for customer in customers[friend] & set(trade.first_purchase):
            # whose purchases count: the data say that the friend came, and who came first with an invitation
            winner = winners[trade.customer_id[customer]]
            brand = people[friend]["brand"]
            assert person_of[brand, winner.removeprefix(f"{brand}:")] == true_referrer
            recovered += 1
            rivals += len(referrers) > 1
    assert recovered >= 20
    assert rivals >= 1, "no friend was invited by another customer as well"


FAULTS = {
    "assert_referrals_convert_as_in_the_lifecycle": (
        "update marts.customer_referrals set converted_date = converted_date + 1 where status = 'converted'"
    ),
    "assert_referral_months_count_every_referral": (
        "update marts.referral_metrics_monthly set self_referral_count = 0 where self_referral_count > 0"
    ),
    "assert_referred_and_other_customers_are_all_customers": (
        "update marts.referral_value_monthly set customer_count = customer_count + 1 where not is_referred"
    ),
    "assert_affiliate_revenue_reconciles_with_orders": (
        "update marts.affiliate_revenue_monthly set clawed_back_commission_amount = 0,"
        " commission_amount = earned_commission_amount,"
        " contribution_amount = net_revenue_amount - earned_commission_amount where clawed_back_commission_amount > 0"
    ),
}


def test_claims_across_models_hold(trade: TradeWorld) -> None:
    """Every singular test passes before a fault is planted, on the demo data and on random histories."""
    check_claims(trade.path, FAULTS)


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, trade: TradeWorld, tmp_path: Path) -> None:
    """Each singular test fails when what it claims is made untrue."""
    if trade.worlds:
        pytest.skip("one warehouse is enough to plant faults in")
    check_fault(trade.path, claim, FAULTS[claim], tmp_path)
