-- One row per build, input (raw table, seed, or the settings), brand and month whose rows are not those of the build before:
-- how many there are, and were. Rows of earlier builds stay, in a full refresh as well: no later build could find them
-- again.
{{ config(
    schema='intermediate',
    contract={'enforced': false},
    materialized=incremental_or_table(),
    full_refresh=false,
    pre_hook='{{ delete_interrupted_build() }}',
) }}
{% set earlier = previous_build() %}
{% set seeds = {
    'affiliate_statuses': ['status', 'effect'],
    'brands': ['brand', 'business_time_zone'],
    'channel_rules': [
        'priority', 'touch_type', 'utm_source', 'utm_medium', 'referrer_host', 'click_id', 'campaign_channel', 'channel',
    ],
    'country_aliases': ['alias', 'country_code'],
    'event_types': ['source_table', 'event_type', 'event_class', 'is_web_visit', 'is_path_touch', 'is_lead'],
    'lifecycle_thresholds': ['segment'] + threshold_names(),
    'order_statuses': ['status', 'effect', 'is_engagement'],
    'subscription_statuses': ['status', 'effect'],
} %}
{% set said = [] %}
{% for name in [
    'attribution_half_life_days', 'attribution_lookback_days', 'business_time_zone', 'date_order', 'decimal_separator',
    'identity_max_cluster_size', 'nobody_ids', 'own_domains', 'profile_value_days', 'reporting_currency',
    'scanner_click_seconds', 'session_timeout_minutes', 'subscription_revenue', 'touchpoint_conversion_days',
    'trial_conversion_days', 'trial_default_days',
] %}{% do said.append(name ~ '=' ~ setting(name)) %}{% endfor %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

input_rows as (
    {% for table in raw_tables() -%}
    select
        '{{ table }}' as input_name,
        brand,
        coalesce(main_date, {{ beginning_of_time() }}) as date_day,
        raw_fingerprint
    from {{ ref('customer_lifecycle', base_model(table)) }}
    union all
    {% endfor -%}
    select
        'exchange_rates', '', date_day,
        {{ row_fingerprint(['currency', 'date_day', 'rate']) }}
    from {{ ref('customer_lifecycle', 'base_calendar__exchange_rates') }}
    {%- for name, columns in seeds.items() %}
    union all
    select '{{ name }}', '', {{ beginning_of_time() }}, {{ row_fingerprint(columns) }} from {{ seed(name) }}
    {%- endfor %}
    union all
    select 'settings', '', {{ beginning_of_time() }}, {{ row_fingerprint(["'" ~ local_md5(said | join(' ')) ~ "'"]) }}
    from as_of
),

inputs as (
    -- a row that is dated after the as-of date counts from the build on whose as-of date reaches it
    select
        input_rows.input_name,
        input_rows.brand,
        {{ period_start('month', 'input_rows.date_day') }} as month_date,
        count(*) as row_count,
        {{ row_fingerprint(['sum(input_rows.raw_fingerprint)']) }} as fingerprint
    from input_rows
    inner join as_of on input_rows.date_day <= as_of.as_of_date
    group by input_rows.input_name, input_rows.brand, {{ period_start('month', 'input_rows.date_day') }}
),

earlier_changes as (
    {% if earlier -%}
    select
        *,
        row_number() over (partition by input_name, brand, month_date order by build_number desc) as age_number
    from {{ earlier }} as earlier
    {%- else -%}
    select *, cast(null as bigint) as previous_row_count, 0 as age_number from inputs
    where 1 = 0
    {%- endif %}
),

earlier_inputs as (
    select * from earlier_changes
    where age_number = 1
),

int_input_changes as (
    select
        current_build.build_number,
        coalesce(inputs.input_name, earlier_inputs.input_name) as input_name,
        coalesce(inputs.brand, earlier_inputs.brand) as brand,
        coalesce(inputs.month_date, earlier_inputs.month_date) as month_date,
        cast(coalesce(inputs.row_count, 0) as bigint) as row_count,
        cast(coalesce(earlier_inputs.row_count, 0) as bigint) as previous_row_count,
        inputs.fingerprint
    from inputs
    full outer join earlier_inputs
        on
            inputs.input_name = earlier_inputs.input_name
            and inputs.brand = earlier_inputs.brand
            and inputs.month_date = earlier_inputs.month_date
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    where
        coalesce(inputs.row_count, 0) <> coalesce(earlier_inputs.row_count, 0)
        or inputs.fingerprint <> earlier_inputs.fingerprint
)

select * from int_input_changes
