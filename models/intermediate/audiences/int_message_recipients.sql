-- One row per audience or campaign, period (a month, or all months), and customer who was messaged or held out in it, with
-- its orders within the days after. The first row of the period decides the group, and stays: a customer who was held out
-- and messaged later is still one of those held out (intention to treat).
{% set window_days = setting('touchpoint_conversion_days') %}
{% set trial = 'brand, dimension_name, dimension_value, period_name, month_date, person_id' %}
with

messages as (
    select
        messages.brand, messages.message_id, messages.sent_at, messages.sent_date, messages.audience,
        messages.campaign_id, identity_map.customer_key,
        -- two ids of one customer are one person; an id that is no customer's stands for itself
        coalesce(cast(identity_map.customer_key as {{ text_type() }}), 'unknown: ' || messages.person_id) as person_id,
        case when messages.held_out then 1 else 0 end as held_out,
        case when messages.held_out then 0 else round(messages.cost_amount * messages.reporting_rate, 2) end as cost_amount
    from {{ ref('customer_lifecycle', 'stg_marketing__messages') }} as messages
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {{ join_shared_ids('messages', 'sent_date') }}
    left join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on
            messages.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
            and shared_ids.person_id is null
    where {{ known_until('messages.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

addressed as (
    select *, 'audience' as dimension_name, audience as dimension_value from messages
    where audience is not null
    union all
    select *, 'campaign', campaign_id from messages
    where campaign_id is not null
),

periods as (
    select *, 'month' as period_name, {{ period_start('month', 'sent_date') }} as month_date from addressed
    union all
    select
        *, 'all', {{ period_start('month', 'min(sent_date) over (partition by brand, dimension_name, dimension_value)') }}
    from addressed
),

ranked as (
    select
        *,
        {{ add_days('sent_date', window_days) }} as window_to_date,
        -- what was sent cannot be held out: of two at one moment, the message counts
        row_number() over (partition by {{ trial }} order by sent_at, held_out, message_id) as message_number,
        min(case when held_out = 0 then sent_date end) over (
            partition by brand, dimension_name, dimension_value, period_name, person_id
            order by sent_at desc, held_out desc, message_id desc rows between unbounded preceding and 1 preceding
        ) as next_message_date,
        sum(1 - held_out) over (partition by {{ trial }}) as message_count,
        coalesce(sum(cost_amount) over (partition by {{ trial }}), 0) as total_cost_amount
    from periods
),

trials as (
    select * from ranked
    where message_number = 1
),

outcomes as (
    -- as it was known when the window ended: what is refunded later changes nothing
    select
        trials.brand, trials.dimension_name, trials.period_name, trials.message_id,
        sum(entries.standing_change) as order_count, sum(entries.net_revenue_amount) as net_revenue_amount
    from trials
    inner join {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
        on trials.customer_key = entries.customer_key and trials.window_to_date >= entries.entry_date
    inner join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on entries.brand = orders.brand and entries.order_id = orders.order_id and trials.sent_at < orders.ordered_at
    group by trials.brand, trials.dimension_name, trials.period_name, trials.message_id
),

int_message_recipients as (
    select
        trials.brand, trials.dimension_name, trials.dimension_value, trials.period_name, trials.month_date,
        trials.customer_key, trials.message_id, trials.sent_date, trials.window_to_date, trials.held_out = 1 as is_held_out,
        trials.held_out = 1 and coalesce(trials.next_message_date <= trials.window_to_date, false) as has_crossed_over,
        trials.message_count,
        cast(trials.total_cost_amount as decimal(18, 2)) as cost_amount,
        coalesce(outcomes.order_count, 0) as order_count,
        cast(coalesce(outcomes.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount
    from trials
    left join outcomes
        on
            trials.brand = outcomes.brand and trials.message_id = outcomes.message_id
            and trials.dimension_name = outcomes.dimension_name and trials.period_name = outcomes.period_name
)

select * from int_message_recipients
