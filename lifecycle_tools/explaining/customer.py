"""Why a customer is in its stage, since when, and what comes next."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import yaml

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.explaining import DuckDB, ExplainError, Postgres, Working, seed_rows, table

NEVER = date(9999, 12, 31)
EVENTS_SHOWN = 40  # the latest ones
ROWS_SHOWN = 20
# Of raw rows these types of columns are shown: text, e-mail addresses and ids of persons are not.
SHOWN_TYPES = ("timestamp", "date", "amount", "number", "count", "boolean", "currency", "code", "subscription_status")
SHOWN_COLUMNS = ("status", "id_type", "order_id", "product_id", "survey_type")
# thresholds that a rule goes by and its description does not name
FURTHER_THRESHOLDS = {"inactive": ("churn_after_days", "subscription_grace_days")}
NEVER_SHOWN = ("code", "loaded_at", "deleted_at")  # the code of a referral may be a name


def explain_customer(source: DuckDB | Postgres, asked: str, brand: str | None) -> list[str]:
    """The lines; ``ExplainError`` when no customer has the id ``asked``, or customers of several brands have it."""
    with source.working() as working:
        asked = asked.strip()
        found = _ids(source, working, asked, brand)
        if not found:
            raise ExplainError(_nobody(source, working, asked, brand))
        brands = sorted({each[0] for each in found})
        if len(brands) > 1:
            raise ExplainError(
                f"The id is known in the brands {', '.join(brands)}: say which, for example BRAND={brands[0]}."
            )
        owners = sorted({each[2] for each in found if each[2]})
        own, current, merged_into, merged_date, status = found[0][1:]
        if not owners:
            return _no_customer(found[0][0], own, merged_into, merged_date, status)
        if len(owners) > 1:
            raise ExplainError(f"The id stands for several customers: ask for one of {', '.join(owners)}.")
        current = owners[0]
        lines = _present(source, brands[0], current)
        if own != current:
            lines.insert(1, f"  asked for {own}, whose history went over to it on {merged_date}")
        lines += _stages(source, working, brands[0], current)
        if working.rows is None:
            return [*lines, "", working.without("events, ids and rejected rows")]
        return lines + _working_part(working, brands[0], current)


def _ids(source: Any, working: Working, asked: str, brand: str | None) -> list[tuple]:
    """Rows of customer_ids that ``asked`` may mean: the id as published, as it stands in raw data, or an e-mail's id."""
    names = [asked, f"anonymous:{asked}"]
    if "@" in asked:
        names = _ids_of_email(working, asked)
    if not names:
        return []
    marks = ", ".join("?" for _ in names)
    query = (
        "select brand, customer_id, current_customer_id, merged_into_customer_id, merged_date, id_status "
        f"from marts.customer_ids where (customer_id in ({marks}) or case when brand <> 'default' then "
        f"substr(customer_id, length(brand) + 2) end in ({marks}))"
    )
    parameters = [*names, *names]
    if brand:
        query, parameters = query + " and brand = ?", [*parameters, brand]
    return source.marts(query + " order by id_status, brand, customer_id", parameters)


def _ids_of_email(working: Working, email: str) -> list[str]:
    if working.rows is None:
        raise ExplainError(working.without("whose an e-mail address is"))
    found: set[str] = set()
    tables = working.rows(
        "select table_name from information_schema.columns where table_schema = 'staging' "
        "and table_name like 'stg%' and column_name = 'email_person_id'"
    )
    for (name,) in tables:
        key = "coalesce(person_id, email_person_id)" if name == "stg_shop__customers" else "email_person_id"
        rows = working.rows(f"select distinct {key} from staging.{name} where lower(trim(email)) = ?", [email.lower()])
        found |= {person for (person,) in rows if person}
    return [part for person in sorted(found) for part in (person, person.partition(":")[2])]


