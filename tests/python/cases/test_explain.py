"""``make explain``: why a customer is in its stage and what comes next, and what a metric is made of, as readable text."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from oracle.runs import demo

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.commands import explain
from lifecycle_tools.explaining import DuckDB, ExplainError, seed_rows
from lifecycle_tools.explaining.customer import explain_customer
from lifecycle_tools.explaining.metric import behind, customers_behind, explain_metric, metrics
from lifecycle_tools.publishing import Run, new_run_id, publish

# What the measures add up is no count of rows: money, points, and reviews sent twice within the hour.
NO_COUNTS = {
    "affiliate_net_revenue_amount", "closing_mrr_amount", "concentrated_revenue_amount",
    "cumulative_net_revenue_amount", "first_order_revenue_amount", "gross_retained_mrr_amount", "margin_12m_amount",
    "margin_3m_amount", "net_promoter_points", "net_retained_mrr_amount", "net_sales_amount", "opening_mrr_amount",
    "order_revenue_amount", "predicted_clv_365d_amount", "refunded_amount", "sold_amount", "spend_amount",
    "top_20_percent_revenue_amount", "user_content_count",
}  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> DuckDB:
    directory = tmp_path_factory.mktemp("explain")
    warehouse = demo(directory, "UTC")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        marts = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        (as_of_date,) = connection.execute("select as_of_date from staging.as_of_date").fetchone()
    facts = {"as_of_date": as_of_date, "reporting_currency": "EUR"}
    publish(warehouse, directory / "serving", [mart for (mart,) in marts], Run(new_run_id(), facts))
    return DuckDB(warehouse, directory / "serving")


def text(source: DuckDB, asked: str, brand: str | None = None) -> str:
    return "\n".join(explain_customer(source, asked, brand))


def working(source: DuckDB, query: str) -> list[tuple]:
    with source.working() as tables:
        return tables.rows(query)


def test_a_customer_s_stage_its_cause_and_what_comes_next(source: DuckDB) -> None:
    said = text(source, "10000040")
    assert "Stage:      advocacy, since 2025-05-18 (43 days)" in said
    assert "rule recommends: has bought and has an advocacy event within advocacy_window_days (365)" in said
    assert "Caused by:  row W10000003 of reviews: " in said
    assert "Next:       churned on 2025-08-14 if nothing happens, by rule inactive" in said
    assert "churn_after_days (90)" in said
    assert re.search(r"2025-05-18 +advocacy +reviews W10000003", said)


def test_every_customer_can_be_explained(source: DuckDB) -> None:
    """Each is in the stage that is published, and none shows a person's e-mail address, name or telephone number."""
    rows = source.marts("select customer_id, brand, current_stage, next_scheduled_date from marts.lifecycle_customers")
    people = working(source, "select email, phone, last_name from staging.base_shop__customers")
    private = {value for row in people for value in row[:2] if value} | {"@"}
    names = {last for *_, last in people if last}
    for customer, brand, stage, comes in rows[::7]:
        said = text(source, customer, brand)
        assert f"Stage:      {stage}, since" in said
        assert f" on {comes} if nothing happens" in said if comes else "nothing is scheduled" in said
        assert not [value for value in private if value in said]
        assert not names & set(re.findall(r"\w+", said))


def test_ids_that_belong_to_a_customer_lead_to_it(source: DuckDB) -> None:
    """A merged id, a visitor's id as it stands in raw data, one as published, and an e-mail address."""
    ((email,),) = working(source, "select email from staging.stg_shop__customers where customer_id = '10000470'")
    for asked in ("10000470", "10000472", "v3000047-m", "anonymous:v3000047-m", f" {email.upper()} "):
        said = text(source, asked)
        assert said.startswith("Customer 10000470 of brand default"), asked
        assert email not in said
    assert "asked for 10000472, whose history went over to it on 2025-06-22" in text(source, "10000472")
    assert re.search(r"2025-06-22 +10000472 +10000471 +identity_links M10000009", said)


