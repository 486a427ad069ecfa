{#
    raw_columns('orders') -> {'order_id': 'text', 'ordered_at': 'timestamp', ...}: the columns that the raw table has at
    the time of the build, lower case, with the family of their type; {} when there is no such table (or while parsing).
    Families: text, timestamp, timestamptz, date, number, boolean. Whatever is none of these is read as text.
#}
{% macro raw_columns(table) %}
    {% set found = {} %}
    {% if execute %}
        {% set relation = customer_lifecycle.raw_relation(table) %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do found.update({column.name | lower: customer_lifecycle.type_family(column.dtype)}) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{# raw_column_names('orders') -> {'order_id': 'Order_ID', ...}: the contract's spelling and the raw table's own #}
{% macro raw_column_names(table) %}
    {% set found = {} %}
    {% if execute %}
        {% for column in adapter.get_columns_in_relation(customer_lifecycle.raw_relation(table)) %}
            {% do found.update({column.name | lower: column.name}) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{# raw_relation('orders') -> the relation raw.orders of the target's database #}
{% macro raw_relation(table) %}
    {{ return(api.Relation.create(
        database=target.database, schema=customer_lifecycle.setting('raw_schema'), identifier=table
    )) }}
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
