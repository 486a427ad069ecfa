-- One row per difference of stages and change of the raw data or of thresholds that may have made it, in the order in which
-- they count: a change that shows from the difference's first day, other thresholds, then what shows from the latest day
-- before it. Changes that cannot bear on either of the two stages are left out.
with

differences as (
    select
        *,
        coalesce(published_stage, 'discovery') in ('discovery', 'engagement', 'dormant')
        or coalesce(restated_stage, 'discovery') in ('discovery', 'engagement', 'dormant') as is_about_prospects,
        coalesce(published_stage, '') = 'advocacy' or coalesce(restated_stage, '') = 'advocacy' as is_about_advocacy
    from {{ ref('customer_lifecycle', 'int_stage_differences') }}
),

facts as (
    select
        *,
        case event_kind
            when 'link' then 1 when 'purchase' then 3 when 'active_subscription' then 4
            when 'advocacy' then 5 when 'engagement' then 6 else 7
        end as cause_rank
    from {{ ref('customer_lifecycle', 'int_changed_facts') }}
),

links as (
    select * from facts
    where event_kind = 'link'
),

-- a row that stands under another customer than before because of a link is the link's doing
moves as (
    select
        facts.customer_key, facts.cause_rank, facts.source_table, facts.source_row, facts.event_date, facts.shows_from,
        links.source_table as link_table,
        links.source_row as link_row,
        row_number() over (
            partition by
                facts.customer_key, facts.cause_rank, facts.source_table, facts.source_row, facts.event_date,
                facts.shows_from
            order by links.shows_from desc, links.source_row asc, links.source_table asc
        ) as link_number
    from facts
    inner join links on facts.customer_key = links.customer_key and facts.shows_from >= links.shows_from
    where facts.cause = 'correction'
),

causes as (
    select
        facts.customer_key, facts.event_kind, facts.cause_rank, facts.event_date, facts.shows_from,
        case when moves.link_row is null then facts.cause else 'merge' end as cause,
        coalesce(moves.link_table, facts.source_table) as source_table,
        coalesce(moves.link_row, facts.source_row) as source_row
    from facts
    left join moves
        on
            facts.customer_key = moves.customer_key
            and facts.cause_rank = moves.cause_rank
            and facts.source_table = moves.source_table and facts.source_row = moves.source_row
            and facts.event_date = moves.event_date and facts.shows_from = moves.shows_from
            and moves.link_number = 1

    union all

    -- thresholds hold for all days; they are others because the seed has changed, or the customer's segment
    select
        customer_key, 'thresholds', 0, {{ beginning_of_time() }}, {{ beginning_of_time() }},
        case when has_other_segment then 'correction' else 'thresholds' end,
        case when has_other_segment then 'customers' else 'lifecycle_thresholds' end,
        case
            when not has_other_segment then threshold_segment
            when brand = 'default' then customer_id
            else substr(customer_id, length(brand) + 2)
        end
    from {{ ref('customer_lifecycle', 'int_changed_customers') }}
    where is_compared and has_other_thresholds
),

int_restatement_causes as (
    select
        differences.customer_key,
        differences.valid_from,
        causes.cause,
        causes.source_table,
        causes.source_row,
        row_number() over (
            partition by differences.customer_key, differences.valid_from
            order by
                case
                    when causes.shows_from = differences.valid_from then 1
                    when causes.event_kind = 'thresholds' then 2
                    else 3
                end asc,
                causes.shows_from desc,
                causes.cause_rank asc,
                causes.event_date desc,
                causes.source_row asc,
                causes.source_table asc,
                causes.cause asc
        ) as cause_number
    from differences
    inner join causes
        on differences.customer_key = causes.customer_key and differences.valid_from >= causes.shows_from
    where
        (causes.event_kind not in ('engagement', 'touchpoint') or differences.is_about_prospects)
        and (causes.event_kind <> 'advocacy' or differences.is_about_advocacy)
)

select * from int_restatement_causes
