{# dbt's comparison of a unit test's rows, with numbers as numbers: a numeric of PostgreSQL shows the digits that it was computed with. (dbt
   finds the macro by its name; other engines give a decimal the digits of its type.)   amount 10.00, expected 10 -> equal #}
{% macro postgres__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {%- set columns = [] -%}
    {%- set numerics = [] -%}
    {%- for column in adapter.get_column_schema_from_query(get_empty_subquery_sql(main_sql)) if column.dtype | upper in ['DECIMAL', 'NUMERIC'] -%}
        {%- do numerics.append(column.name | lower) -%}
    {%- endfor -%}
    {%- for name in expected_column_names -%}
        {%- do columns.append("trim_scale(" ~ name ~ ") as " ~ name if name | replace('"', '') | lower in numerics else name) -%}
    {%- endfor -%}
    {{ default__get_unit_test_sql(
        "select " ~ columns | join(', ') ~ " from (" ~ main_sql ~ "\n) as actual_rows",
        "select " ~ columns | join(', ') ~ " from (" ~ expected_fixture_sql ~ "\n) as expected_rows",
        expected_column_names
    ) }}
{%- endmacro %}
{# Redshift's adapter goes by PostgreSQL's macros where it has none, and has no trim_scale. #}
{% macro redshift__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {{ default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) }}
{%- endmacro %}
