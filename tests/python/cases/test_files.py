"""Files as browsers, spreadsheets and file managers leave them: each is read once, passed over, or refused in one sentence."""

# ruff: noqa: E501

from __future__ import annotations

import gzip
import os
from pathlib import Path

import duckdb
import pytest

from lifecycle_tools import raw_loading
from lifecycle_tools.raw_loading import FILE_NUMBER, RECORD, RawDataError, load_raw_files

HEADER = "order_id,customer_id,ordered_at,total_amount\n"
TABLES = {
    "orders": {"identifier": "orders", "required": ["order_id", "ordered_at", "total_amount"]},
    "customers": {"identifier": "customers", "required": ["customer_id"]},
    "subscriptions": {"identifier": "subscriptions", "required": ["subscription_id", "customer_id"]},
}


def line(order_id: int | str) -> str:
    """One order."""
    return f"{order_id},C{order_id},2024-01-10,10\n"


def write(directory: Path, files: dict[str, str | bytes]) -> Path:
    """Write raw files, long ago."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return directory


def load(directory: Path, connection: duckdb.DuckDBPyConnection | None = None, **more) -> duckdb.DuckDBPyConnection:
    """Load a directory into a warehouse in memory."""
    connection = connection or duckdb.connect()
    load_raw_files(connection, directory=str(directory), database="memory", schema="raw", tables=TABLES, **more)
    return connection


def orders(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The ids of all orders."""
    return [order_id for (order_id,) in connection.execute("select order_id from raw.orders order by all").fetchall()]


@pytest.mark.parametrize(
    "names",
    [
        ["orders[1].csv", "orders1.csv"],
        ["a*.csv", "ab.csv"],
        ["a?.csv", "ab.csv", "ac.csv"],
        ["[ab].csv", "a.csv", "b.csv"],
        ["**.csv", "x.csv", "sub/y.csv"],
        ["{a,b}.csv", "a.csv"],
        ["orders (1).csv", "orders (2).csv"],
        ["a'b.csv", 'a"b.csv', "a;b.csv"],
        ["[!a].csv", "b.csv"],
    ],
)
def test_a_name_means_itself(tmp_path, names):
    """No sign in a name stands for other names: each file is read once."""
    connection = load(write(tmp_path, {f"orders/{name}": HEADER + line(number) for number, name in enumerate(names)}))
    assert orders(connection) == [str(number) for number in range(len(names))]
    load(tmp_path, connection)
    assert len(orders(connection)) == len(names)
    assert connection.execute(f"select count(distinct file_path) from raw.{RECORD}").fetchone() == (len(names),)


@pytest.mark.parametrize("name", ["raw [2024]", "raw*", "what?", "[x]", "l'été [1]/a*"])
def test_a_directory_may_have_any_name(tmp_path, name):
    """Its brackets and asterisks are part of its name."""
    assert orders(load(write(tmp_path / name, {"orders.csv": HEADER + line(1)}))) == ["1"]


def test_files_may_be_links_and_lie_in_linked_folders(tmp_path):
    """Which DuckDB's own search leaves out; a link that leads back is followed once, one to nothing is refused."""
    write(tmp_path / "store", {"a.csv": HEADER + line(1), "x/b.csv": HEADER + line(2), "c.csv": HEADER + line(3)})
    raw = write(tmp_path / "raw", {"orders/d.csv": HEADER + line(4)})
    os.symlink(tmp_path / "store" / "a.csv", raw / "orders" / "z.csv")
    os.symlink(tmp_path / "store" / "x", raw / "orders" / "x")
    os.symlink(raw / "orders", raw / "orders" / "again")
    connection = load(raw)
    assert orders(connection) == ["1", "2", "4"]
    (tmp_path / "store" / "a.csv").write_text(HEADER + line(5) + line(6))
    assert orders(load(raw, connection)) == ["2", "4", "5", "6"]
    os.symlink(raw, tmp_path / "all")
    assert orders(load(tmp_path / "all")) == ["2", "4", "5", "6"]
    (tmp_path / "store" / "a.csv").unlink()
    with pytest.raises(RawDataError, match=r"z\.csv was there when the build began and is gone"):
        load(raw, connection)