def test_links_that_are_not_followed_and_rejected_rows_are_shown_with_their_reasons(source: DuckDB) -> None:
    said = text(source, "10000470")
    conflict = "select source_table, source_row from intermediate.int_identity_links where link_status = 'conflict'"
    ((table, row), *_) = working(source, f"{conflict} and canonical_person_id in ('10000470', '10000471')")
    assert re.search(rf"{table} {row} +not followed: conflict", said)
    assert re.search(r"identity_links \S+ +future_timestamp +The row says it happened after it was loaded", said)
    assert "taken back on 2025-02-14" in said


def test_an_id_of_another_brand_is_found_with_and_without_it(source: DuckDB) -> None:
    both = source.marts(
        "select a.customer_id from marts.lifecycle_customers as a inner join marts.lifecycle_customers as b "
        "on b.customer_id = 'atelier:' || a.customer_id where a.brand = 'default' limit 1"
    )
    (customer,) = both[0]
    with pytest.raises(
        ExplainError, match="known in the brands atelier, default: say which, for example BRAND=atelier"
    ):
        text(source, customer)
    assert text(source, customer, "atelier").startswith(f"Customer atelier:{customer} of brand atelier")
    assert text(source, f"atelier:{customer}").startswith(f"Customer atelier:{customer} of brand atelier")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("1000047x", r"No customer has the id 1000047x: did you mean 1000047\d or "),
        ("nobody at all", r"No customer has the id nobody at all\.$"),
        ("nobody@example.org", r"No customer has that e-mail address\.$"),
        ("10001970", r"all rows under it are rejected \(.*customers: test_account"),
        ("%", r"No customer has the id %\.$"),
        ("'; drop table x --", r"No customer has the id '; drop table x --\.$"),
    ],
)
def test_an_unknown_id_is_one_sentence(source: DuckDB, asked: str, sentence: str) -> None:
    with pytest.raises(ExplainError) as error:
        text(source, asked)
    assert re.search(sentence, str(error.value)), error.value
    assert "\n" not in str(error.value)


def test_an_unknown_brand_is_one_sentence(source: DuckDB) -> None:
    with pytest.raises(ExplainError, match="There is no brand nowhere: choose one of atelier, default"):
        text(source, "10000040", "nowhere")


def test_a_profile_without_events_is_no_customer(source: DuckDB) -> None:
    ((customer,), *_) = source.marts("select customer_id from marts.customer_ids where id_status = 'no_events'")
    assert "is no customer: it has a profile and nothing else" in text(source, customer)


def test_a_build_in_progress_is_not_in_the_way(source: DuckDB) -> None:
    """What is published is shown, and one sentence says what is not."""
    lock = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", lock, str(source.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as build:
        assert build.stdout.readline() == b"open\n"
        said = text(source, "10000040")
        of_metric = "\n".join(explain_metric(source, "churn_rate", "2025-05"))
        build.stdin.close()
        build.wait()
    assert "Stage:      advocacy, since 2025-05-18" in said
    assert "churned on 2025-08-14" in said
    assert "A build is running, so what only its working tables know (events, ids and rejected rows)" in said
    assert "churned_count = 20" in of_metric
    assert "(the customers behind it) is not shown" in of_metric


def test_the_formulas_are_those_of_the_semantic_layer_and_give_what_is_published(source: DuckDB) -> None:
    """Every metric of the catalogue, in its last three months, brand by brand, as a whole and by segment."""
    catalogue = {row["metric_id"] for row in seed_rows("metric_catalogue")}
    assert set(metrics()) == catalogue
    assert {part.measure for metric in metrics().values() for part in metric.parts} == set(behind())
    for name in sorted(catalogue):
        months = source.marts(
            "select month_date, count(numerator) from marts.lifecycle_metrics_monthly where metric_id = ? "
            "group by month_date order by sign(count(numerator)) desc, month_date desc limit 3",
            [name],
        )
        assert months, name
        for month, _ in months:
            for segment in [None, "consumer"] if "segment" in metrics()[name].slices else [None]:
                said = "\n".join(explain_metric(source, name, f"{month:%Y-%m}", segment=segment))
                assert "please report it" not in said, said
                assert "@" not in said
                assert f"({name}) in {month:%Y-%m}" in said
                assert "Behind the numerator: " in said


