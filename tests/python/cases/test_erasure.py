"""Of an erased person nothing stays but ids that identify no person: in no table, no published file, and no byte of a file."""

# ruff: noqa: E501

from __future__ import annotations

import os
import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from oracle.runs import NAME, project, run_dbt

from lifecycle_tools.build import NO_TESTS, PROJECT_DIR
from lifecycle_tools.commands.publish import marts_of
from lifecycle_tools.erasure import erased_id_count, forget_erased
from lifecycle_tools.publishing import Run, new_run_id, publish

RECIPE = (PROJECT_DIR / "docs" / "recipes" / "erase_a_person.md").read_text(encoding="utf-8")
# Zebulon Quuxley is erased by customer id, Ottilie Wrzl (a guest) by e-mail; Gundula Hrdlicka stays.
ERASED = (
    "zebulon.quuxley@erased-one.example", "zq.second@erased-one.example", "ottilie.wrzl@erased-two.example", "zebulon quuxley",
    "quuxley, zebulon", "quuxley", "wrzl", "0699123456789", "699 1234 567 89", "rue des oubliettes", "203.0.113.77",
)  # fmt: skip
FILES = {
    "customers.csv": "customer_id,email,phone,first_name,last_name,city,created_at,street,ip_address\n"
    "zq,Zebulon.Quuxley@erased-one.example,+43 699 1234 567 89,Zebulon,QUUXLEY,Graz,2024-01-01,7 rue des Oubliettes,203.0.113.77\n"
    "zq,ZEBULON.QUUXLEY@erased-one.example ,0699123456789,Zebulon,Quuxley,Linz,2024-01-01,,\n"
    "gh,gundula@stays.example,+43 1 555 77 88,Gundula,Hrdlicka,Wien,2024-01-01,8 Ring,\n",
    "orders.csv": "order_id,customer_id,email,ordered_at,total_amount,note\n"
    "z1,zq,zebulon.quuxley@erased-one.example,2024-02-01,10,for Zebulon  Quuxley\n"
    "z2,zq,zq.second@erased-one.example,2024-02-02,eleven,\n"
    "z3,,ottilie.wrzl@erased-two.example,2024-02-03,12,\nz4,, OTTILIE.WRZL@ERASED-TWO.EXAMPLE,2024-02-04,13,Ottilie Wrzl\n"
    "g1,gh,gundula@stays.example,2024-02-01,20,gift for ZEBULON QUUXLEY\ng2,gh,,2024-03-01,21,\n",
    "touchpoints.csv": "touchpoint_id,occurred_at,customer_id,anonymous_id,email,touch_type,landing_page,utm_campaign\n"
    "t1,2024-01-05,zq,dev-z,,visit,https://shop.example/?e=zebulon.quuxley%40erased-one.example,spring\n"
    "t2,2024-01-06,,dev-z,,visit,,spring\nt3,2024-01-07,gh,dev-g,,visit,,from zebulon.quuxley@erased-one.example\n"
    "t4,2024-01-07,,dev-o,ottilie.wrzl@erased-two.example,visit,,\n",
    "engagements.csv": "engagement_id,occurred_at,customer_id,email,engagement_type\n"
    "e1,2024-01-05,,zebulon.quuxley@erased-one.example,email_opened\ne2,not a day,zq,zq.second@erased-one.example,email_opened\n",
    "refunds.csv": "refund_id,order_id,refunded_at,amount,reason,agent_note\n"
    "r1,z1,2024-02-10,3,ask zebulon.quuxley@erased-one.example,called Zebulon Quuxley\nr2,z2,2024-02-10,x,Zebulon Quuxley was unhappy,\n"
    "r3,g1,2024-02-10,2,sent to Zebulon Quuxley by mistake,\n",
    "affiliate_sales.csv": "affiliate_sale_id,affiliate_id,order_id,occurred_at,commission_amount,status\n"
    "a1,zebulon.quuxley@erased-one.example,z1,2024-02-01,1,approved\na2,AF,z2,2024-02-01,y,approved\na3,AF,g1,2024-02-01,1,approved\n",
    "referrals.csv": "referral_id,referrer_customer_id,referred_email,referred_customer_id,invited_at,program,code\n"
    "f1,gh,Ottilie.Wrzl@erased-two.example,,2024-01-20,friends,x\nf2,gh,zebulon.quuxley@erased-one.example,zq,2024-01-01,friends,\n"
    "f3,zq,gundula@stays.example,gh,2024-01-01,friends,QUUXLEY ZEBULON\nf4,gh,ottilie.wrzl@erased-two.example,,never,friends,\n",
    "reviews.csv": "review_id,customer_id,product_id,rating,published_at,body\n"
    "v1,zq,p,5,2024-03-01,I am Zebulon Quuxley\nv2,gh,p,5,2024-03-01,greetings to Zebulon Quuxley (+43 699 1234 567 89)\n",
    "support_tickets.csv": "ticket_id,created_at,customer_id,email,category,text\n"
    "k1,2024-03-01,,ottilie.wrzl@erased-two.example,returns,this is Ottilie Wrzl\nk2,2024-03-01,gh,,returns,my neighbour zebulon quuxley\n",
    "survey_responses.csv": "response_id,responded_at,customer_id,email,survey_type,score,reason,comment\n"
    "n1,2024-03-01,zq,,nps,1,price,Zebulon Quuxley says no\nn2,2024-05-30,gh,,exit,,as Quuxley Zebulon said,ask zq.second@erased-one.example\n",
    "carts.csv": "cart_id,customer_id,created_at,total_amount\nc1,zq,2024-01-31,10\n",
    "identity_links.csv": "link_id,linked_at,id_type,id_value,customer_id\n"
    "l1,2024-01-02,email,zq.second@erased-one.example,zq\nl2,2024-01-02,email,Ottilie.Wrzl@erased-two.example,ow\n",
    "subscriptions.csv": "subscription_id,customer_id,started_at,plan,mrr_amount\ns1,zq,2024-01-10,basic,5\n",
}  # fmt: skip
REQUESTS = (
    "request_id,requested_at,customer_id,email\nq1,2024-06-01,zq,\nq2,2024-06-01,,Ottilie.Wrzl@erased-two.example\n"
)
# rows that cannot be read for another reason count under that
COUNTED = {
    "customers": 1, "orders": 3, "touchpoints": 3, "engagements": 1, "refunds": 1, "affiliate_sales": 2, "referrals": 1, "reviews": 1,
    "support_tickets": 1, "survey_responses": 1, "carts": 1, "identity_links": 2, "subscriptions": 1,
}  # fmt: skip


