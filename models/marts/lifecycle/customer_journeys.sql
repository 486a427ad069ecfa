-- One row per ordered path of stages and dimensions, with the number of customers on it. A path of more than eight steps
-- ends in '...'.
{% set longest_path = 8 %}
{% set dimension = 'dimensions.brand, dimensions.acquisition_channel, dimensions.country_code, dimensions.segment' %}
with

dimensions as (
    select * from {{ ref('customer_lifecycle', 'int_customer_dimensions') }}
),

steps as (
    select * from {{ ref('customer_lifecycle', 'int_customer_journey_steps') }}
    where step_number <= {{ longest_path + 1 }}
),

steps_in_a_row as (
    select
        customer_key,
        {% for number in range(1, longest_path + 1) %}
        max(case when step_number = {{ number }} then stage end) as stage_{{ number }},
        {% endfor %}
        max(step_number) as step_count
    from steps
    group by customer_key
),

paths as (
    select
        customer_key,
        stage_1
        {% for number in range(2, longest_path + 1) %}
        || coalesce(' > ' || stage_{{ number }}, '')
        {% endfor %}
        || case when step_count > {{ longest_path }} then ' > ...' else '' end as path,
        case when step_count > {{ longest_path }} then {{ longest_path }} else step_count end as step_count,
        step_count > {{ longest_path }} as is_cut_off
    from steps_in_a_row
),

path_counts as (
    select
        {{ dimension }},
        paths.path,
        paths.step_count,
        paths.is_cut_off,
        count(*) as customer_count
    from paths
    inner join dimensions on paths.customer_key = dimensions.customer_key
    group by {{ dimension }}, paths.path, paths.step_count, paths.is_cut_off
),

dimension_counts as (
    select
        *,
        sum(customer_count) over (partition by {{ dimension | replace('dimensions.', '') }}) as dimension_customer_count
    from path_counts
),

customer_journeys as (
    select
        brand,
        path,
        acquisition_channel,
        country_code,
        segment,
        cast(step_count as integer) as step_count,
        is_cut_off,
        cast(customer_count as bigint) as customer_count,
        cast(dimension_customer_count as bigint) as dimension_customer_count,
        {{ ratio_of('customer_count', 'dimension_customer_count') }} as share
    from dimension_counts
)

select * from customer_journeys
