{# For `dbt source freshness`: when the last row of a raw table was loaded. Without the table or its loaded_at it passes, and says so.
   latest_loaded_at(raw.orders) -> select max(loaded_at) from raw.orders #}
{% macro latest_loaded_at(relation) %}
    {% set columns = adapter.get_columns_in_relation(relation) if load_relation(relation) else [] %}
    {% for column in columns if column.name | lower == 'loaded_at' %}
        {% set family, name = customer_lifecycle.type_family(column.dtype), adapter.quote(column.name) %}
        {% set type = customer_lifecycle.timestamp_type() %}
        {{ return('select max(' ~ (
            name if family == 'timestamptz' else customer_lifecycle.safe_cast_to(name, type) if family == 'text'
            else 'cast(' ~ name ~ ' as ' ~ type ~ ')'
        ) ~ ') from ' ~ relation) }}
    {% endfor %}
    {{ log('Freshness of ' ~ relation ~ ': ' ~ ('no column loaded_at' if columns else 'no such table') ~ ', so there is nothing to compare.', true) }}
    {{ return('select ' ~ dbt.current_timestamp()) }}
{% endmacro %}