class Shop:
    """Raw files, the warehouse that is built of them, and what is published of it."""

    def __init__(self, directory: Path) -> None:
        """Write the files."""
        self.directory, self.warehouse, self.serving = directory, directory / NAME, directory / "serving"
        self.raw = directory.parent / f"{directory.name}_raw"
        self.raw.mkdir()
        directory.mkdir()
        for name, text in FILES.items():
            (self.raw / name).write_text(text)

    def build(self, *arguments: str) -> None:
        """What ``make build`` does, without tests, predictions and gates."""
        settings = {
            "raw_data_dir": self.raw,
            "warehouse_path": self.warehouse,
            "as_of_date": "2024-12-31",
            "identity_salt": "pepper",
            "dbt_target_path": self.directory.parent / "target",
            "dbt_log_path": self.directory.parent / "logs",
        }
        result = run_dbt(["build", *NO_TESTS, *arguments], **settings)
        assert result.success, result.problems
        manifest = project(settings)
        self.changed = forget_erased(self.warehouse, manifest)
        facts = {"as_of_date": date(2024, 12, 31), "erased_id_count": erased_id_count(self.warehouse)}
        publish(self.warehouse, self.serving, marts_of(manifest), Run(new_run_id(), facts))

    def rows(self, query: str) -> list[tuple]:
        """All rows of a query."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def traces(self) -> list[str]:
        """Where something of the erased stands: columns of tables of the warehouse and of published files, and bytes."""
        found = []
        for path in [self.warehouse, *self.serving.glob("lifecycle.*.duckdb")]:
            with duckdb.connect(str(path), read_only=True) as connection:
                for schema, table, column in connection.execute(
                    "select table_schema, table_name, column_name from information_schema.columns"
                ).fetchall():
                    text = f'lower("{column}"::varchar)'
                    where = " or ".join(f"contains({text}, '{value}')" for value in ERASED)
                    rows = connection.execute(
                        f'select {text} from "{schema}"."{table}" where {where} limit 3'
                    ).fetchall()
                    if rows:
                        found.append(f"{path.name}: {schema}.{table}.{column}: {rows}")
        for path in [path for path in self.directory.rglob("*") if path.is_file() and not path.is_symlink()]:
            content = path.read_bytes().lower()
            found += [f"{path.name}: {value} in its bytes" for value in ERASED if value.encode() in content]
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Built and published three times before a person is erased."""
    shop = Shop(tmp_path_factory.mktemp("erasure") / "shop")
    shop.build()
    assert shop.changed == 0
    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.lifecycle_customers").fetchone()[0] >= 3
    assert len(shop.traces()) > 20, "the search finds what is there"
    return shop


