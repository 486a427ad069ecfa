-- One row per audience and customer who belongs to it at the end of the as-of date and may be written to, with the reason.
with

members as (
    select
        members.*, definitions.stage is not null as is_of_a_stage,
        row_number() over (partition by members.customer_key order by members.priority) as audience_number
    from {{ ref('customer_lifecycle', 'int_audience_members') }} as members
    left join {{ seed('lifecycle_audience_definitions') }} as definitions on members.audience = definitions.audience
),

customers as (
    select customers.*, consents.customer_key
    from {{ ref('customer_lifecycle', 'lifecycle_customers') }} as customers
    inner join {{ ref('customer_lifecycle', 'int_marketing_consents') }} as consents
        on customers.customer_id = consents.customer_id
),

carts as (
    select
        *, cast(trigger_date as {{ text_type() }}) as left_on, cast(value_amount as {{ text_type() }}) as value_text
    from {{ ref('customer_lifecycle', 'int_audience_carts') }}
),

facts as (
    select
        members.customer_key, members.audience,
        cast(members.trigger_date as {{ text_type() }}) as trigger_text,
        cast(customers.first_seen_date as {{ text_type() }}) as first_seen,
        cast(customers.first_purchase_date as {{ text_type() }}) as first_bought,
        cast(customers.last_purchase_date as {{ text_type() }}) as last_bought,
        cast(customers.purchase_date_count as {{ text_type() }}) as times_bought,
        coalesce(', churns on ' || cast(customers.next_scheduled_date as {{ text_type() }}), '') as next_text
    from members
    inner join customers on members.customer_key = customers.customer_key
),

reasons as (
    select
        customer_key, audience,
        case audience
            when 'at_risk' then 'last bought on ' || last_bought || ', at risk since ' || trigger_text || next_text
            when 'welcome_back' then 'came back on ' || trigger_text
            when 'onboarding' then 'first bought on ' || first_bought
            when 'second_order' then 'bought once, on ' || first_bought
            when 'advocate_thanks' then 'recommends since ' || trigger_text
            when 'referral_ask' then 'loyal and no advocate since ' || trigger_text
            when 'loyalty_reward' then 'purchase dates: ' || times_bought || ', loyal since ' || trigger_text
            when 'next_order' then 'purchase dates: ' || times_bought || ', last on ' || last_bought
            when 'win_back' then 'churned on ' || trigger_text || ', last bought on ' || last_bought
            when 'lead_nurturing' then 'showed interest on ' || trigger_text
            when 'first_contact' then 'first seen on ' || first_seen
            when 'cold_prospect_revival' then 'silent, dormant since ' || trigger_text
        end as reason
    from facts
),

lifecycle_audiences as (
    select
        customers.brand, members.audience, customers.customer_id, members.stage,
        cast(members.priority as integer) as priority, members.audience_number = 1 as is_first, members.since_date,
        case
            when members.audience = 'cart_reminder'
                then
                    'left cart ' || carts.cart_id || ' on ' || carts.left_on || ' at step ' || carts.last_step
                    || coalesce(', worth ' || carts.value_text || ' {{ setting("reporting_currency") }}', '')
            else coalesce(habits.reason, reasons.reason, 'in stage ' || members.stage)
        end as reason,
        case when members.audience = 'cart_reminder' then 'carts' else causes.source_table end as caused_by_table,
        case when members.audience = 'cart_reminder' then carts.cart_id else causes.source_row end as caused_by_row,
        customers.next_scheduled_stage, customers.next_scheduled_date,
        customers.last_purchase_date, customers.net_revenue_amount,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from members
    inner join customers on members.customer_key = customers.customer_key
    left join reasons on members.customer_key = reasons.customer_key and members.audience = reasons.audience
    left join {{ ref('customer_lifecycle', 'int_audience_habits') }} as habits
        on members.customer_key = habits.customer_key and members.audience = habits.audience
    left join carts on members.customer_key = carts.customer_key
    left join {{ ref('customer_lifecycle', 'int_stage_period_causes') }} as causes
        on
            causes.cause_number = 1
            and members.customer_key = causes.customer_key and members.stage_entered_date = causes.valid_from
            -- what goes by something else has reasons of its own, which are not those of the stage
            and members.is_of_a_stage
)

select * from lifecycle_audiences
