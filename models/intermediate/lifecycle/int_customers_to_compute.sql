-- One row per customer whose stages are computed in this build: everybody in a full one, in an increment those whose history
-- is not what it was at the end of the last complete build, the vanished included, and whoever an interrupted build has
-- touched since. With what is another than in that build, if there was one.
-- depends_on: {{ ref('int_customer_fingerprints') }}
-- depends_on: {{ ref('int_current_build') }}
{% set is_increment = recorded_fingerprints() is not none %}
{% set recorded = fingerprint_record() if is_increment or last_complete_build() else none %}
{% set saved = earlier_table('int_published_stays') if is_increment else none %}
with

customers as (
    select * from {{ ref('int_customers') }}
),

{% if recorded -%}
fingerprints as (
    select * from {{ ref('int_customer_fingerprints') }}
),

recorded as (
    select * from {{ recorded }}
),

saved as (
    {% if saved -%}
    select distinct saved.customer_key, saved.customer_id, saved.brand
    from {{ saved }} as saved
    inner join {{ ref('int_current_build') }} as current_build on saved.build_number = current_build.build_number
    {%- else -%}
    select customer_key, customer_id, brand from recorded
    where 1 = 0
    {%- endif %}
),

-- numbers alone, as most customers are just compared
compared as (
    select
        coalesce(fingerprints.customer_key, recorded.customer_key, saved.customer_key) as customer_key,
        fingerprints.input_fingerprint,
        fingerprints.threshold_fingerprint,
        fingerprints.customer_key is null
        or recorded.customer_key is null
        or fingerprints.input_fingerprint <> recorded.input_fingerprint
        or saved.customer_key is not null as has_other_history,
        coalesce(fingerprints.threshold_fingerprint <> recorded.threshold_fingerprint, false) as has_other_thresholds
    from fingerprints
    full outer join recorded on fingerprints.customer_key = recorded.customer_key
    full outer join saved on coalesce(fingerprints.customer_key, recorded.customer_key) = saved.customer_key
),

differing as (
    select * from compared
    {%- if is_increment %}
    where has_other_history or has_other_thresholds
    {%- endif %}
),

int_customers_to_compute as (
    select
        differing.customer_key,
        coalesce(customers.customer_id, recorded.customer_id, saved.customer_id) as customer_id,
        {{ 'false' if is_increment else 'true' }} as is_everybody,
        coalesce(customers.brand, recorded.brand, saved.brand) as brand,
        case when differing.threshold_fingerprint is not null then customers.threshold_segment end as threshold_segment,
        differing.has_other_history,
        differing.has_other_thresholds,
        coalesce(customers.threshold_segment <> recorded.threshold_segment, false) as has_other_segment,
        differing.input_fingerprint,
        differing.threshold_fingerprint
    from differing
    left join customers on differing.customer_key = customers.customer_key
    left join recorded on differing.customer_key = recorded.customer_key
    left join saved on differing.customer_key = saved.customer_key
)
{%- else -%}
int_customers_to_compute as (
    select
        customer_key,
        customer_id,
        true as is_everybody,
        brand,
        threshold_segment,
        true as has_other_history,
        false as has_other_thresholds,
        false as has_other_segment,
        -- nothing is compared: null, of the right type
        case when 1 = 0 then {{ row_fingerprint(['customer_key']) }} end as input_fingerprint,
        case when 1 = 0 then {{ row_fingerprint(['customer_key']) }} end as threshold_fingerprint
    from customers
)
{%- endif %}

select * from int_customers_to_compute
