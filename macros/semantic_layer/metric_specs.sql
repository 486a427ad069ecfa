{# What the semantic layer (models/metrics/semantic) says of each metric of this project; empty while dbt parses. A metric is a sum, or a
   ratio of two sums; anything else stops the build. Its dimensions are the entities of its semantic model, or those that both have.
   metric_specs() -> [{'metric_id': 'churn_rate', 'condition': '', 'dimensions': ['segment', ...], 'parts': [{'side': 'numerator',
   'model': 'churn_monthly', 'month': "date_trunc(...)", 'columns': {'segment': 'segment', ...}, 'amount': 'churned_count'}, ...]}, ...] #}
{% macro metric_specs() %}
    {% set measures = {} %}
    {% for semantic_model in (graph.semantic_models or {}).values() if semantic_model.package_name == 'customer_lifecycle' %}
        {% set columns = {} %}
        {% for column in semantic_model.entities + semantic_model.dimensions %}
            {% do columns.update({column.name: column.expr or column.name}) %}
        {% endfor %}
        {% for measure in semantic_model.measures if measure.agg == 'sum' %}
            {% do measures.update({measure.name: {
                'model': semantic_model.refs[0].name,
                'month': customer_lifecycle.period_start('month', columns[semantic_model.defaults.agg_time_dimension]),
                'columns': columns,
                'entities': semantic_model.entities | map(attribute='name') | list,
                'amount': measure.expr or measure.name,
                'is_balance': true if measure.non_additive_dimension else false,
            }}) %}
        {% endfor %}
    {% endfor %}
    {% set specs = [] %}
    {% for metric in (graph.metrics or {}).values() | sort(attribute='name')
        if metric.package_name == 'customer_lifecycle' and metric.name not in measures %}
        {% set inputs = metric.type_params %}
        {% set inputs = {'simple': [inputs.measure], 'ratio': [inputs.numerator, inputs.denominator]}.get(metric.type, []) %}
        {% set parts = [] %}
        {% for name in inputs | map(attribute='name') if name in measures %}
            {% do parts.append(dict(measures[name], side=['numerator', 'denominator'][loop.index0])) %}
        {% endfor %}
        {% if not parts or parts | length < inputs | length %}
            {{ exceptions.raise_compiler_error("The metric " ~ metric.name
                ~ " is neither a sum nor a ratio of two sums: publish its numerator and denominator in a mart.") }}
        {% endif %}
        {% set conditions = [] %}
        {% for condition in (metric.filter or {}).where_filters or [] %}
            {#- "{{ Dimension('funnel_row__stage') }} = 'discovery'" -> stage = 'discovery' -#}
            {% set dimension = "\\{\\{\\s*Dimension\\(\\s*'(?:\\w+__)?(\\w+)'\\s*\\)\\s*\\}\\}" %}
            {% do conditions.append(modules.re.sub(dimension, "\\1", condition.where_sql_template)) %}
        {% endfor %}
        {% do specs.append({
            'metric_id': metric.name,
            'condition': conditions | join(' and '),
            'dimensions': parts[0].columns | select('in', parts[0].entities) | select('in', parts[-1].entities)
                | reject('equalto', 'brand') | list,
            'parts': parts,
        }) %}
    {% endfor %}
    {{ return(specs) }}
{% endmacro %}
