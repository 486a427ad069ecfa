{# What the prediction step (lifecycle_tools/predictions.py) reads and writes, through whatever adapter runs. It writes two tables
   beside int_customer_purchase_summary: customer_value_predictions, a row for each pattern of purchases, and value_model_fits, a
   row for each parameter of each model ever fitted. Both may be absent.
   rows_of_prediction_step('value_model_fits') -> the query that reads the table, or an empty one of the same columns #}
{% macro rows_of_prediction_step(table) -%}
    {%- set columns = customer_lifecycle.prediction_step_columns()[table] -%}
    {%- set relation = customer_lifecycle.existing(customer_lifecycle.prediction_step_table(table)) if execute else none -%}
    select
        {% for name, data_type in columns.items() -%}
        {{ name if relation else 'cast(null as ' ~ data_type ~ ') as ' ~ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    {% if relation -%} from {{ relation }} {%- else -%} where 1 = 0 {%- endif %}
{%- endmacro %}
{# prediction_step_columns() -> {table: {column: type}} #}
{% macro prediction_step_columns() %}
    {% set text, double = customer_lifecycle.text_type() | trim, customer_lifecycle.double_type() | trim %}
    {{ return({
        'customer_value_predictions': {
            'brand': text, 'as_of_date': 'date',
            'frequency': 'bigint', 'last_purchase_age_days': 'integer', 'age_days': 'integer',
            'repeat_revenue_amount': 'decimal(18, 2)', 'p_alive': double,
            'predicted_purchases_90d': double, 'predicted_purchases_365d': double,
            'expected_purchase_amount': double, 'predicted_clv_365d': double,
        },
        'value_model_fits': {
            'brand': text, 'as_of_date': 'date', 'model': text, 'parameter': text,
            'parameter_value': double, 'log_likelihood': double, 'customer_count': 'bigint',
        },
    }) }}
{% endmacro %}
{# prediction_step_table('value_model_fits') -> "warehouse"."intermediate"."value_model_fits", whether it is there or not #}
{% macro prediction_step_table(table) %}
    {% set node = graph.nodes['model.customer_lifecycle.int_customer_purchase_summary'] %}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=table, type='table')) }}
{% endmacro %}
{# purchase_patterns() -> the query for customers with the same purchases, counted; amounts in hundredths, an integer #}
{% macro purchase_patterns() %}
    select
        brand, as_of_date, frequency, last_purchase_age_days, age_days,
        cast(round(repeat_revenue_amount * 100, 0) as bigint) as repeat_revenue_hundredths,
        count(*) as customer_count
    from {{ ref('customer_lifecycle', 'int_customer_purchase_summary') }}
    group by brand, as_of_date, frequency, last_purchase_age_days, age_days, repeat_revenue_amount
{% endmacro %}
{# export_purchase_patterns('patterns.parquet') writes the query's rows to the file on engines that can; else nothing #}
{% macro export_purchase_patterns(file) %}{{ return(adapter.dispatch('export_purchase_patterns', 'customer_lifecycle')(file)) }}{% endmacro %}
{% macro default__export_purchase_patterns(file) %}{% endmacro %}
{% macro duckdb__export_purchase_patterns(file) %}
    {% do run_query("copy (" ~ customer_lifecycle.purchase_patterns() ~ ") to '" ~ file | replace("'", "''") ~ "' (format parquet)") %}
{% endmacro %}
{# write_prediction_rows(table, as_of_date, batches) adds rows to a new table that has no reader yet. `batches` are lists of a
   brand and lines of SQL values, brand and as-of date left out; `first` begins the table, with keep_other_dates by what the
   present one says of other as-of dates; `file` holds rows, on engines that export; the tables in `publish` are complete. #}
{% macro write_prediction_rows(table, as_of_date, batches=[], first=false, keep_other_dates=false, file=none, publish=[]) %}
    {% set new_table = customer_lifecycle.prediction_step_table(table ~ '__new') %}
    {% set columns = customer_lifecycle.prediction_step_columns()[table] | join(', ') %}
    {% set date = "cast('" ~ as_of_date ~ "' as date)" %}
    {% if first %}
        {% set leftover = load_relation(new_table) %}
        {% if leftover %} {% do adapter.drop_relation(leftover) %} {% endif %}
        {% call statement('begin', auto_begin=true) %}
            create table {{ new_table }} as
            select * from ({{ customer_lifecycle.rows_of_prediction_step(table) }}) as present_rows
            where {{ 'as_of_date <> ' ~ date if keep_other_dates else '1 = 0' }}
        {% endcall %}
    {% endif %}
    {% if file %}
        {% call statement('insert_file', auto_begin=true) %}
            insert into {{ new_table }} ({{ columns }}) select {{ columns }} from read_parquet('{{ file | replace("'", "''") }}')
        {% endcall %}
    {% endif %}
    {% for brand, rows in batches %}
        {% set start = "(" ~ customer_lifecycle.text_literal(brand) | trim ~ ", " ~ date ~ ", " %}
        {% for lines in rows.split('\n') | select | batch(1000) %}
            {% call statement('insert', auto_begin=true) %}
                insert into {{ new_table }} ({{ columns }}) values
                {{ start ~ lines | join('),\n' ~ start) ~ ')' }}
            {% endcall %}
        {% endfor %}
    {% endfor %}
    {% for name in publish %}
        {% set present = load_relation(customer_lifecycle.prediction_step_table(name)) %}
        {% if present %} {% do adapter.drop_relation(present) %} {% endif %}
        {% set complete = customer_lifecycle.prediction_step_table(name ~ '__new') %}
        {% do adapter.rename_relation(complete, customer_lifecycle.prediction_step_table(name)) %}
    {% endfor %}
    {% do adapter.commit() %}
{% endmacro %}
