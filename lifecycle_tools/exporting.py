"""An audience with contact data, in the import formats of the tools that write to people and show them advertisements.

``lifecycle_audiences`` says who is on the list; it holds only customers with consent. Contact data are in no published table:
they are joined here, on demand, from the working tables, and go into one file that only its owner may read.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.explaining import ExplainError, seed_rows

Row = Mapping[str, Any]
FORMULA = re.compile(r"^[=+\-@\t\r\n|%]")
E164 = re.compile(r"\+[1-9]\d{6,14}")
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
ENTRY_COLUMNS = ("brand", "audience", "customer_id", "stage", "since_date", "reason", "email", "phone", "first_name", "last_name",
                 "country_code", "net_revenue_amount", "currency")  # fmt: skip
LIST = """
    select brand, audience, customer_id, stage, since_date, reason, net_revenue_amount, currency
    from marts.lifecycle_audiences where audience = ? order by brand, customer_id
"""
# Of the ids of a customer, the profile under its own id speaks first, then the one that was changed last; a customer without a
# profile is reached at the e-mail address that it ordered or subscribed with.
CONTACTS = """
    with people as (
        select customers.customer_id, identity_map.person_id
        from intermediate.int_marketing_consents as customers
        inner join intermediate.int_identity_map as identity_map
        on customers.customer_key = identity_map.customer_key and identity_map.valid_to = date '9999-12-31'
    ),
    profiles as (
        select people.customer_id, profiles.email, profiles.phone, profiles.first_name, profiles.last_name, profiles.country_code,
        case when profiles.person_id = people.customer_id then 1 else 2 end as place, profiles.updated_at as said_at,
        profiles.person_id as tie
        from people
        inner join staging.stg_shop__customers as profiles on people.person_id = profiles.person_id
        where profiles.deleted_date is null
    ),
    others as (
        select people.customer_id, rows.email, rows.said_at, rows.tie, rows.place
        from people
        inner join (
            select email_person_id, email, ordered_at as said_at, order_id as tie, 4 as place from staging.stg_shop__orders
            where email is not null
            union all
            select email_person_id, email, occurred_at, engagement_id, 3 from staging.stg_marketing__engagements
            where email is not null
        ) as rows on people.person_id = rows.email_person_id
    )
    select customer_id, email, phone, first_name, last_name, country_code, place, said_at, tie from profiles
    union all
    select customer_id, email, null, null, null, null, place, said_at, tie from others
    order by customer_id, place, said_at desc nulls last, tie
