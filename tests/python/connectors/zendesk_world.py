"""The generator's world as Zendesk would hold it, and as each loader would land it: the mapping of the connector, backwards.

As in ``shopify_world``: ``write`` makes the schemas, ``expected`` says what must come back, ``UNSAYABLE`` why that is not all.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

import duckdb
from stores import write_by_way_of_forms

BRANDS = ("default", "atelier")
LOADERS = ("fivetran_ratings", "fivetran_history", "airbyte")

UNSAYABLE = {
    "customers": {
        "first_name": "Zendesk has one name",
        "last_name": "the whole name",
        "country_code": "no such thing",
        "city": "no such thing",
        "segment": "no such thing",
        "acquisition_source": "no such thing",
        "marketing_consent": "no such thing",
        "is_test": "no such thing",
        "deleted_at": "a deleted user is no longer told",
    },
    "support_tickets": {"email": "stands at the user"},
    "survey_responses": {
        "*": "answers about support alone, by users",
        "email": "stands at the user",
        "score": "good or bad, no more",
        "scale_max": "good or bad, no more",
        "deleted_at": "an answer is never deleted",
    },
}
UNSAYABLE_BY_LOADER = {
    "fivetran_ratings": {},
    "fivetran_history": {"survey_responses": {"response_id": "a ticket is rated once", "comment": "in another field", "reason": "in another field"}},
    "airbyte": {"support_tickets": {"first_response_at": "in whole minutes"}},
}  # fmt: skip

NUMBER = "cast(regexp_replace({}, '^[A-Z]+', '') as bigint)"
RATINGS = "select * from contract.survey_responses where survey_type = 'csat' and touchpoint = 'support' and customer_id is not null"


def forms() -> Iterator[tuple[str, str]]:
    """Zendesk's own tables of one brand ($brand)."""
    yield (
        "tickets",
        f"""
        select {NUMBER.format("ticket_id")} as id, cast(customer_id as bigint) as requester_id, category as type, created_at, first_response_at, resolved_at,
            reopened_count, case when deleted_at is not null then 'deleted' when resolved_at is null then 'open' when ticket_id like '%7' then 'closed' else 'solved' end as status,
            coalesce(deleted_at, created_at) as updated_at, loaded_at
        from contract.support_tickets where brand = $brand
        union all
        -- of a ticket that was rated
        select {NUMBER.format("response_id")} + 500000000 as id, cast(customer_id as bigint), null, responded_at, null, null, 0, 'rated', responded_at, loaded_at
        from ({RATINGS}) where brand = $brand
    """,
    )
    yield (
        "users",
        """
        select cast(customer_id as bigint) as id, 'end-user' as role, concat_ws(' ', first_name, last_name) as name, email, phone, created_at, updated_at, loaded_at
        from contract.customers where brand = $brand
        union all
        select n, case n when 1 then 'agent' else 'admin' end, 'Staff', null, null, timestamp '2020-01-01', null, timestamp '2020-01-01' from range(1, 3) as staff (n)
    """,
    )
    # the first comment opens the ticket, at times by staff; a private note and a word of the customer come before the answer
    yield (
        "comments",
        """
        select 10 * tickets.id + n as id, tickets.id as ticket_id, n <> 1 as public, loaded_at,
            case n when 0 then case when tickets.id % 3 = 0 then 1 else requester_id end when 2 then requester_id else 1 + tickets.id % 2 end as user_id,
            case n when 0 then created_at when 3 then first_response_at when 4 then first_response_at + interval 1 hour else created_at + interval 1 second end as created
        from form.tickets cross join range(5) as comments (n) where first_response_at is not null or n < 3
    """,
    )
    yield (
        "field_changes",
        f"""
        select id as ticket_id, 'status' as field_name, 'new' as value, created_at as updated, loaded_at from form.tickets where status <> 'rated'
        union all
        select id, 'status', case n % 2 when 0 then 'solved' else 'open' end, created_at + interval (n + 1) milliseconds, loaded_at
        from form.tickets cross join range(20) as changes (n) where n < 2 * reopened_count
        union all
        select id, 'status', 'solved', resolved_at, loaded_at from form.tickets where resolved_at is not null
        union all
        select id, 'status', 'closed', resolved_at + interval 4 days, loaded_at from form.tickets where resolved_at is not null and status = 'closed'
        union all
        select id, 'priority', 'high', created_at, loaded_at from form.tickets
        union all
        select {NUMBER.format("response_id")} + 500000000, 'satisfaction_score', case when n = 0 then 'offered' when score >= 4 then 'good' else 'bad' end,
            responded_at - interval (1 - n) hours, loaded_at
        from ({RATINGS}) cross join range(2) as changes (n) where brand = $brand
    """,
    )
    yield (
        "ratings",
        f"""
        select {NUMBER.format("response_id")} + 1000000000 * n as id, {NUMBER.format("response_id")} + 500000000 as ticket_id, cast(customer_id as bigint) as requester_id,
            case when n = 1 then 'offered' when score >= 4 then 'good' else 'bad' end as score, comment, reason, responded_at - interval 1 hour as created_at,
            responded_at as updated_at, loaded_at
        from ({RATINGS}) cross join range(2) as noise (n) where brand = $brand
    """,
    )


