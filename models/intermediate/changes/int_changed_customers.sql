-- One row per customer whose stages are computed in this build. A full build computes all customers. An increment computes
-- those whose history or thresholds differ from the last complete build, those that vanished, and those of an interrupted
-- build. If they are more than full_refresh_share of the customers, it computes all of them, which then costs less.
{% set recorded = (last_complete_build() or {}).int_recorded_fingerprints %}
{% set is_increment = recorded and not flags.FULL_REFRESH %}
{% set saved = earlier_table('int_published_stage_periods') if is_increment else none %}
with

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

{% set fingerprints = ref('customer_lifecycle', 'int_customer_fingerprints') -%}
fingerprints as (
    {% if recorded -%}
    select * from {{ fingerprints }}
    {%- else -%}
    -- nothing is compared: nulls of the right type
    select
        customer_key,
        case when 1 = 0 then {{ row_fingerprint(['customer_key']) }} end as input_fingerprint,
        case when 1 = 0 then {{ row_fingerprint(['customer_key']) }} end as threshold_fingerprint
    from customers
    {%- endif %}
),

recorded as (
    {% if recorded -%}
    select * from {{ recorded }}
    {%- else -%}
    select customers.*, fingerprints.input_fingerprint, fingerprints.threshold_fingerprint
    from customers
    inner join fingerprints on customers.customer_key = fingerprints.customer_key
    where 1 = 0
    {%- endif %}
),

saved as (
    {% if saved -%}
    select distinct saved.customer_key, saved.customer_id, saved.brand
    from {{ saved }} as saved
    inner join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
        on saved.build_number = current_build.build_number
    {%- else -%}
    select customer_key, customer_id, brand from recorded
    where 1 = 0
    {%- endif %}
),

compared as (  -- numbers alone, as most customers are just compared
    select
        coalesce(fingerprints.customer_key, recorded.customer_key, saved.customer_key) as customer_key,
        fingerprints.input_fingerprint, fingerprints.threshold_fingerprint,
        fingerprints.customer_key is null as has_vanished,
        fingerprints.customer_key is null or recorded.customer_key is null
        or fingerprints.input_fingerprint <> recorded.input_fingerprint
        or saved.customer_key is not null as has_other_history,
        coalesce(fingerprints.threshold_fingerprint <> recorded.threshold_fingerprint, false) as has_other_thresholds
    from fingerprints
    full outer join recorded on fingerprints.customer_key = recorded.customer_key
    full outer join saved on coalesce(fingerprints.customer_key, recorded.customer_key) = saved.customer_key
),

scopes as (
    select
        {{ 'false' if is_increment else 'true' }}
        or sum(case when has_other_history or has_other_thresholds then 1 else 0 end)
        > count(*) * {{ setting('full_refresh_share') }} as is_full_refresh
    from compared
),

int_changed_customers as (
    select
        compared.customer_key,
        coalesce(customers.customer_id, recorded.customer_id, saved.customer_id) as customer_id,
        scopes.is_full_refresh, current_build.published_as_of_date is not null as is_compared,
        coalesce(customers.brand, recorded.brand, saved.brand) as brand,
        case when not compared.has_vanished then customers.threshold_segment end as threshold_segment,
        compared.has_other_history, compared.has_other_thresholds,
        coalesce(customers.threshold_segment <> recorded.threshold_segment, false) as has_other_segment,
        compared.input_fingerprint, compared.threshold_fingerprint
    from compared
    cross join scopes
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    left join customers on compared.customer_key = customers.customer_key
    left join recorded on compared.customer_key = recorded.customer_key
    left join saved on compared.customer_key = saved.customer_key
    where scopes.is_full_refresh or compared.has_other_history or compared.has_other_thresholds
)

select * from int_changed_customers