def test_packed_and_tabbed_files_are_read(tmp_path):
    """By what their names end in."""
    files = {
        "orders/a.csv.gz": gzip.compress((HEADER + line(1)).encode()),
        "orders/b.tsv": (HEADER + line(2)).replace(",", "\t"),
        "orders/c.TSV.GZ": gzip.compress((HEADER + line(3)).replace(",", "\t").encode()),
        "orders/d.CSV": HEADER + line(4),
    }
    assert orders(load(write(tmp_path, files))) == ["1", "2", "3", "4"]
    assert orders(load(write(tmp_path / "alone", {"orders.csv.gz": files["orders/a.csv.gz"]}))) == ["1"]


def test_folders_may_stand_for_columns_and_a_name_may_begin_with_an_underscore(tmp_path):
    """As writers of partitioned data leave them, in CSV as in Parquet; folders that begin so are a tool's own."""
    files = {
        "orders/brand=fr/year=2024/a.csv": HEADER + line(1),
        "orders/brand=de%20x/year=2024/b.csv": HEADER + line(1),
        "orders/c.csv": "brand," + HEADER + "it," + line(1),
        "orders/_d.csv": HEADER + line(4),
        "orders/_delta_log/e.csv": HEADER + line(5),
        "orders/_temporary/0/f.csv": HEADER + line(6),
        "orders/_SUCCESS": "",
    }
    connection = load(write(tmp_path, files))
    found = connection.execute("select brand, order_id from raw.orders order by all").fetchall()
    assert found == [("de x", "1"), ("fr", "1"), ("it", "1"), (None, "4")]
    load(tmp_path, connection)
    assert connection.execute("select count(*) from raw.orders").fetchone() == (4,)


def test_a_folder_does_not_stand_above_a_column_of_the_file(tmp_path):
    """Where both have a name, the row says what it is; DuckDB would take the folder's value."""
    files = {
        "orders/order_id=7/a.csv": HEADER + line(1) + line(2),
        "orders/brand=fr/b.csv": "brand," + HEADER + "it," + line(3),
    }
    assert orders(load(write(tmp_path, files))) == ["1", "2", "3"]
    (tmp_path / "orders" / "order_id=8").mkdir()
    query = "select '4' as order_id, date '2024-01-10' as ordered_at, 10 as total_amount"
    duckdb.sql(f"copy ({query}) to '{tmp_path}/orders/order_id=8/c.parquet'")
    (tmp_path / "orders" / "customer_id=C5").mkdir()
    duckdb.sql(f"copy ({query}) to '{tmp_path}/orders/customer_id=C5/d.parquet'")
    assert orders(load(tmp_path)) == ["1", "2", "3", "4", "4"]
    found = load(tmp_path).execute("select customer_id from raw.orders where order_id = '4' order by all").fetchall()
    assert found == [("C5",), (None,)]
    assert load(tmp_path).execute("select distinct brand from raw.orders order by all").fetchall() == [("it",), (None,)]


def test_text_of_a_parquet_file_that_does_not_say_so_is_text(tmp_path):
    """Bytes that are no text stay what they were; large numbers do not become others."""
    columns = (
        "encode('Zoë') as customer_id, '\\x80'::blob as token, date '2024-01-10' as ordered_at, 10 as total_amount"
    )
    (tmp_path / "orders").mkdir()
    duckdb.sql(f"copy (select '1' as order_id, {columns}) to '{tmp_path}/orders/a.parquet'")
    duckdb.sql(f"copy (select encode('2') as order_id, {columns}) to '{tmp_path}/orders/b.parquet'")
    connection = load(tmp_path)
    found = connection.execute("select order_id, customer_id, token from raw.orders order by all").fetchall()
    assert found == [("1", "Zoë", "\\x80"), ("2", "Zoë", "\\x80")]


