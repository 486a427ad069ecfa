"""What names a person stays in base and staging, whatever column it was written into; the salt; text that looks like code."""

# ruff: noqa: E501

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from datetime import date
from pathlib import Path

import duckdb
import jinja2
import pytest
from conftest import PROJECT_DIR
from oracle.runs import NAME, project, run_dbt

from lifecycle_tools import erasure
from lifecycle_tools.board import BOARD, make_board
from lifecycle_tools.board.packing import unpack
from lifecycle_tools.build import NO_TESTS
from lifecycle_tools.commands.publish import marts_of
from lifecycle_tools.publishing import CURRENT, PublishError, Run, new_run_id, only_build, publish
from lifecycle_tools.salt import salt_file, salt_of

PLANTED = "Planted.Person@leak.example"
PHONE = "+43 699 7654321"
HOSTILE = {
    "brand": "'; drop table raw.orders; --",
    "segment": '"><script>alert(1)</script>',
    "plan": "{{ 7 * 7 }}{% raw %}",
    "category": '=HYPERLINK("http://evil.example","x")',
    "program": "@SUM(1+1)*cmd|' /C calc'!A0",
    "code": "-2+3",
}
E_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]+", re.I)


def rows(table: str, *records: dict[str, str]) -> tuple[str, str]:
    """A raw file of rows."""
    columns = list(dict.fromkeys(name for record in records for name in record))

    def quoted(value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    lines = [",".join(map(quoted, columns))]
    lines += [",".join(quoted(record.get(name, "")) for name in columns) for record in records]
    return f"{table}.csv", "\n".join(lines) + "\n"


def planted(brand: str, day: str = "2024-02-01") -> dict[str, str]:
    """Raw files of one brand with an e-mail address in every text and id that reaches a mart."""
    text = f"from {PLANTED} or {PHONE} x"
    sentence = f"{text}, please call (0699) 765 43-21 or 0699/7654322 or 00436997654321"
    files = [
        rows(
            "customers",
            {"brand": brand, "customer_id": PLANTED, "email": "anna@names.example", "phone": "+43 699 7654321", "first_name": "Xanthippe",
             "last_name": "Wotruba", "city": "Grinzing", "segment": text, "acquisition_source": text, "country_code": PLANTED, "created_at": "never"},
            {"brand": brand, "customer_id": "c1", "email": "berta@names.example", "phone": "+43 699 7654322", "first_name": "Ludmilla",
             "last_name": "Pospischil", "city": "Sievering", "segment": text, "acquisition_source": text, "created_at": "2024-01-01"},
            {"brand": brand, "customer_id": "mail@" + PLANTED, "created_at": "2024-01-01", "segment": text},
        ),
        rows(
            "orders",
            {"brand": brand, "order_id": PLANTED, "customer_id": PLANTED, "ordered_at": day, "total_amount": "10", "discount_code": text,
             "affiliate_id": PLANTED, "sales_channel": text, "cart_id": PLANTED, "status": ""},
            {"brand": brand, "order_id": "o2", "customer_id": "c1", "email": "berta@names.example", "ordered_at": day, "total_amount": "12",
             "discount_code": PLANTED, "Contact Name": "Ludmilla Pospischil", "shipping_address": "Pospischil, Sievering"},
            {"brand": brand, "order_id": PHONE, "customer_id": "tel:" + PHONE, "ordered_at": day, "total_amount": "12", "affiliate_id": PHONE,
             "discount_code": PHONE},
            {"brand": brand, "order_id": "o3", "customer_id": "c1", "email": "berta@names.example", "ordered_at": "soon", "total_amount": "12",
             "status": text, "Contact Name": "Ludmilla Pospischil", "shipping_address": "Pospischil, Sievering"},
        ),
        rows("order_items", {"brand": brand, "order_item_id": "i1", "order_id": PLANTED, "product_id": PLANTED, "quantity": "1", "unit_price": "10"}),
        rows("products", {"brand": brand, "product_id": PLANTED, "name": text, "category": text, "unit_cost": "1"}),
        rows(
            "touchpoints",
            {"brand": brand, "touchpoint_id": "t1", "occurred_at": "2024-01-05", "customer_id": PLANTED, "touch_type": text, "utm_source": text,
             "utm_medium": text, "utm_campaign": text, "campaign_id": PLANTED},
            {"brand": brand, "touchpoint_id": "t2", "occurred_at": "2024-01-05", "anonymous_id": PLANTED, "touch_type": "visit",
             "landing_page": "https://s.example/?utm_source=Planted.Person%40leak.example&utm_campaign=planted.person%2540leak.example&utm_id=" + PLANTED},
            {"brand": brand, "touchpoint_id": "t3", "occurred_at": "2024-01-05", "customer_id": "c1", "touch_type": "visit",
             "utm_source": "Planted.Person%40leak.example", "utm_campaign": PLANTED, "referrer": "https://" + PLANTED + "/x"},
        ),
        rows("carts", {"brand": brand, "cart_id": PLANTED, "customer_id": PLANTED, "created_at": "2024-01-31", "last_step": text, "total_amount": "5"}),
        rows("campaigns", {"brand": brand, "campaign_id": PLANTED, "name": text, "channel": text, "campaign_name": text}),
        rows("ad_performance", {"brand": brand, "date": "2024-01-05", "campaign_id": PLANTED, "channel": text, "platform": text, "ad_id": PLANTED,
                                "spend_amount": "5", "impressions": "10", "clicks": "1"}),
        rows("social_daily", {"brand": brand, "date": "2024-01-05", "platform": text, "impressions": "5"}),
        rows("podcast_daily", {"brand": brand, "date": "2024-01-05", "platform": text, "episode_id": PLANTED, "listeners": "5"}),
        rows("subscriptions", {"brand": brand, "subscription_id": PLANTED, "customer_id": PLANTED, "started_at": "2024-01-10", "ended_at": "2024-03-10",
                               "trial_started_at": "2024-01-01", "trial_ended_at": "2024-01-10",
                               "plan": text, "mrr_amount": "5", "cancel_reason": sentence, "status": "cancelled"}),
        rows("refunds", {"brand": brand, "refund_id": PLANTED, "order_id": PLANTED, "refunded_at": "2024-02-10", "amount": "1", "reason": sentence}),
        rows("engagements", {"brand": brand, "engagement_id": PLANTED, "occurred_at": "2024-01-05", "customer_id": PLANTED, "engagement_type": text,
                             "campaign_id": PLANTED}),
        rows("messages", {"brand": brand, "message_id": PLANTED, "sent_at": "2024-01-05", "customer_id": "c1", "held_out": "false", "audience": text,
                          "campaign_id": PLANTED, "channel": text, "cost_amount": "1"}),
        rows("survey_responses",
             *({"brand": brand, "response_id": f"n{kind}", "responded_at": "2024-03-01", "customer_id": "c1", "survey_type": kind, "score": "9",
                "scale_max": "10", "touchpoint": text, "reason": sentence, "comment": text} for kind in ("nps", "csat", "exit"))),
        rows("support_tickets", {"brand": brand, "ticket_id": "k", "created_at": "2024-03-01", "customer_id": "c1", "category": text}),
        rows("referrals", {"brand": brand, "referral_id": "f", "referrer_customer_id": "c1", "referred_email": "x@names.example", "program": text,
                           "invited_at": "2024-01-20", "invite_channel": text, "code": text, "referred_customer_id": PLANTED}),
        rows("affiliate_sales", {"brand": brand, "affiliate_sale_id": "a", "affiliate_id": PLANTED, "order_id": PLANTED, "occurred_at": day,
                                 "commission_amount": "1", "status": text, "affiliate_customer_id": "c1"}),
        rows("reviews", {"brand": brand, "review_id": PLANTED, "customer_id": "c1", "product_id": PLANTED, "rating": "5", "published_at": "2024-03-01"}),
        rows("identity_links", {"brand": brand, "link_id": PLANTED, "linked_at": "2024-01-02", "id_type": "email", "id_value": PLANTED, "customer_id": "c1"},
             {"brand": brand, "link_id": "l2", "linked_at": "2024-01-03", "id_type": "anonymous_id", "id_value": PLANTED, "customer_id": "c1"}),
    ]  # fmt: skip
    return dict(files)


def hostile() -> dict[str, str]:
    """Raw files of a brand, and with columns, whose names and values look like code."""
    brand = HOSTILE["brand"]
    columns = {'"; drop table raw.orders; --': "x", "{{ 1 / 0 }}": "x", "<b>'": "x"}
    return dict(
        [
            rows("customers", {"brand": brand, "customer_id": "h1", "segment": HOSTILE["segment"], "created_at": "2024-01-01"}),
            rows("orders", {"brand": brand, "order_id": "h1", "customer_id": "h1", "ordered_at": "2024-02-01", "total_amount": "10", **columns},
                 {"brand": brand, "order_id": "h2", "customer_id": "h1", "ordered_at": "{% set x %}", "total_amount": "10", **columns}),
            rows("subscriptions", {"brand": brand, "subscription_id": "s", "customer_id": "h1", "started_at": "2024-01-10", "plan": HOSTILE["plan"],
                                   "trial_started_at": "2024-01-01", "trial_ended_at": "2024-01-10", "mrr_amount": "5"}),
            rows("support_tickets", {"brand": brand, "ticket_id": "h", "created_at": "2024-03-01", "customer_id": "h1", "category": HOSTILE["category"]}),
            rows("referrals", {"brand": brand, "referral_id": "h", "referrer_customer_id": "h1", "program": HOSTILE["program"],
                               "invited_at": "2024-01-20", "code": HOSTILE["code"]}),
        ]
    )  # fmt: skip


class Build:
    """A build of files, and whatever dbt is asked of it."""

    def __init__(self, directory: Path) -> None:
        """Write the files of two brands, a folder each table."""
        self.directory, self.warehouse, self.raw = directory, directory / NAME, directory / "raw"
        self.serving, self.said = directory / "serving", []
        for part, files in enumerate([planted("p"), hostile()]):
            for name, text in files.items():
                path = self.raw / Path(name).stem / f"{part}.csv"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def run(self, *arguments: str, **others: object):
        """Run dbt; its result."""
        self.settings = {
            "raw_data_dir": self.raw,
            "warehouse_path": self.warehouse,
            "as_of_date": "2024-12-31",
            "identity_salt": "pepper",
            "dbt_target_path": self.directory / "target",
            "dbt_log_path": self.directory / "logs",
        } | others
        return run_dbt(list(arguments), on_warning=self.said.append, **self.settings)

    def rows(self, query: str) -> list[tuple]:
        """All rows of a query."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def texts(self, *schemas: str) -> dict[str, set[str]]:
        """The distinct values of each column of text."""
        found = {}
        for schema, table, column in self.rows(
            "select table_schema, table_name, column_name from information_schema.columns "
            f"where data_type = 'VARCHAR' and table_schema in {schemas}"
        ):
            values = self.rows(f'select distinct "{column}" from {schema}.{table} where "{column}" is not null')
            found[f"{schema}.{table}.{column}"] = {value for (value,) in values}
        return found


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Everything planted, in one build."""
    build = Build(tmp_path_factory.mktemp("privacy"))
    result = build.run("build", *NO_TESTS)
    assert result.success, result.problems
    return build


def test_nothing_that_names_a_person_is_in_marts_or_quality(build: Build) -> None:
    """By value: addresses, telephone numbers, and the names of the raw data."""
    names = (
        "xanthippe",
        "wotruba",
        "ludmilla",
        "pospischil",
        "grinzing",
        "sievering",
        "7654321",
        "7654322",
        "765 43-21",
        "leak.example",
        "names.example",
    )
    found = {
        column: value
        for column, values in build.texts("marts", "quality", "intermediate").items()
        for value in values
        if E_MAIL.search(value) or any(name in value.lower() for name in names)
    }
    assert not found


def test_what_was_planted_is_hidden_and_not_lost(build: Build) -> None:
    """Ids still meet, texts say where an address was."""
    hashed = build.rows(
        "select distinct customer_id from staging.stg_shop__orders where brand = 'p' and affiliate_id like 'email:%'"
    )
    assert len(hashed) == 1
    assert re.fullmatch("email:[0-9a-f]{32}", hashed[0][0])
    assert build.rows("select distinct affiliate_id from marts.affiliate_revenue_monthly where brand = 'p'") == hashed
    ((buyer, affiliate, order),) = build.rows(
        "select customer_id, affiliate_id, order_id from staging.stg_shop__orders where brand = 'p' and affiliate_id like 'phone:%'"
    )
    assert buyer == affiliate == order
    assert re.fullmatch("phone:[0-9a-f]{32}", buyer)
    assert build.rows("select count(*) from staging.stg_shop__order_items where brand = 'p'") == [(1,)]
    assert build.rows(
        "select utm_source, utm_campaign from staging.stg_marketing__touchpoints where touchpoint_id = 't3'"
    ) == [("[e-mail]", "[e-mail]")]
    assert build.rows("select utm_campaign from staging.stg_marketing__touchpoints where touchpoint_id = 't1'") == [
        ("from [e-mail] or [phone] x",)
    ]
    assert build.rows("select cancel_reason from staging.stg_billing__subscriptions where brand = 'p'") == [
        ("from [e-mail] or [phone] x, please call [phone] or [phone] or [phone]",)
    ]
    ((row,),) = build.rows("select raw_row from quality.rejected_records where record_key = 'o3' and brand = 'p'")
    said = json.loads(row)
    assert (said["order_id"], said["total_amount"], said["email"], said["contact name"]) == (
        "o3",
        "12",
        "[hidden]",
        "[hidden]",
    )


def test_what_names_a_person_is_tagged_and_stands_in_staging_alone(build: Build) -> None:
    """Columns with such names, and columns in which an address of the raw data is found."""
    manifest = project(build.settings)
    named = re.compile(
        r"(^|_)(e?mail|phone|first_name|last_name|city|street|address|ip|comment|landing_page|referrer|raw_row)$"
    )
    tagged = set()
    for node in [*manifest.nodes.values(), *manifest.sources.values()]:
        for name, column in node.columns.items() if node.package_name == "customer_lifecycle" else ():
            where = f"{node.schema}.{getattr(node, 'identifier', None) or node.name}.{name}"
            is_free = node.schema in ("staging", "raw")
            if "pii" in column.config.tags:
                assert is_free, f"{where} is tagged pii outside of staging"
                tagged.add(where)
            elif named.search(name) and is_free and "seed" not in node.unique_id:
                pytest.fail(f"{where} needs the tag pii")
    for column, values in build.texts("staging").items():
        if column not in tagged:
            assert not [value for value in values if E_MAIL.search(value)], column


def test_an_address_in_a_mart_stops_the_build(build: Build, tmp_path: Path) -> None:
    """In whichever mart: planted into a copy, it is found and named."""
    copy = Path(shutil.copy(build.warehouse, tmp_path / NAME))
    passed = build.run("test", "--select", "assert_no_e_mail_or_telephone_stands_in*", warehouse_path=copy)
    assert passed.success, passed.problems
    written = list(PROJECT_DIR.glob("tests/singular/*/assert_no_e_mail_or_telephone_stands_in*.sql"))
    assert sum(outcome.kind == "test" for outcome in passed.outcomes) == len(written)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update marts.support_monthly set category = 'ask anna@example.org'")
        connection.execute("update quality.rejected_records set record_key = 'anna@example.org'")
        connection.execute("update marts.affiliate_revenue_monthly set affiliate_id = 'tel. +43 (699) 765-43-21'")
    failed = {
        outcome.name
        for outcome in build.run(
            "test", "--select", "assert_no_e_mail_or_telephone_stands_in*", warehouse_path=copy
        ).outcomes
        if outcome.status == "fail"
    }
    assert failed == {
        f"assert_no_e_mail_or_telephone_stands_in_{folder}" for folder in ("experience", "quality", "referral")
    }


def test_one_pattern_finds_addresses_before_and_after_a_build() -> None:
    """Models and data tests have it from a macro, what runs beside dbt from a constant: they are the same."""
    source = (PROJECT_DIR / "macros" / "cleaning" / "personal_data.sql").read_text()
    macro = re.search(r"{% macro address_pattern.*?endmacro %}", source, re.S)[0]
    rendered = (
        jinja2.Environment(autoescape=False).from_string(macro + "{{ address_pattern() }}").render({"return": str})
    )
    assert rendered.strip() == erasure.E_MAIL


def test_every_mart_is_looked_at() -> None:
    """But the one whose texts another has."""
    listed = " ".join(
        path.read_text() for path in PROJECT_DIR.glob("tests/singular/*/assert_no_e_mail_or_telephone_*.sql")
    )
    models = [
        path.stem
        for folder in ("marts", "metrics", "quality")
        for path in (PROJECT_DIR / "models" / folder).rglob("*.sql")
    ]
    missing = [name for name in models if f"'{name}'" not in listed and not name.startswith("int_")]
    assert missing == ["customer_stages_daily"]


def test_text_that_looks_like_code_is_text(build: Build, tmp_path: Path) -> None:
    """From the file to the mart, to the published file, and to the board and its CSV; in a second build as well."""
    assert build.run("build", *NO_TESTS).success
    assert build.rows("select count(*) from raw.orders") == [(6,)]
    brand = HOSTILE["brand"].replace("'", "''")
    for column, mart in {
        "segment": "lifecycle_customers",
        "plan": "trial_conversion_monthly",
        "category": "support_monthly",
        "program": "referral_metrics_monthly",
    }.items():
        values = {value for (value,) in build.rows(f"select {column} from marts.{mart} where brand = '{brand}'")}
        assert HOSTILE[column] in values, mart
    facts = {
        "as_of_date": date(2024, 12, 31),
        "reporting_currency": "EUR",
        "project_version": "0",
        "tests_passed": 1,
        "warning_count": 0,
    }
    publish(build.warehouse, build.serving, marts_of(project(build.settings)), Run(new_run_id(), facts))
    make_board(build.serving / CURRENT, tmp_path / BOARD)
    page = (tmp_path / BOARD).read_text(encoding="utf-8")
    assert "<script>alert" not in page
    said = json.dumps(unpack(page)["datasets"])
    assert json.dumps(HOSTILE["segment"])[1:-1] in said
    assert json.dumps(HOSTILE["category"])[1:-1] in said


@pytest.mark.skipif(shutil.which("node") is None, reason="runs the board's own function")
def test_a_spreadsheet_computes_nothing_of_the_board() -> None:
    """Formulas in the CSV of a panel are text there; numbers stay numbers."""
    source = (PROJECT_DIR / "lifecycle_tools" / "board" / "files" / "numbers.js").read_text()
    function = re.search(r"function csvOf.*?\n}\n", source, re.S)[0]
    values = [*HOSTILE.values(), "\tx", "+1", -3]
    script = f"const columnsOf = () => ['v'];{function};process.stdout.write(csvOf({{}}, {json.dumps([{'v': value} for value in values])}))"
    written = subprocess.run(["node", "-e", script], capture_output=True, check=True).stdout.decode()
    lines = written.split("\r\n")[1:-1]
    assert lines[-1] == "-3"
    assert not [line for line in lines[:-1] if re.match(r'"?[=+@\t-]', line)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"raw_schema": 'raw"; drop schema marts; --'}, "The setting raw_schema is"),
        ({"build_started_at": "{{ 1 }}"}, "The setting build_started_at is"),
        ({"reporting_currency": "E'R"}, "The setting reporting_currency is"),
    ],
)
def test_hostile_settings_are_refused(build: Build, tmp_path: Path, settings: dict[str, str], words: str) -> None:
    """In one sentence, before anything is read."""
    result = build.run("build", *NO_TESTS, "--select", "base_shop__orders", warehouse_path=tmp_path / NAME, **settings)
    assert not result.success
    assert words in " ".join(result.problems)


