"""``make export``: an audience with contact data, consent respected, in the columns and spellings that importers ask for."""

from __future__ import annotations

import csv
import hashlib
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from oracle.runs import demo

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.commands import export as command
from lifecycle_tools.explaining import DuckDB, ExplainError
from lifecycle_tools.exporting import FORMATS, email_of, export, hashed, phone_of, safe
from lifecycle_tools.publishing import Run, new_run_id, publish

PAGE = PROJECT_DIR / "docs" / "export.md"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> DuckDB:
    directory = tmp_path_factory.mktemp("export")
    warehouse = demo(directory, "UTC")
    marts = ["lifecycle_audiences", "lifecycle_customers"]
    publish(
        warehouse, directory / "serving", marts, Run(new_run_id(), {"reporting_currency": "EUR", "as_of_date": None})
    )
    return DuckDB(warehouse, directory / "serving")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def profiles(source: DuckDB) -> dict[str, tuple]:
    with source.working() as working:
        found = working.rows("select person_id, email, phone, first_name, last_name from staging.stg_shop__customers")
    return {person: values for person, *values in found}


def test_the_plain_file_has_the_audience_with_its_profiles(source: DuckDB, tmp_path: Path) -> None:
    done = export(source, "win_back", "csv", tmp_path, "default")
    listed = {
        row[0]: row[1]
        for row in source.marts(
            "select customer_id, reason from marts.lifecycle_audiences where audience = 'win_back' and brand = 'default'"
        )
    }
    written = rows(done.path)
    assert done.path == tmp_path / "default.win_back.csv"
    assert (done.listed, done.written) == (len(listed), len(written))
    assert written
    known = profiles(source)
    for row in written:
        assert row["reason"] == listed[row["customer_id"]]
        if row["customer_id"] in known:
            email, _, first, last = known[row["customer_id"]]
            assert (row["email"], row["first_name"], row["last_name"]) == (email or row["email"], first, last)


def test_the_file_is_for_its_owner_alone_and_nothing_else_is_left(source: DuckDB, tmp_path: Path) -> None:
    for form in ("csv", "parquet", *FORMATS):
        done = export(source, "at_risk", form, tmp_path, "default")
        assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 2 + len(FORMATS)


def test_parquet_has_the_same_rows_with_types(source: DuckDB, tmp_path: Path) -> None:
    plain = rows(export(source, "at_risk", "csv", tmp_path, "default").path)
    path = export(source, "at_risk", "parquet", tmp_path, "default").path
    with duckdb.connect() as connection:
        typed = connection.execute(
            f"select customer_id, email, since_date, net_revenue_amount from '{path}'"
        ).fetchall()
    assert [(str(each[0]), each[1] or "", str(each[2]), str(each[3])) for each in typed] == [
        (row["customer_id"], row["email"], row["since_date"], row["net_revenue_amount"]) for row in plain
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_each_importer_gets_its_columns_and_spellings(source: DuckDB, tmp_path: Path, form: str) -> None:
    chosen = FORMATS[form]
    written = rows(export(source, "win_back", form, tmp_path, "default").path)
    assert written
    for row in written:
        assert list(row) == list(chosen.columns)
        assert any(row[name] for name in chosen.needs)
        for name, pattern in chosen.patterns.items():
            assert not row[name] or re.fullmatch(pattern, row[name]), (name, row[name])
    if form in ("meta", "google"):
        assert "@" not in (tmp_path / f"default.win_back.{form}.csv").read_text()


def test_a_customer_who_withdraws_consent_after_the_publication_is_left_out(source: DuckDB, tmp_path: Path) -> None:
    """A customer who has given none is left out too: the working tables are asked once more."""
    copy = tmp_path / "warehouse.duckdb"
    shutil.copy(source.warehouse, copy)
    before = rows(export(source, "win_back", "csv", tmp_path, "default").path)
    gone = before[0]["customer_id"]
    with duckdb.connect(str(copy)) as connection:
        connection.execute("delete from intermediate.int_marketing_consents where customer_id = ?", [gone])
    later = rows(export(DuckDB(copy, source.published.parent), "win_back", "csv", tmp_path, "default").path)
    assert [row["customer_id"] for row in later] == [row["customer_id"] for row in before[1:]]


def test_only_customers_with_consent_are_in_a_file(source: DuckDB, tmp_path: Path) -> None:
    with source.working() as working:
        refused = {
            email
            for (email,) in working.rows(
                "select email from staging.stg_shop__customers where marketing_consent = false except "
                "select email from staging.stg_shop__customers where marketing_consent is distinct from false"
            )
            if email
        }
    assert len(refused) > 20
    audiences = {row[0] for row in source.marts("select distinct audience from marts.lifecycle_audiences")}
    for audience in audiences:
        for brand in ("default", "atelier"):
            try:
                done = export(source, audience, "csv", tmp_path, brand)
            except ExplainError as error:
                assert "has no customer of the brand" in str(error)  # noqa: PT017
                continue
            assert not {row["email"] for row in rows(done.path)} & refused


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'=1"),
        ("|x", "'|x"),
        ("-12.50", "-12.50"),
        ("+33610031676", "+33610031676"),
        ("O'Neill", "O'Neill"),
        (None, ""),
        ("Anna\nRossi", "AnnaRossi"),
    ],
)
def test_no_value_is_a_formula(given: str | None, said: str) -> None:
    assert safe(given) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("+33 6 10 03 16 76", "+33610031676"),
        ("0033 610-031-676", "+33610031676"),
        ("+44 (0)20 7183 8750", "+442071838750"),
        ("06 10 03 16 76", ""),
        ("+0123456789", ""),
        ("+1", ""),
        ("none", ""),
        (None, ""),
    ],
)
def test_telephone_numbers_are_e164_or_left_out(given: str | None, said: str) -> None:
    assert phone_of({"phone": given}) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (" Anna.Rossi@Example.ORG ", "anna.rossi@example.org"),
        ("anna@example", ""),
        ("anna rossi@example.org", ""),
        ("=1@example.org", ""),
        ("a@b.c,d@e.f", ""),
        (None, ""),
    ],
)
def test_e_mail_addresses_are_lower_case_or_left_out(given: str | None, said: str) -> None:
    assert email_of({"email": given}) == said