SYNCED = "loaded_at as _fivetran_synced"
EXTRACTED = "timezone('UTC', loaded_at) as _airbyte_extracted_at"
TICKETS = "select * exclude (first_response_at, resolved_at, reopened_count, loaded_at), {} from form.tickets"
FIVETRAN = {
    "ticket": TICKETS.format(SYNCED),
    "user": f"select * exclude (loaded_at), {SYNCED} from form.users",
    "ticket_comment": f"select * exclude (loaded_at), {SYNCED} from form.comments",
    "ticket_field_history": f"select * exclude (loaded_at), {SYNCED} from form.field_changes",
}
SHAPES = {
    "fivetran_ratings": FIVETRAN | {"satisfaction_rating": f"select * exclude (loaded_at), {SYNCED} from form.ratings"},
    "fivetran_history": FIVETRAN,
    "airbyte": {
        "tickets": TICKETS.format(EXTRACTED),
        "users": f"select * exclude (loaded_at), {EXTRACTED} from form.users",
        "ticket_metrics": f"""
            select id + 1 as id, id as ticket_id, reopened_count as reopens, timezone('UTC', resolved_at) as solved_at,
                json_object('calendar', date_diff('second', created_at, first_response_at) // 60, 'business', 7) as reply_time_in_minutes, {EXTRACTED}
            from form.tickets
        """,
        "satisfaction_ratings": f"select * exclude (loaded_at), {EXTRACTED} from form.ratings",
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_by_way_of_forms(connection, f"zendesk_{loader}", BRANDS, forms, SHAPES[loader])


def own(table: str) -> str:
    """The contract's own rows, with the ids as numbers, as Zendesk has them."""
    key = {"support_tickets": "ticket_id", "survey_responses": "response_id"}.get(table)
    return (
        f"select * {f'replace (cast({NUMBER.format(key)} as varchar) as {key})' if key else ''} from contract.{table}"
    )


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    is_history = loader == "fivetran_history"
    answered = (
        "first_response_at"
        if loader != "airbyte"
        else "created_at + to_minutes(date_diff('second', created_at, first_response_at) // 60)"
    )
    number = NUMBER.format("response_id")
    return {
        "customers": f"""
            select * replace (null as first_name, concat_ws(' ', first_name, last_name) as last_name, null as country_code, null as city, null as segment,
                null as acquisition_source, null as marketing_consent, null as is_test, null as deleted_at)
            from ({own('customers')})
        """,
        "support_tickets": f"""
            select * replace (null as email, {answered} as first_response_at) from ({own('support_tickets')})
            union all
            select brand, cast({number} + 500000000 as varchar), responded_at, customer_id, null, null, null, null, {'0' if loader == 'airbyte' else 'null'}, loaded_at, null from ({RATINGS})
        """,
        "survey_responses": f"""
            select * replace ({f"'csat-' || ({number} + 500000000)" if is_history else f"cast({number} as varchar)"} as response_id, null as email,
                case when score >= 4 then 2 else 1 end as score, 2 as scale_max, {'null' if is_history else 'reason'} as reason,
                {'null' if is_history else 'comment'} as comment, null as deleted_at)
            from ({RATINGS})
        """,
    }  # fmt: skip
