"""The var `connectors`: each mistake is one sentence, and nothing is built of nothing in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stores import Store, make_store

ORDER = "create table shopify.\"order\" as select 1 as id, 12.5 as total_price, timestamp '2025-01-01' as processed_at"
SHOPIFY = {"schemas": "shopify", "loader": "fivetran"}


@pytest.fixture(scope="module")
def shop(macros, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one order, which nothing in this module changes."""
    store = make_store(tmp_path_factory.mktemp("var") / "store", macros)
    store.execute(
        "create schema shopify", ORDER,
        "create schema elsewhere", "create table elsewhere.orders as select 1 as id, 2 as total_price",
        "create schema incomplete", 'create table incomplete."order" as select 1 as id, 2 as total',
        "create schema bare",
        "create schema airbyte",
        "create table airbyte.orders as select 1 as id, '3.50' as total_price",
        "create schema orphans",
        "create table orphans.orders__line_items as select 1 as id, 'a' as _dlt_parent_id",
    )  # fmt: skip
    return store


@pytest.mark.parametrize(
    ("connectors", "sentence"),
    [
        ("shopify", (
            "The var connectors is 'shopify': write a map of vendors, such as {shopify: {schemas: shopify, "
            "loader: fivetran}}."
        )),
        ({"shopfy": SHOPIFY}, (
            "The var connectors names the vendor 'shopfy', which is none: choose one of shopify, woocommerce, stripe, "
            "recharge, hubspot, zendesk, klaviyo, google_ads, facebook_ads, ga4."
        )),
        ({"shopify": "fivetran"}, (
            "The var connectors gives shopify 'fivetran': write a map, such as {schemas: shopify, loader: "
            "fivetran}."
        )),
        ({"shopify": {"schemas": "shopify"}}, (
            "The var connectors does not say the loader of shopify: write, for example, {schemas: shopify, "
            "loader: fivetran}."
        )),
        ({"shopify": SHOPIFY | {"loader": "stitch"}}, (
            "The var connectors gives shopify the loader 'stitch', which it does not know: choose one of "
            "fivetran, airbyte, dlt."
        )),
        ({"shopify": SHOPIFY | {"schema": "a"}}, (
            "The var connectors gives shopify the option 'schema', which it does not have: choose among schemas, "
            "loader, database, prefix_ids, products_by, touchpoints."
        )),
        ({"shopify": SHOPIFY | {"products_by": "sku"}}, (
            "The var connectors gives shopify the products_by 'sku', which it does not know: choose one of "
            "product, variant."
        )),
        ({"stripe": SHOPIFY | {"orders": "no"}}, (
            "The var connectors gives stripe the orders 'no', which it does not know: choose one of true, false."
        )),
        ({"shopify": SHOPIFY | {"schemas": "shpify"}}, (
            "The var connectors says that shopify is in the schema 'shpify', which is not there: the schemas of "
            "database 'warehouse' are airbyte, bare, elsewhere, incomplete, main, orphans, "
                "shopify"
        )),
        ({"shopify": SHOPIFY | {"schemas": "Shopify"}}, (
            "The var connectors says that shopify is in the schema 'Shopify', which is spelled otherwise there: write 'shopify'."
        )),
        ({"shopify": SHOPIFY | {"schemas": "elsewhere"}}, (
            "The schema 'elsewhere' has no table of shopify as fivetran lands them: tried order, order_line, "
            "order_shipping_line, order_shipping_tax_line, order_discount_code, transaction, refund, product, product_variant, "
            "inventory_item, customer, customer_address, abandoned_checkout, customer_visit; there are orders. Is the "
            "loader airbyte or dlt?"
        )),
        ({"shopify": SHOPIFY | {"schemas": "bare"}}, "there is nothing."),
        ({"shopify": SHOPIFY | {"schemas": 5}}, (
            "The var connectors gives shopify the schemas 5: write the name of a schema, a list of names, or a map of "
            "brand to schema."
        )),
        ({"shopify": SHOPIFY | {"schemas": {"default": ["shopify", "bare"]}}}, "map of brand to schema."),
        ({"shopify": SHOPIFY | {"schemas": {"default": "shopify", "atelier": "Shopify"}}}, (
            "The var connectors gives shopify a schema twice (shopify, Shopify): write each once, or its rows count twice."
        )),
        ({"shopify": SHOPIFY | {"database": "nowhere"}}, (
            "shopify is in the schema 'shopify', which is not there: the database 'nowhere' has none, or is not there."
        )),
        ({"stripe": SHOPIFY | {"orders": "true"}}, "choose one of true, false, without quotation marks."),
        ({"recharge": SHOPIFY | {"loader": "dlt"}}, (
            "The var connectors gives recharge the loader 'dlt', which it does not know: choose one of "
            "fivetran, airbyte."
        )),
        ({"shopify": SHOPIFY | {"schemas": "incomplete"}}, (
            '(shopify by fivetran) lacks the column total_price or total_price_set_shop_amount: the columns '
            'found are id, total.'
        )),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_sentence(shop: Store, connectors: object, sentence: str) -> None:
    assert sentence in shop.refusal(connectors)


def test_connectors_that_nothing_reads_are_refused(macros: Path, tmp_path: Path) -> None:
    """Or customer_lifecycle would be built of the schema raw: without raw_models, and with connectors below a package."""
    lifecycle = tmp_path / "customer_lifecycle"
    shutil.copytree(macros, lifecycle)
    (lifecycle / "models").mkdir()
    (lifecycle / "models" / "reader.sql").write_text(
        "select 1 as one{% if execute %}{% do customer_lifecycle_connectors.raw_models() %}{% endif %}"
    )
    (lifecycle / "dbt_project.yml").write_text("{name: customer_lifecycle, version: 0.0.1, model-paths: [models]}\n")
    store = make_store(tmp_path / "store", lifecycle)
    store.execute("create schema shopify", ORDER)
    sentence = (
        "The var connectors is there, but customer_lifecycle does not read the connectors: write below vars, customer_lifecycle: "
        "raw_models: {package: customer_lifecycle_connectors}, and connectors directly below vars."
    )
    assert sentence in store.refusal({"shopify": SHOPIFY})
    result = store.run("run", "--select", "reader")
    sentence = (
        "The var raw_models names the package customer_lifecycle_connectors, but the var connectors names no vendor: write "
        "connectors directly below vars, not below a package, such as {shopify: {schemas: shopify, loader: fivetran}}."
    )
    assert not result.success
    assert sentence in " ".join(result.problems)


def test_what_a_shop_lacks_is_empty_or_null_and_never_zero(shop: Store) -> None:
    """One table with three columns: a shop without refunds, customers, shipping."""
    shop.connect({"shopify": SHOPIFY})
    assert shop.rows("select * from store_connectors.raw__refunds") == []
    assert shop.rows("select * from store_connectors.raw__customers") == []
    (order,) = shop.rows(
        "select order_id, total_amount, ordered_at is not null, shipping_amount, tax_amount from store_connectors.raw__orders"
    )
    assert order == ("1", 12.5, True, None, None)


def test_json_that_a_loader_does_not_bring_is_no_rows(shop: Store) -> None:
    """A column with what is nested, such as the lines of an order, may be left out of a stream."""
    shop.connect({"shopify": {"schemas": "airbyte", "loader": "airbyte"}})
    assert shop.rows("select order_id, cast(total_amount as double), cart_id from store_connectors.raw__orders") == [
        ("1", 3.5, None)
    ]
    assert shop.rows("select * from store_connectors.raw__order_items") == []


def test_a_child_table_without_its_parent_is_refused(shop: Store) -> None:
    sentence = "is a child of the table 'orders', which is not there: load both."
    assert sentence in shop.refusal({"shopify": {"schemas": "orphans", "loader": "dlt"}})
