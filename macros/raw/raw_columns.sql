{#
    raw_columns('orders') -> {'order_id': 'text', 'ordered_at': 'timestamp', ...}: the columns that the raw table has at
    the time of the build, lower case, with the family of their type; {} when there is no such table (or while parsing).
    Families: text, timestamp, timestamptz, date, number, boolean. Whatever is none of these is read as text. Compiled
    without a connection (dbt compile --no-introspect), every column of the contract is taken to be there as text.
#}
{% macro raw_columns(table) %}
    {% set found = {} %}
    {% set relation = customer_lifecycle.raw_relation(table) %}
    {% if execute and flags.INTROSPECT %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do found.update({column.name | lower: customer_lifecycle.type_family(column.dtype)}) %}
        {% endfor %}
    {% elif execute %}
        {% for name in customer_lifecycle.raw_table_columns(table) %}
            {% do found.update({name: 'text'}) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{# raw_column_names('orders') -> {'order_id': 'Order_ID', ...}: the contract's spelling and the raw table's own #}
{% macro raw_column_names(table) %}
    {% set found = {} %}
    {% set relation = customer_lifecycle.raw_relation(table) %}
    {% if execute and flags.INTROSPECT %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do found.update({column.name | lower: column.name}) %}
        {% endfor %}
    {% elif execute %}
        {% for name in customer_lifecycle.raw_table_columns(table) %}
            {% do found.update({name: name}) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{# raw_relation('orders') -> what is read as the raw table: the source, or the model that the var raw_models names instead #}
{% macro raw_relation(table) %}
    {% set raw_models = customer_lifecycle.raw_models() %}
    {{ return(builtins.ref(raw_models[table]) if table in raw_models else source('lifecycle_raw', table)) }}
{% endmacro %}


{# raw_models() -> {'customers': 'shop_customers'}: contract tables that models of the installing project present #}
{% macro raw_models() %}
    {% set raw_models = var('raw_models', none) or {} %}
    {% for table in raw_models if table not in customer_lifecycle.raw_contract() %}
        {% do customer_lifecycle.stop_build(
            "The var raw_models names '" ~ table ~ "', which is no table of the raw contract: choose one of "
            ~ customer_lifecycle.raw_contract() | join(', ') ~ "."
        ) %}
    {% endfor %}
    {{ return(raw_models) }}
{% endmacro %}


{# type_family('DECIMAL(18,2)') -> 'number'; type_family('TIMESTAMP WITH TIME ZONE') -> 'timestamptz' #}
{% macro type_family(data_type) %}
    {% set name = data_type | lower %}
    {% if '[' in name or name.startswith(('struct', 'map', 'union', 'array')) %}
        {{ return('text') }}
    {% elif name.startswith('timestamp') and ('with time zone' in name or name.startswith('timestamptz')) %}
        {{ return('timestamptz') }}
    {% elif name.startswith(('timestamp', 'datetime')) %}
        {{ return('timestamp') }}
    {% elif name == 'date' %}
        {{ return('date') }}
    {% elif name.startswith(('decimal', 'numeric', 'double', 'float', 'real', 'hugeint', 'uhugeint', 'bigint', 'ubigint',
                             'integer', 'uinteger', 'int', 'smallint', 'usmallint', 'tinyint', 'utinyint', 'long')) %}
        {{ return('number') }}
    {% elif name.startswith('bool') %}
        {{ return('boolean') }}
    {% endif %}
    {{ return('text') }}
{% endmacro %}