def _nobody(source: Any, working: Working, asked: str, brand: str | None) -> str:
    """One sentence: near ids, or that its rows were all rejected."""
    where = f" in the brand {brand}" if brand else ""
    if brand and brand not in (
        brands := [name for (name,) in source.marts("select distinct brand from marts.customer_ids")]
    ):
        return f"There is no brand {brand}: choose one of {', '.join(sorted(brands))}."
    shown = "that e-mail address" if "@" in asked else f"the id {asked}"
    if working.rows is not None and (rejected := _rejected(working, brand, {asked}, set())):
        reasons = sorted({f"{entity}: {reason}" for entity, _, reason, _ in rejected})
        return f"No customer has {shown}{where}: all rows under it are rejected ({', '.join(reasons)})."
    near = []
    if "@" not in asked and asked:
        like = [f"{_escaped(asked[:3])}%", f"%{_escaped(asked[-3:])}"]
        rows = source.marts(
            "select distinct customer_id from marts.customer_ids where customer_id like ? escape '!' "
            "or customer_id like ? escape '!' order by 1 limit 5000",
            like,
        )
        near = difflib.get_close_matches(asked, [name for (name,) in rows], n=5, cutoff=0.7)
    meant = f": did you mean {' or '.join(near)}?" if near else "."
    return f"No customer has {shown}{where}{meant}"


def _escaped(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)


def _no_customer(brand: str, own: str, merged_into: str | None, merged_date: date | None, status: str) -> list[str]:
    why = {
        "no_events": "has a profile and nothing else: nothing is known that would begin a stage",
        "test_account": f"went to a test account on {merged_date}, and its history belongs to no customer",
        "merged": f"went over to {merged_into} on {merged_date}, which is no customer now",
    }
    return [f"The id {own} of brand {brand} is no customer: it {why.get(status, status)}."]


def _present(source: Any, brand: str, customer: str) -> list[str]:
    columns = (
        "current_stage, stage_entered_date, days_in_stage, purchase_date_count, order_count, net_revenue_amount, currency, "
        "last_purchase_date, is_loyal, is_advocate, is_at_risk, segment, acquisition_channel, country_code"
    )
    where = "from marts.lifecycle_customers where brand = ? and customer_id = ?"
    ((stage, since, days, dates, orders, net, currency, last, *flags, segment, channel, country),) = source.marts(
        f"select {columns} {where}", [brand, customer]
    )
    ((as_of_date, run_id),) = source.marts("select as_of_date, run_id from publish_meta")
    true_of = [name for name, flag in zip(("loyal", "an advocate", "at risk"), flags, strict=True) if flag]
    return [
        f"Customer {customer} of brand {brand}, at the end of {as_of_date} (run {run_id})",
        "",
        f"Stage:      {stage}, since {since} ({days} days)",
        f"Flags:      {', '.join(true_of) or 'none'}",
        f"Purchases:  {dates} days, {orders} orders, {net:,.2f} {currency} net"
        + (f", the last on {last}" if last else ""),
        f"Attributes: segment {segment}, channel {channel}, country {country}",
    ]


def _stages(source: Any, working: Working, brand: str, customer: str) -> list[str]:
    rules = {row["rule"]: row["description"] for row in seed_rows("lifecycle_rules")}
    thresholds = _thresholds(working, customer)
    periods = source.marts(
        "select stage, valid_from, valid_to, is_scheduled, rule, caused_by_table, caused_by_row "
        "from marts.customer_stage_intervals where brand = ? and customer_id = ? order by valid_from",
        [brand, customer],
    )
    so_far = [period for period in periods if not period[3]]
    lines: list[str] = []
    if so_far:
        *_, rule, by_table, by_row = so_far[-1]
        lines.append(f"Why:        rule {rule}: {_rule(rule, rules, thresholds)}")
        if by_table:
            lines.append(
                f"Caused by:  row {_row_name(by_row)} of {by_table}{_raw_row(working, brand, by_table, by_row)}"
            )
    coming = [period for period in periods if period[3]]
    for number, (stage, valid_from, _, _, rule, *_) in enumerate(coming):
        begin = "Next:       " if not number else "            then "
        lines.append(
            f"{begin}{stage} on {valid_from} if nothing happens, by rule {rule}: {_rule(rule, rules, thresholds)}"
        )
    if not coming:
        lines.append("Next:       nothing is scheduled: the stage stays until something happens")
    lines += ["", "Stages so far:"]
    lines += table(
        [("from", "to", "stage", "rule", "caused by")]
        + [
            (
                valid_from,
                "" if (stage, valid_from, valid_to) == so_far[-1][:3] else valid_to,
                stage,
                rule,
                f"{by_table} {_row_name(by_row)}" if by_table else "",
            )
            for stage, valid_from, valid_to, _, rule, by_table, by_row in so_far
        ]
    )
    restated = source.marts(
        "select valid_from, valid_to, published_stage, restated_stage, cause, caused_by_table, caused_by_row "
        "from marts.stage_restatements where brand = ? and customer_id = ? order by build_number, valid_from",
        [brand, customer],
    )
    if restated:
        lines += ["", "Published days that were corrected:"]
        lines += table(
            [("from", "to", "was", "is", "cause", "caused by")]
            + [(*row[:5], f"{row[5]} {_row_name(row[6])}" if row[5] else "") for row in restated]
        )
    return lines


