{# A seed's rows as dbt loads them on Spark, but with an empty field as null and an apostrophe escaped, unlike the adapter's own macro. (dbt
   finds it by its name in the project that is run: an installing project names this package in `dispatch`, see docs/engines.md.)
   "Côte d'Ivoire", empty, a row of two texts -> insert into ... values (cast('Côte d\'Ivoire' as string), cast(null as string)) #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model['config'].get('column_types', {}) %}
    {% set statements = [] %}
    {% for rows in agate_table.rows | batch(1000) %}
        {% set tuples = [] %}
        {% for row in rows %}
            {% set values = [] %}
            {% for name in agate_table.column_names %}
                {% set value = row[loop.index0] %}
                {% set literal = 'null' if value is none else customer_lifecycle.text_literal(value | string) %}
                {% do values.append("cast(" ~ literal ~ " as " ~ types.get(name, adapter.convert_type(agate_table, loop.index0)) ~ ")") %}
            {% endfor %}
            {% do tuples.append("(" ~ values | join(", ") ~ ")") %}
        {% endfor %}
        {% set statement = "insert into " ~ this.render() ~ " values " ~ tuples | join(", ") %}
        {% do adapter.add_query(statement, abridge_sql_log=True) %}
        {% do statements.append(statement) %}
    {% endfor %}
    {{ return(statements[0]) }}
{% endmacro %}
