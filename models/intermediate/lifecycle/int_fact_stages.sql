-- Step 5. One row per combination of facts: the stage and the flags of a customer who has them.
-- Facts, then booleans, then one case expression, the only place where stages are named; the first match wins.
{{ config(materialized='view') }}
with

facts as (
    select * from {{ ref('customer_lifecycle', 'int_fact_combinations') }}
),

conditions as (
    select
        fact_sum,
        is_purchased and not is_active as is_churned,
        is_purchased and is_won_back as is_reactivated,
        is_purchased and is_advocating as is_recommending_customer,
        is_purchased and is_bought_often as is_frequent_buyer,
        is_purchased and is_tenured as is_long_active,
        is_purchased and is_bought_again as is_repeat_buyer,
        is_purchased and is_settled as is_settled_customer,
        is_purchased as is_customer,
        not is_purchased and not is_present as is_dormant,
        not is_purchased and is_engaged as is_engaged_prospect,
        not is_purchased as is_prospect,
        is_advocating as is_advocate,
        is_purchased and is_active and (is_bought_often or is_tenured) as is_loyal,
        is_active and not is_subscribed and not is_bought_recently as is_at_risk
    from facts
),

int_fact_stages as (
    select
        fact_sum,
        case
            when is_churned then 'churned'
            when is_reactivated then 'reactivated'
            when is_recommending_customer then 'advocacy'
            when is_frequent_buyer or is_long_active then 'loyalty'
            when is_repeat_buyer or is_settled_customer then 'retention'
            when is_customer then 'conversion'
            when is_dormant then 'dormant'
            when is_engaged_prospect then 'engagement'
            when is_prospect then 'discovery'
        end as stage,
        -- the same list once more, by the rule that matched (seed lifecycle_rules): two stages have two rules each
        case
            when is_churned then 'inactive'
            when is_reactivated then 'won_back'
            when is_recommending_customer then 'recommends'
            when is_frequent_buyer then 'bought_often'
            when is_long_active then 'tenured'
            when is_repeat_buyer then 'bought_again'
            when is_settled_customer then 'settled'
            when is_customer then 'bought_once'
            when is_dormant then 'silent'
            when is_engaged_prospect then 'interested'
            when is_prospect then 'known'
        end as rule,
        is_loyal,
        is_advocate,
        is_at_risk
    from conditions
)

select * from int_fact_stages
