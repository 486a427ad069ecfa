-- One row per customer and event or link that is new in its history, gone from it, or ends on another day than in the last
-- complete build, if that can show on days published before: since when, and what kind of change of the raw data it is.
with

customers as (
    select * from {{ ref('customer_lifecycle', 'int_changed_customers') }}
    where is_compared and has_other_history
),

facts_before as (
    select facts.*, customers.brand
    from {{ ref('customer_lifecycle', 'int_published_facts') }} as facts
    inner join customers on facts.customer_key = customers.customer_key
    where facts.event_kind is not null
),

facts_now as (
    select
        customers.brand, events.customer_key, events.event_kind, events.source_table, events.source_row,
        events.event_date, events.known_from, events.known_until, events.subscribed_until
    from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    {{ join_current_build('events') }}
    inner join customers on events.customer_key = customers.customer_key

    union all

    select customers.brand, links.*
    from {{ ref('customer_lifecycle', 'int_customer_links') }} as links
    inner join customers on links.customer_key = customers.customer_key
),

rows_before as (
    select distinct brand, source_table, source_row from facts_before
),

rows_now as (
    select
        brand, source_table, source_row, max(known_until) as known_until,
        max(case when event_kind in ('purchase', 'advocacy') then 1 else 0 end) as counts_at_all
    from facts_now
    group by brand, source_table, source_row
),

-- where a merge begins or ends, the row goes on that day under another customer
rows_that_go_on as (
    select distinct event_kind, brand, source_table, source_row, known_from from facts_now
),

differences as (
    select
        coalesce(facts_now.customer_key, facts_before.customer_key) as customer_key,
        coalesce(facts_now.brand, facts_before.brand) as brand,
        coalesce(facts_now.event_kind, facts_before.event_kind) as event_kind,
        coalesce(facts_now.source_table, facts_before.source_table) as source_table,
        coalesce(facts_now.source_row, facts_before.source_row) as source_row,
        coalesce(facts_now.event_date, facts_before.event_date) as event_date,
        facts_now.customer_key is null as is_gone,
        coalesce(facts_now.known_until < facts_before.known_until, false) as ends_sooner, facts_now.known_until,
        case
            when facts_before.customer_key is null then facts_now.known_from
            when facts_now.customer_key is null then facts_before.known_from
            when facts_now.known_until = facts_before.known_until
                then least(facts_now.subscribed_until, facts_before.subscribed_until)
            when facts_now.subscribed_until = facts_before.subscribed_until
                then least(facts_now.known_until, facts_before.known_until)
            else least(
                facts_now.subscribed_until, facts_before.subscribed_until, facts_now.known_until, facts_before.known_until
            )
        end as shows_from
    from facts_now
    full outer join facts_before
        on
            facts_now.customer_key = facts_before.customer_key
            and facts_now.event_kind = facts_before.event_kind
            and facts_now.source_table = facts_before.source_table and facts_now.source_row = facts_before.source_row
            and facts_now.event_date = facts_before.event_date and facts_now.known_from = facts_before.known_from
    where
        facts_now.customer_key is null or facts_before.customer_key is null
        or facts_now.known_until <> facts_before.known_until
        or facts_now.subscribed_until <> facts_before.subscribed_until
),

int_changed_facts as (
    select
        differences.customer_key, differences.event_kind, differences.source_table, differences.source_row,
        differences.event_date, differences.shows_from,
        case
            when differences.event_kind = 'link' then 'merge'
            when rows_before.source_row is null then 'late_row'
            when rows_now.source_row is null or (differences.ends_sooner and rows_now.known_until <= differences.known_until)
                then 'deletion'
            when differences.ends_sooner and rows_that_go_on.source_row is null then 'reversal'
            when differences.is_gone and differences.event_kind in ('purchase', 'advocacy') and rows_now.counts_at_all = 0
                then 'reversal'
            else 'correction'
        end as cause
    from differences
    inner join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
        on differences.shows_from < current_build.compared_to
    left join rows_before
        on
            differences.brand = rows_before.brand
            and differences.source_table = rows_before.source_table and differences.source_row = rows_before.source_row
    left join rows_now
        on
            differences.brand = rows_now.brand
            and differences.source_table = rows_now.source_table and differences.source_row = rows_now.source_row
    left join rows_that_go_on
        on
            differences.brand = rows_that_go_on.brand and differences.event_kind = rows_that_go_on.event_kind
            and differences.source_table = rows_that_go_on.source_table
            and differences.source_row = rows_that_go_on.source_row and differences.known_until = rows_that_go_on.known_from
)

select * from int_changed_facts