def test_hashes_are_those_of_the_normalised_values() -> None:
    person = {"email": " Anna@Example.org", "phone": "+33 6 10 03 16 76", "first_name": " Anne-Zoë ", "last_name": "O'Neill",
              "country_code": "FR"}  # fmt: skip
    sha = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in {
        "email": "anna@example.org", "digits": "33610031676", "e164": "+33610031676", "fn": "annezoë", "ln": "oneill", "fr": "fr",
    }.items()}  # fmt: skip
    meta = {name: value(person) for name, value in FORMATS["meta"].columns.items()}
    assert meta == {
        "email": sha["email"],
        "phone": sha["digits"],
        "fn": sha["fn"],
        "ln": sha["ln"],
        "country": sha["fr"],
    }
    google = {name: value(person) for name, value in FORMATS["google"].columns.items()}
    assert google == {"Email": sha["email"], "Phone": sha["e164"]}
    assert hashed("") == "", "the hash of nothing would match all customers without an address"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("risky", "csv"), "There is no audience risky: choose one of cart_reminder, trial_ending, at_risk, "),
        (("", "csv"), "There is no audience (none): choose one of cart_reminder, "),
        (("at_risk", "xlsx"), "There is no format xlsx: choose one of csv, parquet, klaviyo, hubspot, meta, google."),
        (
            ("win_back", "csv"),
            "The audience win_back has customers of atelier, default: say which, for example BRAND=atelier.",
        ),
        (
            ("win_back", "csv", "x"),
            "The audience win_back has no customer of the brand x: choose one of atelier, default.",
        ),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(
    source: DuckDB, tmp_path: Path, arguments: tuple, sentence: str
) -> None:
    audience, form, *brand = arguments
    with pytest.raises(ExplainError) as error:
        export(source, audience, form, tmp_path / "exports", *brand)
    assert str(error.value).startswith(sentence)
    assert not (tmp_path / "exports").exists()


def test_while_a_build_runs_there_is_one_sentence_and_no_file(source: DuckDB, tmp_path: Path) -> None:
    lock = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", lock, str(source.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as build:
        assert build.stdout.readline() == b"open\n"
        with pytest.raises(
            ExplainError, match=r"^A build is running, so the contact data cannot be read: ask again when it is over\.$"
        ):
            export(source, "at_risk", "csv", tmp_path, "default")
        build.stdin.close()
        build.wait()
    assert list(tmp_path.iterdir()) == []


def test_every_command_of_the_page_runs(source: DuckDB, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    commands = re.findall(r"^(make export .*?)(?: +#.*)?$", PAGE.read_text(), flags=re.M)
    assert len(commands) == 2 + len(FORMATS)
    for line in commands:
        question = dict(each.split("=", 1) for each in shlex.split(line)[2:])
        environment = {"WAREHOUSE_PATH": str(source.warehouse), "SERVING_DIR": str(source.published.parent), **question}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            status = command.main(["--to", str(tmp_path)])
        said = capsys.readouterr()
        assert status == 0, (line, said.err)
        assert said.out.startswith(f"Wrote {tmp_path}/")
        assert "delete it when it is uploaded" in said.out


@pytest.mark.parametrize("form", FORMATS)
def test_the_page_names_the_columns_and_rules_of_each_format(form: str) -> None:
    (line,) = re.findall(rf"^\| `{form}` \|.*$", PAGE.read_text(), flags=re.M)
    assert ", ".join(FORMATS[form].columns) in line
    assert FORMATS[form].rules in line