# A file of two orders in other forms: all of these are read, and hold the same.
FORMS: dict[str, bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + (HEADER + line(1) + line(2)).encode(),
    "two byte order marks": 2 * b"\xef\xbb\xbf" + (HEADER + line(1) + line(2)).encode(),
    "blank lines": (HEADER + line(1) + "\n" + line(2) + "\n\n").encode(),
    "no last line end": (HEADER + line(1) + line(2)).rstrip().encode(),
    "crlf": (HEADER + line(1) + line(2)).replace("\n", "\r\n").encode(),
    "cr": (HEADER + line(1) + line(2)).replace("\n", "\r").encode(),
    "tabs": (HEADER + line(1) + line(2)).replace(",", "\t").encode(),
    "semicolons": (HEADER + line(1) + line(2)).replace(",", ";").encode(),
    "bars": (HEADER + line(1) + line(2)).replace(",", "|").encode(),
    "quotes": b'"order_id","customer_id","ordered_at","total_amount"\n"1","C1","2024-01-10","10"\n2,C2,2024-01-10,10\n',
    "names in capitals between blanks": (HEADER.upper().replace(",", " , ") + line(1) + line(2)).encode(),
    "no-break blank in a name": (HEADER.replace(",", "\u00a0,", 1) + line(1) + line(2)).encode(),
    "empty values and names at the end": (
        HEADER.replace("\n", ",\n") + (line(1) + line(2)).replace("\n", ",\n")
    ).encode(),
    "empty values alone at the end": (HEADER + (line(1) + line(2)).replace("\n", ",\n")).encode(),
    "blanks around quotes": (HEADER + '1, "C1" ,2024-01-10,10\n' + line(2)).encode(),
    "another order of columns": b"total_amount,ordered_at,customer_id,order_id\n10,2024-01-10,C1,1\n10,2024-01-10,C2,2\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_orders_in_another_form(tmp_path, form):
    """What programs write around the values is none of them."""
    connection = load(write(tmp_path, {"orders.csv": FORMS[form]}))
    query = "select order_id, customer_id, ordered_at, total_amount from raw.orders order by all"
    rows = [tuple(value.strip() for value in row) for row in connection.execute(query).fetchall()]
    assert rows == [("1", "C1", "2024-01-10", "10"), ("2", "C2", "2024-01-10", "10")]


@pytest.mark.parametrize(
    ("text", "customer"),
    [
        (HEADER + '1,"C\n1",2024-01-10,10\n' + line(2), "C\n1"),
        (HEADER + '1,"C\r\n1",2024-01-10,10\n' + line(2), "C\r\n1"),
        ((HEADER + '1,"C\n1",2024-01-10,10\n' + line(2)).replace("\n", "\r\n"), "C\r\n1"),
        (HEADER + '1,"C ""1"", x",2024-01-10,10\n' + line(2), 'C "1", x'),
        ((HEADER + line(2)).replace(",", ";") + '1;"C;1";2024-01-10;"1.234,50"\n', "C;1"),
        ((HEADER + line(2)).replace(",", "\t") + '1\t"C\t1"\t2024-01-10\t10\n', "C\t1"),
    ],
)
def test_quotation_marks_keep_what_stands_between_them(tmp_path, text, customer):
    """Ends of lines, of either kind in a file of either kind, marks between values, and quotation marks."""
    connection = load(write(tmp_path, {"orders.csv": text.encode()}))
    assert connection.execute("select customer_id from raw.orders order by order_id").fetchall() == [
        (customer,),
        ("C2",),
    ]


@pytest.mark.parametrize("nothing", [b"", b"\n\n", b"\r\n", b"\xef\xbb\xbf", gzip.compress(b""), HEADER.encode()])
def test_a_file_with_nothing_in_it_has_no_row(tmp_path, nothing):
    """Beside another of its table."""
    name = "b.csv.gz" if nothing[:2] == b"\x1f\x8b" else "b.csv"
    assert orders(load(write(tmp_path, {"orders/a.csv": HEADER + line(1), f"orders/{name}": nothing}))) == ["1"]


@pytest.mark.parametrize(
    "name",
    [
        "~$orders.xlsx", ".DS_Store", "desktop.ini", "Desktop.ini", "Thumbs.db", "._orders.csv", "orders/._a.csv", "orders.csv~",
        ".orders.csv.swp", "orders/~$a.csv", "__MACOSX/orders.csv", "ReadMe.md", ".~lock.orders.csv#", "orders/.part.crc",
    ],
)  # fmt: skip
def test_what_programs_leave_is_nobodys(tmp_path, name):
    """It neither stops the build nor is read."""
    assert orders(load(write(tmp_path, {"orders/a.csv": HEADER + line(1), name: b"\x00nothing"}))) == ["1"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"orders.xlsx": "PK"}, ["orders.xlsx", "save it as CSV UTF-8"]),
        ({"orders/export.json": "[]"}, ["export.json", "save it as CSV UTF-8"]),
        ({"orders/a.csv.zip": "PK"}, ["a.csv.zip", "neither csv nor parquet"]),
        ({"orders_2024.csv": HEADER}, ["orders_2024.csv", "did you mean 'orders'", "a folder orders/"]),
        ({"orders.csv": HEADER + line(1) + "2,C,2024-01-10,10\r\n" + line(3)}, ["orders.csv", "CRLF", "LF"]),
        ({"orders/a.csv": HEADER.replace("\n", "\r\n") + line(1) + "2,C,2024-01-10,10\r\n", "orders/b.csv": HEADER}, ["a.csv", "CRLF"]),
        ({"orders.csv": 'x" , drop table y; --,' + HEADER + "n," + line(1)}, ["orders.csv line 1", "quotation mark"]),
        ({"orders.csv": '"two\nlines",' + HEADER + "n," + line(1)}, ["orders.csv line 1", "quotation mark"]),
        ({"orders.csv": ("prénom," + HEADER + "x," + line(1)).encode("latin-1")}, ["orders.csv line 1", "UTF-8"]),
        ({"orders.csv": (HEADER + "1,Zoë,2024-01-10,10\n").encode("cp1252")}, ["orders.csv line 2", "UTF-8"]),
        ({"orders.csv": (HEADER + line(1)).encode("utf-16-le")}, ["orders.csv line 1", "UTF-8"]),
        ({"orders.tsv": (HEADER + line(1)).replace(",", "\t").encode("utf-16")}, ["orders.tsv line 1", "UTF-16"]),
        ({"orders.jsonl": '{"order_id": 1}\n'}, ["orders.jsonl", "save it as CSV UTF-8"]),
        ({"orders.csv": (HEADER + line(1)).encode("utf-32")}, ["orders.csv line 1", "UTF-8"]),
        ({"orders.csv": "order\x00_id" + HEADER[8:] + line(1)}, ["orders.csv line 1", "UTF-8"]),
        ({"orders.csv": "\n" + HEADER + line(1)}, ["orders.csv line 1 is empty"]),
        ({"orders.csv": gzip.compress(HEADER.encode(), mtime=0)}, ["orders.csv line 1", "unpack it"]),
        # the time within the packed bytes holds an end of a line, at its third byte or at its first
        ({"orders.csv": gzip.compress(HEADER.encode(), mtime=0x6B0A07E0)}, ["orders.csv line 1", "unpack it"]),
        ({"orders.csv": gzip.compress(HEADER.encode(), mtime=0x6B0A070A)}, ["orders.csv line 1", "unpack it"]),
        ({"orders.csv": ("prénom," + HEADER).encode() + ("x," + line(1) + "Zoë," + line(2)).encode("cp1252")}, ["orders.csv line 3", "UTF-8"]),
        ({"orders.csv.gz": HEADER + line(1)}, ["orders.csv.gz", "not packed by gzip"]),
        ({"orders.csv.gz": gzip.compress((HEADER + line(1) * 999).encode())[:-9]}, ["orders.csv.gz", "cut short"]),
        ({"orders/a.csv.gz": gzip.compress((HEADER + line(1)).encode()), "orders/b.csv.gz": gzip.compress((HEADER + line(2)).encode()) + bytes(512)}, ["b.csv.gz has bytes behind", "pack it again"]),
        ({"orders/a.csv.gz": gzip.compress((HEADER + line(1)).encode()) + b"junk"}, ["a.csv.gz", "not packed by gzip"]),
        ({"orders/a.csv": HEADER + line(1), "orders/b\\c.csv": HEADER + line(2)}, ["b\\c.csv", "backslash", "rename it"]),
        ({"orders.csv.gz": gzip.compress((HEADER + line(1)).encode())[:-8] + gzip.compress((HEADER + line(2)).encode())[-8:]}, ["orders.csv.gz is damaged", "check sum"]),
        ({"orders.csv": HEADER + line(1) + "\x00\x00\n"}, ["orders.csv line 3", "fewer values"]),
        ({"orders.csv": HEADER + "1,C,2024-01-10,10,x\n"}, ["orders.csv line 2", "more values"]),
        ({"orders.csv": HEADER + '1,"C \\"1\\"",2024-01-10,10\n'}, ["orders.csv line 2", "quotation mark"]),
        ({"orders.csv": HEADER + '1,"C,2024-01-10,10\n' + line(2)}, ["orders.csv line 2", "quotation mark"]),
        ({"orders.csv": HEADER.replace("customer_id", "Order_ID") + line(1)}, ["orders.csv line 1", "'order_id' twice"]),
        ({"orders.csv": "sep=,\n" + HEADER + line(1)}, ["orders", "lacks the required columns", "sep="]),
        ({"orders.csv": "Export of 2024\n" + HEADER + line(1)}, ["orders", "lacks the required columns", "export of 2024"]),
        ({"orders.csv": (HEADER + line(1)).replace(",", "^")}, ["orders", "lacks the required columns"]),
        ({"orders.csv": "<!DOCTYPE html>\n<html></html>\n"}, ["orders", "lacks the required columns", "<!doctype html>"]),
        ({"orders/a.csv.bak": HEADER}, ["a.csv.bak", "neither csv nor parquet"]),
        ({"orders/b.csv.crdownload": HEADER}, ["b.csv.crdownload", "neither csv nor parquet"]),
        ({"orders": HEADER}, ["orders", "neither csv nor parquet"]),
        ({"orders (1).csv": HEADER}, ["orders (1).csv", "did you mean 'orders'"]),
        ({"_orders.csv": HEADER}, ["_orders.csv", "did you mean 'orders'"]),
        ({"orders.parquet": "version https://git-lfs.github.com/spec/v1\n"}, ["orders.parquet", "no complete parquet file"]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path, files, words):
    """It names the file and says what to do."""
    with pytest.raises(RawDataError) as refused:
        load(write(tmp_path, files))
    assert all(word in str(refused.value) for word in words), refused.value


