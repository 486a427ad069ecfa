{#
    What the semantic layer says of each metric of this project, for the model that computes all of them: the formulas stand in
    models/semantic and nowhere else. Nothing while parsing, when dbt does not know the metrics yet.

    metric_specs() -> [{'metric_id': 'churn_rate', 'condition': none, 'slices': ['segment', ...], 'parts': [{'side': 'numerator',
    'model': 'churn_monthly', 'month': "date_trunc(...)", 'columns': {'segment': 'segment', ...}, 'amount': 'churned_count'}, ...]}, ...]

    A metric is a sum, or a ratio of two sums; more is not needed where marts publish numerators and denominators, and anything else
    stops the build. The slices of a metric are the entities of its semantic model, or those that both have. Metrics that dbt makes
    of measures, under the measures' names, are parts of others.
#}
{% macro metric_specs() %}
    {% set measures = {} %}
    {% for semantic_model in (graph.semantic_models or {}).values() if semantic_model.package_name == 'customer_lifecycle' %}
        {% for measure in semantic_model.measures if measure.agg == 'sum' %}
            {% do measures.update({measure.name: [semantic_model, measure]}) %}
        {% endfor %}
    {% endfor %}
    {% set specs = [] %}
    {% for metric in (graph.metrics or {}).values() | sort(attribute='name')
        if metric.package_name == 'customer_lifecycle' and metric.name not in measures %}
        {% do specs.append(customer_lifecycle.metric_spec(metric, measures)) %}
    {% endfor %}
    {{ return(specs) }}
{% endmacro %}


{# metric_spec(metric, measures) -> one entry of metric_specs() #}
{% macro metric_spec(metric, measures) %}
    {% set said = metric.type_params %}
    {% if metric.type == 'simple' %}
        {% set names = {'numerator': said.measure.name} %}
    {% elif metric.type == 'ratio' %}
        {% set names = {'numerator': said.numerator.name, 'denominator': said.denominator.name} %}
    {% endif %}
    {% set parts = [] %}
    {% for side, name in (names or {}).items() if name in measures %}
        {% do parts.append(customer_lifecycle.metric_part(side, measures[name][0], measures[name][1])) %}
    {% endfor %}
    {% if not names or parts | length < names | length %}
        {{ exceptions.raise_compiler_error(
            "The metric " ~ metric.name ~ " is neither a sum nor a ratio of two sums: publish its numerator and denominator in a mart."
        ) }}
    {% endif %}
    {% set slices = [] %}
    {% for name in parts[0].columns if name in parts[0].entities and name in parts[-1].entities and name != 'brand' %}
        {% do slices.append(name) %}
    {% endfor %}
    {% set conditions = [] %}
    {% for condition in (metric.filter or {}).where_filters or [] %}
        {% do conditions.append(customer_lifecycle.filter_as_sql(condition.where_sql_template)) %}
    {% endfor %}
    {{ return({'metric_id': metric.name, 'condition': conditions | join(' and '), 'slices': slices, 'parts': parts}) }}
{% endmacro %}


{# metric_part('numerator', semantic_model, measure) -> where one side of a metric stands, and what is summed there #}
{% macro metric_part(side, semantic_model, measure) %}
    {% set columns = {} %}
    {% for column in semantic_model.entities + semantic_model.dimensions %}
        {% do columns.update({column.name: column.expr or column.name}) %}
    {% endfor %}
    {{ return({
        'side': side,
        'model': semantic_model.refs[0].name,
        'month': customer_lifecycle.period_start('month', columns[semantic_model.defaults.agg_time_dimension]),
        'columns': columns,
        'entities': semantic_model.entities | map(attribute='name') | list,
        'amount': measure.expr or measure.name,
    }) }}
{% endmacro %}


{# filter_as_sql("{{ Dimension('funnel_row__stage') }} = 'discovery'") -> stage = 'discovery' #}
{% macro filter_as_sql(template) %}
    {{ return(modules.re.sub("\\{\\{\\s*Dimension\\(\\s*'(?:\\w+__)?(\\w+)'\\s*\\)\\s*\\}\\}", "\\1", template)) }}
{% endmacro %}
