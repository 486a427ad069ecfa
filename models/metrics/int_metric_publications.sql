-- One row per build and value of a metric that the build is the first to publish as mature, or publishes otherwise than the
-- build before. Rows of earlier builds stay, in a full refresh as well: no later build could find them again.
{{ config(
    schema='intermediate',
    contract={'enforced': false},
    materialized=incremental_or_table(),
    full_refresh=false,
    pre_hook='{{ delete_interrupted_build() }}',
) }}
{% set earlier = previous_build() %}
{% set keys = ['brand', 'metric_id', 'month_date', 'dimension_name', 'dimension_value'] %}
with

metrics as (
    select
        *,
        case when is_ratio then {{ ratio_of('numerator', 'denominator') }} else numerator end as value
    from {{ ref('customer_lifecycle', 'int_metric_values') }}
),

earlier_publications as (
    {% if earlier -%}
    select
        *,
        row_number() over (partition by {{ keys | join(', ') }} order by build_number desc) as age_number
    from {{ earlier }} as earlier
    {%- else -%}
    select *, true as is_published, 0 as age_number from metrics
    where 1 = 0
    {%- endif %}
),

published as (
    select * from earlier_publications
    where age_number = 1
),

-- what a metric was cut by when its month was first published: a value that comes later was published as none
published_cuts as (
    select distinct cuts.brand, cuts.metric_id, cuts.month_date, cuts.dimension_name
    from published as cuts
    inner join published as wholes
        on
            cuts.brand = wholes.brand and cuts.metric_id = wholes.metric_id and cuts.month_date = wholes.month_date
            and wholes.dimension_name = 'all'
),

compared as (
    select
        {% for key in keys -%}
        coalesce(metrics.{{ key }}, published.{{ key }}) as {{ key }},
        {% endfor -%}
        metrics.numerator, metrics.denominator, metrics.value, metrics.is_mature,
        metrics.metric_id is not null as is_published,
        published.metric_id is not null as was_recorded,
        coalesce(published.is_published, false) as was_published,
        coalesce(abs(metrics.value - published.value) > 0.000000001 * (1 + abs(published.value)), false)
        or (metrics.value is null) <> (published.value is null) as has_other_value
    from metrics
    full outer join published
        on
            metrics.brand = published.brand and metrics.metric_id = published.metric_id
            and metrics.month_date = published.month_date and metrics.dimension_name = published.dimension_name
            and metrics.dimension_value = published.dimension_value
),

int_metric_publications as (
    select
        current_build.build_number, current_build.as_of_date, current_build.published_as_of_date,
        {% for key in keys -%}
        compared.{{ key }},
        {% endfor -%}
        compared.numerator, compared.denominator, compared.value, compared.is_published,
        compared.was_recorded or published_cuts.metric_id is not null as is_restatement
    from compared
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    left join published_cuts
        on
            compared.brand = published_cuts.brand and compared.metric_id = published_cuts.metric_id
            and compared.month_date = published_cuts.month_date
            and compared.dimension_name = published_cuts.dimension_name
    where
        (compared.is_mature and (not compared.was_recorded or not compared.was_published or compared.has_other_value))
        -- a month that an earlier as-of date withdraws is not restated
        or (
            compared.was_published and not compared.is_published
            and {{ add_months('compared.month_date', 1) }} <= {{ add_days('current_build.as_of_date', 1) }}
        )
)

select * from int_metric_publications