"""


@dataclass(frozen=True)
class Format:
    """What an importer takes: its columns with what stands in each, and the pattern that each value must match if it is given.

    ``needs``: without any of these columns a row is of no use. ``rules`` names the page that says so.
    """

    columns: Mapping[str, Callable[[Row], str]]
    patterns: Mapping[str, str]
    needs: Sequence[str]
    rules: str


def text(name: str) -> Callable[[Row], str]:
    """A column as it is, safe to open in a spreadsheet."""
    return lambda row: safe(row.get(name))


def safe(value: Any) -> str:
    """A value that no spreadsheet takes for a formula; a telephone number with its plus sign is none."""
    if value is None:
        return ""
    said = "".join(each for each in str(value) if each.isprintable()).strip()
    return f"'{said}" if FORMULA.match(said) and not re.fullmatch(r"[+-]?\d+(\.\d+)?", said) else said


def email_of(row: Row) -> str:
    """The e-mail address in lower case; empty if it is none."""
    found = (row.get("email") or "").strip().lower()
    return found if EMAIL.fullmatch(found) and not FORMULA.match(found) else ""


def phone_of(row: Row) -> str:
    """The telephone number as E.164; empty where it has no country code, which cannot be guessed."""
    said = re.sub(r"\(0\)", "", row.get("phone") or "")
    digits = re.sub(r"[^\d+]", "", said)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    return digits if E164.fullmatch(digits) else ""


def hashed(value: str) -> str:
    """SHA-256 in hexadecimal digits; nothing of nothing."""
    return hashlib.sha256(value.encode("utf-8")).hexdigest() if value else ""


def _name(name: str) -> Callable[[Row], str]:
    """A name in lower case without blanks around it."""
    return lambda row: " ".join((row.get(name) or "").lower().split())


def _bare_name(name: str) -> Callable[[Row], str]:
    """A name in lower case, letters alone."""
    return lambda row: "".join(each for each in (row.get(name) or "").lower() if unicodedata.category(each)[0] in "LM")


HASH = r"[0-9a-f]{64}"
FORMATS = {
    "klaviyo": Format(
        {
            "Email": email_of,
            "Phone Number": phone_of,
            "First Name": text("first_name"),
            "Last Name": text("last_name"),
            "External ID": text("customer_id"),
            "Country": text("country_code"),
            "Email Marketing Consent": lambda row: "Subscribed" if email_of(row) else "",
            "Audience": text("audience"),
            "Audience Since": text("since_date"),
        },
        {"Email": EMAIL.pattern, "Phone Number": E164.pattern, "Audience Since": r"\d{4}-\d{2}-\d{2}"},
        ("Email",),  # the first column identifies the profile
        "https://help.klaviyo.com/hc/en-us/articles/115005078967",
    ),
    "hubspot": Format(
        {
            "Email": email_of,
            "First Name": text("first_name"),
            "Last Name": text("last_name"),
            "Phone Number": phone_of,
            "Country/Region": text("country_code"),
            "Audience": text("audience"),
        },
        {"Email": EMAIL.pattern, "Phone Number": E164.pattern},
        ("Email",),
        "https://knowledge.hubspot.com/import-and-export/set-up-your-import-file",
    ),
    "meta": Format(
        {
            "email": lambda row: hashed(email_of(row)),
            "phone": lambda row: hashed(phone_of(row).removeprefix("+")),
            "fn": lambda row: hashed(_bare_name("first_name")(row)),
            "ln": lambda row: hashed(_bare_name("last_name")(row)),
            "country": lambda row: hashed((row.get("country_code") or "").lower()),
        },
        dict.fromkeys(("email", "phone", "fn", "ln", "country"), HASH),
        ("email", "phone"),
        "https://www.facebook.com/business/help/2082575038703844",
    ),
    "google": Format(
        # names are matched with a postal code only, which the raw contract does not have
        {"Email": lambda row: hashed(email_of(row)), "Phone": lambda row: hashed(phone_of(row))},
        dict.fromkeys(("Email", "Phone"), HASH),
        ("Email", "Phone"),
        "https://support.google.com/google-ads/answer/7659867",
    ),
}
PLAIN = Format({name: text(name) for name in ENTRY_COLUMNS}, {}, (), "")
NAMES = ("csv", "parquet", *FORMATS)


@dataclass(frozen=True)
class Exported:
    """What was written: ``listed`` customers are in the audience, ``written`` of them in the file."""

    path: Path
    listed: int
    written: int
    without_phone: int


def export(source: Any, audience: str, form: str, directory: Path, brand: str | None = None) -> Exported:
    """Write the audience; ``ExplainError`` with a sentence when it, the format or the contact data are not there."""
    audiences = [row["audience"] for row in seed_rows("lifecycle_audience_definitions")]
    if form not in NAMES:
        raise ExplainError(f"There is no format {form or '(none)'}: choose one of {', '.join(NAMES)}.")
    entries = _entries(source, audience, audiences, brand)
    with source.working() as working:
        if working.rows is None:
            raise ExplainError(working.why_not("the contact data cannot be read"))
        contacts = _contacts(working.rows)
    rows = [{**entry, **contacts[entry["customer_id"]]} for entry in entries if entry["customer_id"] in contacts]
    chosen = FORMATS.get(form, PLAIN)
    made = [{name: value(row) for name, value in chosen.columns.items()} for row in rows]
    kept = [row for row in made if not chosen.needs or any(row[name] for name in chosen.needs)]
    name = (
        f"{audience}.parquet" if form == "parquet" else f"{audience}.csv" if form == "csv" else f"{audience}.{form}.csv"
    )
    path = directory / (f"{brand}.{name}" if brand else name)
    try:
        _write(path, list(chosen.columns), kept, rows if form == "parquet" else None)
    except OSError as error:
        raise ExplainError(f"{path} cannot be written: {error.strerror}.") from error
    without_phone = sum(bool(row.get("phone")) and not phone_of(row) for row in rows) if form in FORMATS else 0
    return Exported(path, len(entries), len(kept), without_phone)


def _entries(source: Any, audience: str, audiences: Sequence[str], brand: str | None) -> list[dict[str, Any]]:
    names = ("brand", "audience", "customer_id", "stage", "since_date", "reason", "net_revenue_amount", "currency")
    if audience not in audiences:
        raise ExplainError(f"There is no audience {audience or '(none)'}: choose one of {', '.join(audiences)}.")
    entries = [dict(zip(names, row, strict=True)) for row in source.marts(LIST, [audience])]
    brands = sorted({entry["brand"] for entry in entries})
    if brand:
        if entries and brand not in brands:
            raise ExplainError(
                f"The audience {audience} has no customer of the brand {brand}: choose one of {', '.join(brands)}."
            )
        return [entry for entry in entries if entry["brand"] == brand]
    if len(brands) > 1:
        # consent is given to a brand
        raise ExplainError(
            f"The audience {audience} has customers of {', '.join(brands)}: say which, for example BRAND={brands[0]}."
        )
    return entries


def _contacts(ask: Callable[..., list[tuple]]) -> dict[str, dict[str, Any]]:
    """What is known of each customer who consents, the first value that is given of each column."""
    names = ("email", "phone", "first_name", "last_name", "country_code")
    found: dict[str, dict[str, Any]] = {}
    for customer, *values in ask(CONTACTS):
        contact = found.setdefault(customer, dict.fromkeys(names))
        for name, value in zip(names, values[: len(names)], strict=True):
            contact[name] = contact[name] or value
    return found


def _write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]], typed: Sequence[Row] | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        if typed is None:
            with partial.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)
        else:
            _write_parquet(partial, columns, typed)
        partial.chmod(0o600)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_parquet(partial: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    types = {"since_date": "date", "net_revenue_amount": "decimal(18, 2)"}
    with duckdb.connect() as connection:
        declared = ", ".join(f"{name} {types.get(name, 'varchar')}" for name in columns)
        connection.execute(f"create table exported ({declared})")
        if rows:
            marks = ", ".join("?" for _ in columns)
            connection.executemany(
                f"insert into exported values ({marks})", [[row.get(name) for name in columns] for row in rows]
            )
        literal = str(partial).replace("'", "''")
        connection.execute(f"copy exported to '{literal}' (format parquet)")
