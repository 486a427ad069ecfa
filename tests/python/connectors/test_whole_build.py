"""The store installs both packages, and everything is built: the contract's tables are read from the connectors."""

from __future__ import annotations

from pathlib import Path

import duckdb
import shopify_world
from stores import load_world, make_store

from lifecycle_tools.build import NO_TESTS, PROJECT_DIR


def test_the_lifecycle_is_built_from_what_the_connectors_present(tmp_path: Path) -> None:
    """No warning while the project is read; a stage for each buyer of the vendor's tables."""
    store = make_store(tmp_path / "store", PROJECT_DIR)
    load_world(store, tmp_path / "raw", 60, 1)
    with duckdb.connect(str(store.warehouse)) as connection:
        schemas = shopify_world.write(connection, "fivetran_rest")
    connectors = {"shopify": {"schemas": schemas, "loader": "fivetran"}}
    result = store.run("--warn-error", "build", *NO_TESTS, "--select", "+lifecycle_customers", connectors=connectors)
    assert result.success, "\n".join(result.problems)
    paid = """
        select distinct case brand when 'default' then '' else brand || ':' end || customer_id from store_connectors.raw__orders
        where customer_id is not null and status = 'paid' and not coalesce(is_test, false) and deleted_at is null
    """
    bought = store.rows("select customer_id from store_marts.lifecycle_customers where first_purchase_date is not null")
    assert len(store.rows(paid)) > 10
    assert set(store.rows(paid)) <= set(bought)
