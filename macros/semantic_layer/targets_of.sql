{# targets_of('metrics') -> the query for the target of each row of a relation with brand, metric_id, month_date, dimension_name and
   dimension_value. The most specific target counts: of this brand before that of all brands, then of this month before that of
   all months. A target of the whole is none of its parts, and the other way round. #}
{% macro targets_of(relation) %}
    {%- set keys = ['brand', 'metric_id', 'month_date', 'dimension_name', 'dimension_value'] -%}
    select {{ keys | join(', ') }}, target
    from (
        select
            {% for key in keys %}of_what.{{ key }}, {% endfor %}
            cast(targets.target as {{ customer_lifecycle.double_type() }}) as target,
            row_number() over (
                partition by {% for key in keys %}of_what.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
                order by
                    case when targets.brand is null then 1 else 0 end, case when targets.month_date is null then 1 else 0 end
            ) as target_rank
        from {{ relation }} as of_what
        inner join {{ customer_lifecycle.seed('lifecycle_targets') }} as targets
            on
                of_what.metric_id = targets.metric_id
                and of_what.dimension_name = coalesce(targets.dimension_name, 'all')
                and of_what.dimension_value = coalesce(targets.dimension_value, 'all')
                and of_what.brand = coalesce(targets.brand, of_what.brand)
                and of_what.month_date = coalesce(targets.month_date, of_what.month_date)
    ) as candidate_targets
    where target_rank = 1
{% endmacro %}