def test_an_erasure_leaves_nothing_of_the_person(shop: Shop) -> None:
    """Neither in the next build's tables nor in bytes; what was published before is gone."""
    before = set(shop.serving.glob("lifecycle.*.duckdb"))
    requests = shop.raw / "erasure_requests.csv"
    requests.write_text(REQUESTS)
    # a file of this very moment would be read again by the next build
    os.utime(requests, (1_700_000_000, 1_700_000_000))
    shop.build()
    assert shop.changed > 0
    assert shop.traces() == []
    assert not before & set(shop.serving.glob("lifecycle.*.duckdb"))
    customers = {customer for (customer,) in shop.rows("select customer_id from marts.lifecycle_customers")}
    assert customers == {"gh"}, "neither device nor second e-mail is a customer"
    (header,), (counted,) = (
        re.findall(pattern, RECIPE, flags=re.S) for pattern in (r"```csv\n(.*?\n)", r"```sql\n(.*?)```")
    )
    assert REQUESTS.startswith(header), "the file of the recipe"
    assert dict(shop.rows(counted)) == COUNTED
    assert shop.rows("select count(*) from marts.stage_restatements where customer_id <> 'gh'") == [(0,)]
    assert shop.rows(
        "select program, referred_email from staging.base_referral__referrals where referral_id = 'f1'"
    ) == [("friends", None)], "of another's row only what names the person goes"
    assert shop.rows("select phone, first_name, email from staging.stg_shop__customers") == [
        ("+43 1 555 77 88", "Gundula", "gundula@stays.example")
    ]


def test_an_increment_has_nothing_more_to_do(shop: Shop) -> None:
    """Rows are known as they are now, and the warehouse is not written anew."""
    before, file = tables(shop), shop.warehouse.stat().st_ino
    shop.build()
    assert (shop.changed, shop.warehouse.stat().st_ino) == (0, file)
    assert shop.traces() == []
    assert tables(shop) == before
    assert len(list(shop.serving.glob("lifecycle.*.duckdb"))) == 2, "these hold no erased person"


def test_old_files_bring_no_erased_person_back(shop: Shop) -> None:
    """A full refresh reads everything again, and now without the requests, which are known all the same."""
    before = tables(shop)
    (shop.raw / "erasure_requests.csv").unlink()
    shutil.copy(shop.raw / "orders.csv", shop.raw / "orders.bak")
    (shop.raw / "orders.bak").unlink()
    shop.build("--full-refresh")
    assert shop.changed > 0
    assert shop.traces() == []
    assert tables(shop) == before
    first = "select count(*) from intermediate.int_metric_publications where build_number = 1"
    assert shop.rows(first)[0][0] > 100, "what was first published is forgotten"


def tables(shop: Shop) -> dict[str, list[str]]:
    """All rows of what is cleaned and published, but what tells builds apart."""
    names = shop.rows(
        "select table_schema, table_name from information_schema.tables where table_schema in ('marts', 'quality') "
        "or table_schema = 'staging' and table_name like 'base\\_%' escape '\\' and table_name not like '%erasure%' "
        "and table_name not like '%rates'"
    )
    without = "exclude (raw_fingerprint, cleaning_rules)"
    return {
        table: sorted(
            map(
                str,
                shop.rows(
                    f"select * {without if schema == 'staging' and 'rejected' not in table else ''} from {schema}.{table}"
                ),
            )
        )
        for schema, table in names
    }
