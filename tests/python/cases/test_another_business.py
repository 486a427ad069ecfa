"""Files of another business over a warehouse are refused, those of the same business are not, whatever was done to them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from lifecycle_tools.raw_loading import RawDataError, load_raw_files

TABLES = {
    table: {"identifier": table, "required": [key]}
    for table, key in (
        ("orders", "order_id"),
        ("customers", "customer_id"),
        ("subscriptions", "subscription_id"),
        ("products", "product_id"),
        ("erasure_requests", "request_id"),
    )
}
ORDERS = "order_id,customer_id,ordered_at,total_amount\n"
OURS = ORDERS + "".join(f"{1000 + n},c{n % 7},2024-03-{n % 28 + 1:02},{n}.50\n" for n in range(60))
PRODUCTS = "product_id,name\np1,Tea\n"


class Shop:
    """A folder of files, and the warehouse into which they are loaded again and again."""

    def __init__(self, directory: Path) -> None:
        """Begin with nothing."""
        self.directory, self.files, self.moment = directory, directory / "raw", 1_700_000_000

    def load(self, files: dict[str, str], *, folder: str = "raw", is_full_refresh: bool = False) -> str:
        """Replace the files that are named, keep the others, load; what was wrong, or nothing."""
        for name, text in files.items():
            path = self.directory / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.moment += 10
            os.utime(path, (self.moment, self.moment))
        with duckdb.connect(str(self.directory / "warehouse.duckdb")) as connection:
            try:
                load_raw_files(
                    connection,
                    directory=str(self.directory / folder),
                    database="warehouse",
                    schema="raw",
                    tables=TABLES,
                    is_full_refresh=is_full_refresh,
                )
            except RawDataError as error:
                return str(error)
        return ""

    def order_ids(self) -> set[str]:
        """What the warehouse holds."""
        with duckdb.connect(str(self.directory / "warehouse.duckdb")) as connection:
            return {value for (value,) in connection.execute("select order_id::varchar from raw.orders").fetchall()}


def _numbered(start: str, count: int, day: Callable[[int], str]) -> str:
    """Orders that a shop numbers from ``start`` on, each of a customer with a number of its own."""
    return ORDERS + "".join(f"{int(start) + n},k{n * 3},{day(n)},20\n" for n in range(count))


@pytest.mark.parametrize(
    "files",
    [
        # other ids altogether, in the same months and much later
        {"orders.csv": ORDERS + "X1,a,2024-03-02,5\nX2,b,2024-03-04,6\n"},
        {"orders.csv": ORDERS + "X1,a,2026-03-02,5\n", "products.csv": "product_id,name\np1,Tea\np2,Cup\n"},
        # a catalogue that stayed is no proof that the customers did
        {"orders.csv": ORDERS + "X1,a,2024-03-02,5\n"},
        # two shops that both count from 1000: not the same buyers, not the same days
        {"orders.csv": _numbered("1000", 60, lambda n: f"2023-{n % 12 + 1:02}-{n % 27 + 1:02}")},
        # both of them have an order without an id, which is nothing in common
        {"orders.csv": ORDERS + ",a,2024-03-01,5\nX1,b,2024-03-04,6\n"},
        {"orders.csv": ORDERS, "subscriptions.csv": "subscription_id,customer_id,started_at\ns1,a,2024-03-01\n",
         "customers.csv": "customer_id,email\na,a@x.example\n"},
    ],
)  # fmt: skip
def test_another_business_in_the_same_files_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    """And the warehouse keeps what it had."""
    shop = Shop(tmp_path)
    ours = {"orders.csv": OURS.replace("1059,c3", ",c3"), "products.csv": PRODUCTS}
    if "subscriptions.csv" in files:
        ours |= {"subscriptions.csv": "subscription_id,customer_id,started_at\nt9,z,2024-02-01\n"}
        ours |= {"customers.csv": "customer_id,email\nz,z@y.example\n"}
    assert shop.load(ours) == ""
    before = shop.order_ids()
    problem = shop.load(files)
    assert "holds another business" in problem
    assert "--full-refresh" in problem
    assert shop.order_ids() == before
    assert shop.load({"orders.csv": files["orders.csv"]}, folder="elsewhere") != ""
    assert shop.load(ours) == "", "the files as they were go on"


@pytest.mark.parametrize(
    "files",
    [
        # more orders, fewer orders, one order of the old ones
        {"orders.csv": OURS + "2000,c1,2024-05-01,5\n"},
        {"orders.csv": ORDERS + OURS.splitlines()[-1] + "\n"},
        # a window of the last days, one order of which was there before
        {"orders.csv": ORDERS + "1059,c3,2024-03-04,59.50\n1060,n1,2024-05-01,5\n1061,n2,2024-05-02,7\n"},
        # every amount and every time corrected; ids as a spreadsheet writes them
        {"orders.csv": ORDERS + "".join(f"{1000 + n},c{n % 7},{n % 28 + 1}.3.2024 10:00,1\n" for n in range(60))},
        {"orders.csv": ORDERS + "".join(f'"=""{1000 + n}""",x,2024-03-{n % 28 + 1:02},1\n' for n in range(60))},
        {"orders.csv": ORDERS + "".join(f"{1000 + n}.0,c{n % 7},2024-03-01,1\n" for n in range(60))},
        # the day's file beside those of the days before, without an id in common
        {"orders/2024-05-01.csv": ORDERS + "2000,n1,2024-05-01,5\n"},
        # orders under other numbers, but the customers are the same
        {"orders.csv": ORDERS + "X1,z,2024-05-01,5\n", "customers.csv": "customer_id,email\nz,z@y.example\nn,n@y.example\n"},
    ],
)  # fmt: skip
def test_the_same_business_goes_on(tmp_path: Path, files: dict[str, str]) -> None:
    """Whatever was added, corrected, moved or left out."""
    shop = Shop(tmp_path)
    name = "orders/2024-04-30.csv" if any("/" in file for file in files) else "orders.csv"
    assert shop.load({name: OURS, "customers.csv": "customer_id,email\nz,z@y.example\n"}) == ""
    assert shop.load(files) == ""


def test_a_shop_may_begin_with_nothing_sold(tmp_path: Path) -> None:
    """Its first order has nothing to be compared with; a shop with subscriptions begins to sell."""
    shop = Shop(tmp_path)
    subscribed = "subscription_id,customer_id,started_at\ns1,a,2024-03-01\n"
    assert shop.load({"orders.csv": ORDERS, "subscriptions.csv": subscribed}) == ""
    assert shop.load({"orders.csv": ORDERS + "1,b,2024-03-05,9\n"}) == ""
    assert shop.load({"orders.csv": ORDERS + "1,b,2024-03-05,9\n2,b,2024-03-06,9\n"}) == ""
    assert shop.order_ids() == {"1", "2"}


def test_new_ids_are_taken_by_a_full_refresh(tmp_path: Path) -> None:
    """Of the same files; those of other paths need a warehouse of their own even then."""
    shop = Shop(tmp_path)
    renamed = OURS.replace("\n10", "\nN-10").replace(",c", ",n")
    assert shop.load({"orders.csv": OURS}) == ""
    assert "FULL=1" in shop.load({"orders.csv": renamed})
    assert "holds another business" in shop.load({"orders.csv": renamed}, folder="elsewhere", is_full_refresh=True)
    assert shop.load({}, is_full_refresh=True) == ""
    assert min(shop.order_ids()) == "N-1000"
