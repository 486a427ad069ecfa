"""The pipelines of the page on dlt, as they stand there, against a small HTTP server: what they land is read, and each keeps its state."""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from connectors.stores import macros_alone, make_store
from oracle.environments import differences, python_with

from lifecycle_tools.build import NO_TESTS, PROJECT_DIR, run_dbt

LOCK = Path(__file__).parent / "requirements.txt"
PAGE = PROJECT_DIR / "docs" / "load_with_dlt.md"
PAGE_SIZE = 3


class Api(ThreadingHTTPServer):
    """An API with lists of rows by path, changed ones from a time on, in pages that a header links."""

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), Answer)
        self.rows: dict[str, list[dict]] = {}
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    """One answer."""

    server: Api

    def do_GET(self) -> None:
        """A page of the rows that were changed since then."""
        path, asked = urlparse(self.path), parse_qs(urlparse(self.path).query)
        self.server.asked.append(self.path)
        since = asked.get("updated_since", asked.get("modified_after", [""]))[0]
        rows = [
            row
            for row in self.server.rows[path.path.strip("/")]
            if row.get("updated_at", row.get("date_modified_gmt", "~")) >= since
        ]
        page = int(asked.get("page", ["1"])[0])
        body = json.dumps(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if page * PAGE_SIZE < len(rows):
            query = re.sub("&page=.*", "", path.query)
            self.send_header("Link", f'<{self.address}{path.path}?{query}&page={page + 1}>; rel="next"')
        self.end_headers()
        self.wfile.write(body)

    @property
    def address(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python of the environment with dlt, made if need be."""
    return python_with(LOCK, "dlt")


@pytest.fixture
def api() -> Iterator[Api]:
    """A running API."""
    with Api() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def run_pipeline(python: Path, number: int, directory: Path, **environment: str) -> None:
    """A pipeline of the page, with nothing of an earlier test in dlt's home."""
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.S)[number]
    home = {"HOME": str(directory / "home"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    finished = subprocess.run(
        [python, "-c", code],
        env=os.environ | home | environment,
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def order(number: int, changed: str) -> dict:
    """An order of the API without a mapping of its own."""
    buyer = {"id": f"C{number}", "email": f"c{number}@example.org"}
    placed = {"placed_at": f"2024-03-0{number}T10:00:00Z", "updated_at": changed}
    return {
        "number": f"O{number}",
        "buyer": buyer,
        "state": "paid",
        "total": 10.5 + number,
        "lines": [{"sku": "a"}],
        **placed,
    }


def test_the_environment_is_that_of_the_lock_file(python: Path) -> None:
    assert not (different := differences(LOCK, python)), different


def test_files_are_built_from_as_they_lie_and_the_state_is_kept(python: Path, api: Api, tmp_path: Path) -> None:
    """The second run asks from the last change on, from another machine too, and the edited order counts once."""
    api.rows["orders"] = [order(number, f"2024-03-0{number}T11:00:00Z") for number in range(1, 6)]
    files = tmp_path / "my_files"
    there = {"SHOP_URL": f"http://127.0.0.1:{api.server_port}/", "SHOP_FILES": f"file://{files}"}
    run_pipeline(python, 0, tmp_path, **there)
    assert len(api.asked) == 2  # pages
    api.rows["orders"][0] |= {"total": 99.0, "updated_at": "2024-03-09T11:00:00Z"}
    api.asked.clear()
    other_machine = tmp_path / "other"
    other_machine.mkdir()
    run_pipeline(python, 0, other_machine, **there)
    assert [parse_qs(urlparse(path).query)["updated_since"] for path in api.asked] == [["2024-03-05T11:00:00Z"]]
    assert {path.name for path in (files / "raw").iterdir()} >= {"orders", "init", "_dlt_loads", "_dlt_pipeline_state"}
    warehouse = tmp_path / "warehouse.duckdb"
    result = run_dbt(
        ["build", *NO_TESTS, "--select", "+stg_shop__orders"],
        raw_data_dir=files / "raw", warehouse_path=warehouse, as_of_date="", dbt_target_path=tmp_path / "target", dbt_log_path=tmp_path / "logs",
    )  # fmt: skip
    assert result.success, result.problems
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select order_id, cast(total_amount as double) from staging.stg_shop__orders order by 1"
        ).fetchall()
    assert found == [("O1", 99.0), ("O2", 12.5), ("O3", 13.5), ("O4", 14.5), ("O5", 15.5)]


def woocommerce_order(number: int, **changed: object) -> dict:
    """An order as WooCommerce tells it, shortened."""
    times = {"date_created_gmt": f"2024-03-0{number}T10:00:00", "date_modified_gmt": f"2024-03-0{number}T10:00:01"}
    line = {
        "id": 10 + number,
        "product_id": 7,
        "variation_id": 0,
        "quantity": 2,
        "subtotal": "20.00",
        "total": "18.00",
        "taxes": [],
    }
    return {
        "id": number, "status": "completed", "currency": "EUR", "discount_total": "2.00", "shipping_total": "0.00", "total_tax": "0.00",
        "total": "18.00", "customer_id": 0 if number == 1 else 5, "billing": {"email": "ann@example.org"}, "created_via": "checkout",
        "line_items": [line], "coupon_lines": [{"id": 20 + number, "code": "welcome"}], "refunds": [], **times, **changed,
    }  # fmt: skip


def test_the_connector_reads_what_dlt_has_landed(python: Path, api: Api, tmp_path: Path) -> None:
    """Types and names as dlt makes them; an order that was refunded later replaces itself, with its list of refunds."""
    store = make_store(tmp_path / "store", macros_alone(tmp_path / "customer_lifecycle"))
    api.rows = {
        "orders": [woocommerce_order(number) for number in range(1, 5)],
        "refunds": [],
        "products": [{"id": 7, "name": "Coffee", "categories": [{"id": 1, "name": "Drinks"}]}],
        "customers": [{"id": 5, "email": "ann@example.org", "date_created_gmt": "2024-01-01T00:00:00", "billing": {"country": "FR", "city": "Lyon"}}],
        "products/reviews": [{"id": 3, "product_id": 7, "status": "approved", "reviewer_email": "ann@example.org", "rating": 4, "date_created_gmt": "2024-03-09T00:00:00"}],
    }  # fmt: skip
    there = {
        "WOOCOMMERCE_URL": f"http://127.0.0.1:{api.server_port}/", "WOOCOMMERCE_KEY": "ck", "WOOCOMMERCE_SECRET": "cs", "WAREHOUSE_PATH": str(store.warehouse),
    }  # fmt: skip
    run_pipeline(python, 1, tmp_path, **there)
    api.rows["orders"][2] = woocommerce_order(
        3, refunds=[{"id": 30, "reason": "late", "total": "-5.00"}], date_modified_gmt="2024-03-08T00:00:00"
    )
    api.rows["refunds"] = [
        {"id": 30, "parent_id": 3, "date_created_gmt": "2024-03-08T00:00:00", "amount": "5.00", "reason": "late"}
    ]
    run_pipeline(python, 1, tmp_path, **there)
    store.connect({"woocommerce": {"schemas": "woocommerce", "loader": "dlt"}})
    tables = {
        "orders": "order_id, customer_id, cast(subtotal_amount as int), discount_code, cast(ordered_at as varchar)",
        "order_items": "order_id, cast(unit_price as int), cast(discount_amount as int)",
        "refunds": "order_id, cast(amount as int), cast(refunded_at as varchar)", "products": "product_id, category",
        "customers": "customer_id, country_code", "reviews": "customer_id, rating",
    }  # fmt: skip
    found = {
        table: store.rows(f"select {columns} from store_connectors.raw__{table} order by 1")
        for table, columns in tables.items()
    }
    assert found == {
        "orders": [(str(n), None if n == 1 else "5", 20, "welcome", f"2024-03-0{n} 10:00:00") for n in range(1, 5)],
        "order_items": [(str(n), 10, 2) for n in range(1, 5)],
        "refunds": [("3", 5, "2024-03-08 00:00:00")], "products": [("7", "Drinks")], "customers": [("5", "FR")], "reviews": [("5", 4)],
    }  # fmt: skip
