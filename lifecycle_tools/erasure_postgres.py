"""After a build on PostgreSQL: full names of erased persons leave the texts that other people wrote.

The models leave the rows of erased persons out, and delete what base models hold of them beyond ids and acts; e-mail addresses
and telephone numbers were taken out of every text when it was cleaned. A name is found by value alone. The raw tables are the
user's: nothing is written there, so that a build of everything reads the names again, and this takes them away again, before
readers see them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import psycopg2
from psycopg2 import sql

from lifecycle_tools.build import run_dbt
from lifecycle_tools.engines.postgres import connect
from lifecycle_tools.erasure import ERASED, in_groups, patterns_of_names
from lifecycle_tools.publishing import PublishError

NAMES = """
{%- set raw = customer_lifecycle.raw_columns('customers') -%}
{%- if raw.first_name and raw.last_name -%}
select distinct raw_rows.{{ raw.first_name.value }} as first_name, raw_rows.{{ raw.last_name.value }} as last_name
from ({{ customer_lifecycle.raw_table_rows('customers', raw) }}) as raw_rows
inner join staging.base_shop__customers as base_rows on raw_rows.raw_fingerprint = base_rows.raw_fingerprint
inner join <erased> as erased_ids
    on erased_ids.person_id in (base_rows.person_id, base_rows.email_person_id)
    and coalesce(base_rows.main_date, erased_ids.erased_until_date) <= erased_ids.erased_until_date
{%- else -%}
select null as first_name, null as last_name
{%- endif -%}
""".replace("<erased>", ERASED)
# Tables of the build with texts of raw rows: first those of base models, from which all others have them.
TEXTS = """
    select columns.table_schema, columns.table_name, column_name from information_schema.columns as columns
    inner join information_schema.tables as tables using (table_schema, table_name)
    where tables.table_type = 'BASE TABLE' and data_type in ('text', 'character varying') and column_name !~ '_id$|stage$'
        and table_name <> 'customer_stages_daily' and (table_schema = 'staging' and table_name like 'base\\_%') = {}
        and table_schema in ('staging', 'intermediate', 'marts', 'quality')
    order by 1, 2, 3
"""


def forget_names(environment: Mapping[str, str], manifest: Any, **settings: Any) -> int:
    """Put ``[erased]`` in the place of the names of erased persons; return how many texts of base models were changed.

    ``manifest`` and ``settings``: those of the build. Raises ``PublishError`` where the server does not do it.
    """
    # the rows are no log messages: nothing of them goes to the log file
    command = ["--log-level-file", "none", "--no-write-json", "show", "--inline", NAMES, "--limit", "-1"]
    shown = run_dbt([*command, "--target", "postgres"], manifest=manifest, **settings)
    if not shown.success:
        raise PublishError(f"The names of erased persons cannot be read: {'; '.join(shown.problems)}")
    patterns = patterns_of_names([tuple(row) for row in shown.rows])
    try:
        with contextlib.closing(connect(environment)) as connection, connection, connection.cursor() as cursor:
            written = [pattern for pattern in in_groups(patterns) if _replace(cursor, pattern, True)]
            for pattern in written:
                _replace(cursor, pattern, False)
            return len(written)
    except psycopg2.Error as error:
        why = str(error).strip().splitlines()[0]
        raise PublishError(f"The names of erased persons could not be deleted: {why}") from error


def _replace(cursor, pattern: str, in_base: bool) -> int:
    """How many values were changed, those of base models or all others."""
    cursor.execute(sql.SQL(TEXTS).format(sql.Literal(in_base)))
    changed = 0
    for schema, table, column in cursor.fetchall():
        names = {
            "table": sql.Identifier(schema, table),
            "column": sql.Identifier(column),
            "pattern": sql.Literal(pattern),
        }
        update = "update {table} set {column} = regexp_replace({column}, {pattern}, '[erased]', 'gi') where {column} ~* {pattern}"
        cursor.execute(sql.SQL(update).format(**names))
        changed += cursor.rowcount
    return changed