@pytest.mark.parametrize("name", ["orders'; drop table x; --.csv", "{{ 1 }}.csv", "<script>.csv"])
def test_hostile_file_names_are_refused(build: Build, tmp_path: Path, name: str) -> None:
    """They are no tables of the contract."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).write_text("a\n1\n")
    settings = {"warehouse_path": tmp_path / NAME, "raw_data_dir": tmp_path / "raw"}
    result = build.run("build", *NO_TESTS, "--select", "base_shop__orders", **settings)
    assert not result.success
    assert "is no table of the raw contract" in " ".join(result.problems)


def test_a_hostile_name_of_the_warehouse_is_refused(tmp_path: Path) -> None:
    """It would stand in every query."""
    with pytest.raises(PublishError, match="write letters"), only_build(tmp_path / 'a"; drop.duckdb'):
        pass


# ---- the salt


def test_a_salt_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For its owner alone; another warehouse has another one; the setting goes before it."""
    monkeypatch.delenv("IDENTITY_SALT", raising=False)
    made = salt_of(tmp_path / "a.duckdb")
    assert len(made) == 64
    assert salt_of(tmp_path / "a.duckdb") == made
    assert stat.S_IMODE(salt_file(tmp_path / "a.duckdb").stat().st_mode) == 0o600
    assert salt_of(tmp_path / "b.duckdb") != made
    monkeypatch.setenv("IDENTITY_SALT", "pepper")
    assert salt_of(tmp_path / "a.duckdb") == "pepper"
    ignored = subprocess.run(["git", "check-ignore", "-q", "warehouse.salt"], cwd=PROJECT_DIR, check=False)
    assert ignored.returncode == 0


def test_without_its_salt_a_warehouse_is_not_built_on(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence says what to do, and no file is made."""
    monkeypatch.delenv("IDENTITY_SALT", raising=False)
    copy = Path(shutil.copy(build.warehouse, tmp_path / NAME))
    with pytest.raises(PublishError, match="put it back, or say in IDENTITY_SALT"):
        salt_of(copy)
    assert not salt_file(copy).exists()


def test_another_salt_than_before_stops_dbt_as_well(build: Build, tmp_path: Path) -> None:
    """Nothing has changed then; a full build may change all ids."""
    copy = Path(shutil.copy(build.warehouse, tmp_path / NAME))
    before = copy.read_bytes()
    result = build.run("build", *NO_TESTS, "--select", "base_shop__orders", warehouse_path=copy, identity_salt="cumin")
    assert not result.success
    assert "built with another identity_salt" in " ".join(result.problems)
    assert copy.read_bytes() == before