def _thresholds(working: Working, customer: str) -> dict[str, Any]:
    if working.rows is None:
        rows = {row["segment"]: row for row in seed_rows("lifecycle_thresholds")}
        return dict(rows["default"]) if len(rows) == 1 else {}
    names = [name for name in seed_rows("lifecycle_thresholds")[0] if name != "segment"]
    rows = working.rows(
        f"select {', '.join('thresholds.' + name for name in names)} from intermediate.int_customers as customers "
        "inner join staging.lifecycle_thresholds as thresholds on customers.threshold_segment = thresholds.segment "
        "where customers.customer_id = ?",
        [customer],
    )
    return dict(zip(names, rows[0], strict=True)) if rows else {}


def _rule(rule: str, rules: dict[str, str], thresholds: dict[str, Any]) -> str:
    """What a rule says, with the customer's thresholds."""
    description = "; ".join([rules.get(rule, ""), *FURTHER_THRESHOLDS.get(rule, ())])
    return re.sub(
        r"\w+", lambda word: f"{word[0]} ({thresholds[word[0]]})" if word[0] in thresholds else word[0], description
    )


def _row_name(key: str | None) -> str:
    return "" if key is None else "(withheld)" if "@" in key else key


@cache
def _contract() -> dict[str, dict[str, Any]]:
    """The raw tables: their columns with what the contract says of each, key and folder."""
    text = (PROJECT_DIR / "models" / "base" / "_raw__sources.yml").read_text(encoding="utf-8")
    text = re.sub(r'"\{\{.*?\}\}"', '""', text)
    (source,) = yaml.safe_load(text)["sources"]
    return {
        each["name"]: {
            "columns": {column["name"]: column["config"]["meta"] for column in each["columns"]},
            **each["config"]["meta"],
        }
        for each in source["tables"]
    }


@cache
def _base_models() -> dict[str, str]:
    return {path.stem.partition("__")[2]: path.stem for path in (PROJECT_DIR / "models" / "base").rglob("base_*.sql")}


def _shown_columns(name: str) -> list[str]:
    columns = _contract()[name]["columns"]
    return [
        column
        for column, meta in columns.items()
        if (meta["type"] in SHOWN_TYPES or column in SHOWN_COLUMNS) and column not in NEVER_SHOWN
    ]


def _raw_row(working: Working, brand: str, name: str, key: str) -> str:
    """What the row says that caused a stage, in columns that cannot name a person."""
    if working.rows is None or name not in _contract():
        return ""
    columns = _shown_columns(name)
    rows = working.rows(
        f"select {', '.join(columns)} from staging.{_base_models()[name]} "
        "where brand = ? and record_key = ? and rejection_reason is null",
        [brand, key],
    )
    given = (
        [f"{column} {value}" for column, value in zip(columns, rows[0], strict=True) if value is not None]
        if rows
        else []
    )
    return f": {', '.join(part for part in given if '@' not in part)}" if given else ""


