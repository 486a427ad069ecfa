"""A list, a map or an object where a plain value is expected is said, by table, column and type; what only looks so is not."""

from __future__ import annotations

from pathlib import Path

import duckdb

from cases.test_silence import Build

NESTED = """
    select {'id': 7, 'tags': ['a']} as order_id, ['anna'] as customer_id, 'a@x.example' as email,
        '2025-02-03'::date as ordered_at, map {'EUR': 5.0} as total_amount, '"paid"'::json as status, [1, 2] as line_items
"""
LOOKS = "customer_id,email,segment,city,acquisition_source\n"


def test_a_nested_value_is_named_with_its_type(tmp_path: Path) -> None:
    """In Parquet by its type, in CSV by how it looks; columns that the contract does not know are named as unknown alone."""
    (tmp_path / "raw").mkdir()
    with duckdb.connect() as connection:
        connection.execute(f"copy ({NESTED}) to '{tmp_path}/raw/orders.parquet' (format parquet)")
    files = {
        # an object, a list of texts, a list of objects; Python's own spelling of an object
        "customers.csv": LOOKS
        + '"{""id"": 7}",a@x.example,"[""vip"", ""b2b""]",Paris,google\n'
        + '8,b@x.example,gold,"{\'name\': \'Lyon\'}","[{""source"": 1}]"\n',
        # brackets and braces of people are none
        "subscriptions.csv": "subscription_id,customer_id,started_at,plan,status\n"
        + "s1,9,2025-01-02,[DE] Plan [new],active\ns2,9,2025-01-02,{pro},active\ns3,9,2025-01-02,[],active\n",
    }
    build = Build(
        tmp_path, files, models=["+base_shop__orders", "+base_shop__customers", "+base_billing__subscriptions"]
    )
    assert build.result.success, build.result.problems
    said = {warning.split(": ")[0]: warning for warning in build.warnings if "one plain value" in warning}
    assert set(said) == {"orders", "customers"}, build.warnings
    for column in ("order_id (STRUCT(", "customer_id (VARCHAR[])", "total_amount (MAP(", "status (JSON)"):
        assert column in said["orders"]
    assert "line_items" not in said["orders"]
    assert "email" not in said["orders"]
    for column in ("customer_id", "segment", "city", "acquisition_source"):
        assert f"{column} (JSON)" in said["customers"]
    assert "email" not in said["customers"]