def test_as_many_customers_are_behind_a_count_as_it_counts(source: DuckDB) -> None:
    as_of_date = source.marts("select as_of_date from publish_meta")[0][0]
    compared = 0
    with source.working() as tables:
        for name, metric in metrics().items():
            rows = source.marts(
                "select brand, month_date, numerator, denominator from marts.lifecycle_metrics_monthly where metric_id = ? "
                "and dimension_name = 'all' order by month_date desc limit 8",
                [name],
            )
            for brand, month, *sides in rows:
                for part, said in zip(metric.parts, sides, strict=False):
                    people = customers_behind(tables, metric, part, month, {"brand": brand}, as_of_date)
                    if people is not None and said is not None and part.measure not in NO_COUNTS:
                        assert len(people) == said, (name, part.measure, brand, month)
                        compared += said > 0
    assert compared > 150


def test_a_measure_of_the_user_s_own_needs_no_list_of_people(source: DuckDB, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(behind(), "churned_count")
    said = "\n".join(explain_metric(source, "churn_rate", "2025-05", "default"))
    assert "churned_count = 20" in said
    assert "Behind the numerator: behind.yml does not say who churned_count counts." in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("churn", "2025-05"), "There is no metric churn: did you mean churn_rate?"),
        (("churn_rate", "May"), "MONTH=May is no month: write it as 2026-05."),
        (("churn_rate", "2025-13"), "MONTH=2025-13 is no month: write it as 2026-05."),
        (("churn_rate", "2031-01"), "The metric churn_rate has no value in 2031-01: it has from "),
        (
            ("churn_rate", "2025-05", "nowhere"),
            "The metric churn_rate has no brand nowhere: choose one of atelier, default.",
        ),
        (("churn_rate", "2025-05", None, "x"), "The metric churn_rate has no segment x: choose one of "),
        (("csat", "2025-05", None, "x"), "The metric csat is not cut by segment: it is cut by touchpoint."),
    ],
)
def test_what_cannot_be_asked_of_a_metric_is_one_sentence(source: DuckDB, arguments: tuple, sentence: str) -> None:
    with pytest.raises(ExplainError) as error:
        explain_metric(source, *arguments)
    assert str(error.value).startswith(sentence)


def test_the_command_reads_its_question_from_the_environment(
    source: DuckDB, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """As make hands it over, so that no shell reads what an id holds."""
    monkeypatch.setenv("WAREHOUSE_PATH", str(source.warehouse))
    monkeypatch.setenv("CUSTOMER", "10000040")
    assert explain.main([]) == 0
    assert capsys.readouterr().out.startswith("Customer 10000040 of brand default")
    monkeypatch.setenv("CUSTOMER", "$(touch x)")
    assert explain.main([]) == 1
    assert capsys.readouterr().err == "No customer has the id $(touch x).\n"
    monkeypatch.delenv("CUSTOMER")
    assert explain.main([]) == 1
    assert "Say what to explain: make explain CUSTOMER=<id>" in capsys.readouterr().err
    monkeypatch.setenv("SERVING_DIR", str(Path(source.warehouse).parent / "nowhere"))
    assert explain.main(["--customer", "10000040"]) == 1
    assert "run make build first" in capsys.readouterr().err


PAGE = PROJECT_DIR / "docs" / "explain.md"


def test_every_command_of_the_page_runs(source: DuckDB, capsys: pytest.CaptureFixture) -> None:
    """The page's ids and metrics are those of the demo; what it shows of them is what is said."""
    commands = re.findall(r"^(make explain .*?)(?: +#.*)?$", PAGE.read_text(), flags=re.M)
    assert len(commands) > 4
    for command in commands:
        question = dict(each.split("=", 1) for each in shlex.split(command)[2:])
        environment = {"WAREHOUSE_PATH": str(source.warehouse), "SERVING_DIR": str(source.published.parent), **question}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            status = explain.main([])
        said = capsys.readouterr()
        assert status == 0, (command, said.err)
        assert said.out
    shown = re.search(r"```text\n(.*?)```", PAGE.read_text(), flags=re.S)[1].splitlines()
    said = text(source, "10000040").splitlines()
    assert [line for line in shown[1:] if line != "..." and line not in said] == []