def _working_part(working: Working, brand: str, customer: str) -> list[str]:
    ((key,),) = working.rows("select customer_key from intermediate.int_customers where customer_id = ?", [customer])
    events = working.rows(
        "select event_date, event_kind, source_table, source_row, known_from, known_until "
        "from intermediate.int_customer_events where customer_key = ? "
        "order by known_from, event_date, source_table, source_row, event_kind",
        [key],
    )
    lines = ["", f"Events ({len(events)}{f', the last {EVENTS_SHOWN}' if len(events) > EVENTS_SHOWN else ''}):"]
    lines += table(
        [("date", "kind", "raw row", "")]
        + [
            (happened, kind, f"{name} {_row_name(row)}", _known(happened, known_from, known_until))
            for happened, kind, name, row, known_from, known_until in events[-EVENTS_SHOWN:]
        ]
    )
    persons = working.rows(
        "select person_id, valid_from, valid_to from intermediate.int_identity_map where customer_key = ? "
        "order by valid_from, person_id",
        [key],
    )
    ids = sorted({person for person, *_ in persons} | {customer})
    lines += ["", f"Ids ({len(ids)}):"]
    lines += table(
        [("id", "from", "until")]
        + [
            (person, "the beginning" if since.year < 1900 else since, "" if until == NEVER else until)
            for person, since, until in persons[:ROWS_SHOWN]
        ]
    )
    links = _links(working, ids)
    if links:
        lines += ["", "Links between them:"]
        lines += table([("date", "id", "to", "by raw row", ""), *links[:ROWS_SHOWN]])
    orders = {row for _, _, name, row, _, _ in events if name == "orders"}
    raw_ids = {re.sub(r"^(?:anonymous:)", "", person.removeprefix(f"{brand}:")) for person in ids}
    rejected = _rejected(working, brand, raw_ids, orders)
    lines += ["", f"Rejected rows ({len(rejected)}):" if rejected else "Rejected rows: none"]
    reasons = {row["reason"]: row["meaning"] for row in seed_rows("rejection_reasons")}
    lines += table(
        [
            (happened or "", f"{name} {_row_name(row)}", reason, reasons.get(reason, ""))
            for name, row, reason, happened in rejected[:ROWS_SHOWN]
        ]
    )
    return lines


def _known(happened: date, known_from: date, known_until: date) -> str:
    parts = []
    if known_from != happened:
        parts.append(f"counts from {known_from}")
    if known_until != NEVER:
        parts.append(f"taken back on {known_until}")
    return ", ".join(parts)


def _links(working: Working, ids: Sequence[str]) -> list[tuple]:
    marks = ", ".join("?" for _ in ids)
    rows = working.rows(
        "select linked_date, merged_person_id, canonical_person_id, source_table, source_row, link_status, unlinked_date "
        f"from intermediate.int_identity_links where merged_person_id in ({marks}) or canonical_person_id in ({marks}) "
        "order by linked_date, merged_person_id, source_row",
        [*ids, *ids],
    )
    return [
        (
            "always" if linked.year < 1900 else linked,
            merged,
            canonical,
            f"{name} {_row_name(row)}",
            (f"undone on {unlinked}" if unlinked != NEVER else "")
            if status == "accepted"
            else f"not followed: {status}",
        )
        for linked, merged, canonical, name, row, status, unlinked in rows
    ]


def _rejected(working: Working, brand: str | None, ids: set[str], orders: set[str]) -> list[tuple]:
    """(table, key, reason, date) of the rejected rows that name one of these ids or orders."""
    ids = {each for each in ids if each}
    if not ids:
        return []
    found = []
    names = {
        "customer": {
            name
            for table in _contract().values()
            for name, meta in table["columns"].items()
            if meta["type"] == "customer_id"
        }
        | {"anonymous_id"},
    }
    wanted = sorted(ids | orders)
    for start in range(0, len(wanted), 200):
        some = wanted[start : start + 200]
        like = " or ".join("raw_row like ? escape '!'" for _ in some)
        marks = ", ".join("?" for _ in some)
        query = (
            "select entity, record_key, rejection_reason, main_date, raw_row, brand from quality.rejected_records "
            f"where ({like} or record_key in ({marks}))"
        )
        parameters = [*(f"%{_escaped(each)}%" for each in some), *some]
        if brand:
            query, parameters = query + " and brand = ?", [*parameters, brand]
        for entity, key, reason, happened, raw_row, _ in working.rows(query, parameters):
            row = json.loads(raw_row) if raw_row else {}
            row = {name.lower(): str(value).strip() for name, value in row.items() if value is not None}
            by_person = any(row.get(name) in ids for name in names["customer"]) or (
                entity == "customers" and key in ids
            )
            if by_person or row.get("order_id") in orders:
                found.append((entity, key, reason, happened))
    return sorted(found, key=lambda each: (str(each[3]), each[0], str(each[1])))
