"""A ledger kept by hand against the marts, on the demo and on another shop: gift cards, refunds by parts, prices of then."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Builder, Warehouse
from oracle.ledger import KINDS, Ledger
from oracle.runs import demo as demo_in

from dev.generate import generate

MODELS = ("growth_accounting_monthly", "order_metrics_monthly", "int_revenue_entries", "customer_value_monthly")


@pytest.fixture(scope="module", params=["demo", "another shop"])
def built(request: pytest.FixtureRequest, builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The demo, then other people with more dirt, to another day."""
    directory = tmp_path_factory.mktemp("ledger")
    if request.param == "demo":
        return Warehouse(Path(demo_in(directory, "UTC")))
    generate(
        customers=500,
        directory=directory / "raw",
        months=14,
        seed=11,
        end_date=date(2024, 11, 30),
        dirt=0.03,
        quiet=True,
    )
    return builder.build("ledger", directory / "raw", as_of_date=None, models=MODELS)


@pytest.fixture(scope="module")
def ledger(built: Warehouse) -> Ledger:
    """The ledger of the same build."""
    return Ledger(built.path)


def test_revenue_and_what_is_taken_back_are_the_ledgers(built: Warehouse, ledger: Ledger) -> None:
    """By brand and month, to the cent; cards bring nothing when sold and the full price when used."""
    found = {
        (brand, month): (brought, back)
        for brand, month, brought, back in built.rows(
            "select brand, cast(date_trunc('month', entry_date) as date), sum(revenue_amount), sum(refunded_revenue_amount) "
            "from intermediate.int_revenue_entries where order_id is not null group by all"
        )
        if brought or back
    }
    assert found == ledger.revenue()
    assert sum(cards.sold > 0 for cards in ledger.cards.values()) >= 5
    assert sum(cards.left_out > 0 for cards in ledger.cards.values()) >= 3


def test_customers_revenue_is_the_ledgers(built: Warehouse, ledger: Ledger) -> None:
    """The mart has what was bought by a known customer."""
    net: dict[str, int] = {}
    for order in ledger.orders:
        if order.owner is not None:
            net[order.brand] = net.get(order.brand, 0) + order.net
    found = built.rows("select brand, sum(net_revenue_amount) from marts.customer_value_monthly group by 1")
    assert dict(found) == net


def test_orders_of_goods_are_counted_without_those_of_cards(built: Warehouse, ledger: Ledger) -> None:
    """An order of nothing but gift cards would lower the average value."""
    found = built.rows("select sum(order_count), sum(revenue_amount) from marts.order_metrics_monthly")
    sales = [order for order in ledger.orders if order.counts and not order.sells_cards_only]
    assert found == [(len(sales), sum(order.revenue for order in sales))]
    assert any(order.sells_cards_only and order.counts for order in ledger.orders)


def test_the_bridge_of_recurring_revenue_is_the_ledgers(built: Warehouse, ledger: Ledger) -> None:
    """Each month's movement by its kind, at the prices that held then."""
    columns = ", ".join(f"{kind}_mrr_amount" for kind in (*KINDS, "closing"))
    found = {
        (brand, month): dict(zip((*KINDS, "closing"), amounts, strict=True))
        for brand, month, *amounts in built.rows(
            f"select brand, month_date, {columns} from marts.growth_accounting_monthly "
            "where closing_mrr_amount is not null"
        )
        if any(amounts)
    }
    expected = {key: cell for key, cell in ledger.bridge().items() if any(cell.values())}
    assert found == expected
    assert all(
        sum(cell[kind] for cell in found.values()) > 0 for kind in ("new", "expansion", "contraction", "churned")
    )