@pytest.mark.parametrize("step", ["_file_states", "_file_headers", "union_query"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_that_goes_while_files_are_read_is_named_and_changes_nothing(tmp_path, monkeypatch, step, ending):
    """Before its size, its columns or its rows are read; the next build reads what is there then."""
    connection = load(write(tmp_path, {"orders/1.csv": HEADER + line(1)}))
    names = [f"2[1].{ending}", f"3.{ending}"]
    for name in names:
        query = f"select '{name[0]}' as order_id, 'C' as customer_id, '2024-01-10' as ordered_at, '10' as total_amount"
        connection.execute(f"copy ({query}) to '{tmp_path}/orders/{name}'")
    read, gone = getattr(raw_loading, step), tmp_path / "orders" / names[0]

    def read_too_late(*arguments):
        gone.unlink(missing_ok=True)
        return read(*arguments)

    monkeypatch.setattr(raw_loading, step, read_too_late)
    with pytest.raises(RawDataError) as refused:
        load(tmp_path, connection)
    assert str(refused.value).startswith(f"File {gone} was there when the build began and is gone: ")
    assert orders(connection) == ["1"]
    load(tmp_path, connection)
    assert orders(connection) == ["1", "3"]


@pytest.mark.parametrize(
    "name", ['"x"" , drop table y; --"', "x'; drop table y", "{{ 1/0 }}", "select", "a b", "é", "a\\b", "%s"]
)
def test_a_column_may_have_any_name(tmp_path, name):
    """It is quoted wherever it is used."""
    connection = load(write(tmp_path, {"orders.csv": name + "," + HEADER + "n," + line(1)}))
    assert orders(connection) == ["1"]


def numbers(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The number of each order's file."""
    return dict(connection.execute(f"select order_id, {FILE_NUMBER} from raw.orders").fetchall())


def test_files_are_numbered_as_they_are_loaded_and_by_name(tmp_path):
    """A later load comes after an earlier one, whatever its name; reading all again changes no number."""
    write(tmp_path, {"orders/2025-03-02.csv": HEADER + line(2), "orders/2025-03-01.csv": HEADER + line(1)})
    connection = load(tmp_path)
    assert numbers(connection) == {"1": 1, "2": 2}
    write(tmp_path, {"orders/2025-02-01.csv": HEADER + line(0)})
    load(tmp_path, connection)
    assert numbers(connection) == {"0": 3, "1": 1, "2": 2}
    load(tmp_path, connection, is_full_refresh=True)
    assert numbers(connection) == {"0": 3, "1": 1, "2": 2}
    write(
        tmp_path, {"orders/2025-04-01.csv": "note," + HEADER + "n," + line(4)}
    )  # another column: all files are read again
    load(tmp_path, connection)
    assert numbers(connection) == {"0": 3, "1": 1, "2": 2, "4": 4}
