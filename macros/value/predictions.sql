{# What the prediction step (lifecycle_tools/predictions.py) reads and writes, through whatever adapter runs. It writes three tables
   beside int_customer_purchase_summary: customer_value_predictions, a row for each pattern of purchases, value_model_fits, a row
   for each parameter of each model ever fitted, and value_model_holdout_bands, what each had said of a holdout. All may be absent.
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
        'value_model_holdout_bands': {
            'brand': text, 'as_of_date': 'date', 'holdout_days': 'integer', 'band_number': 'integer',
            'customer_count': 'bigint', 'predicted_purchases': double, 'actual_purchase_count': 'bigint',
            'predicted_revenue_amount': 'decimal(18, 2)', 'actual_revenue_amount': 'decimal(18, 2)',
            'is_used': 'boolean', 'is_amount_used': 'boolean', 'reason': text,
        },
    }) }}
{% endmacro %}
{# prediction_step_table('value_model_fits') -> "warehouse"."intermediate"."value_model_fits", whether it is there or not #}
{% macro prediction_step_table(table) %}
    {% set node = graph.nodes['model.customer_lifecycle.int_customer_purchase_summary'] %}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=table, type='table')) }}
{% endmacro %}
{# purchase_dates() -> the query for the business dates with an order that counts: a row per customer and date #}
{% macro purchase_dates() %}
    select
        customer_key,
        ordered_date as purchase_date,
        min(ordered_date) over (partition by customer_key) as first_purchase_date,
        count(*) as order_count,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where is_valid and customer_key is not null
    group by customer_key, ordered_date
{% endmacro %}
{# purchase_patterns() -> the query for customers with the same purchases, counted; amounts in hundredths, an integer. Twice: as of the
   as-of date, and (is_holdout = 1) as of the day before the last prediction_holdout_days, with what those days brought #}
{% macro purchase_patterns() %}
    {% set days = customer_lifecycle.setting('prediction_holdout_days') | int %}
    {% set keys = 'brand, as_of_date, frequency, last_purchase_age_days, age_days, repeat_revenue_amount' %}
    with

    summaries as (
        select brand, customer_key, as_of_date, frequency, last_purchase_age_days, age_days, repeat_revenue_amount
        from {{ ref('customer_lifecycle', 'int_customer_purchase_summary') }}
    ),

    ends as (
        select distinct as_of_date, {{ customer_lifecycle.add_days('as_of_date', -days) }} as calibration_end_date from summaries
    ),

    purchases as (
        select
            summaries.brand, dates.customer_key, dates.first_purchase_date, dates.purchase_date, dates.net_revenue_amount,
            ends.as_of_date, ends.calibration_end_date,
            case when dates.purchase_date > ends.calibration_end_date then 1 else 0 end as is_held_out
        from ({{ customer_lifecycle.purchase_dates() }}) as dates
        inner join summaries on dates.customer_key = summaries.customer_key
        inner join ends on dates.first_purchase_date <= ends.calibration_end_date
    ),

    last_dates as (
        select
            brand, customer_key, as_of_date, calibration_end_date, first_purchase_date,
            max(case when is_held_out = 0 then purchase_date end) as last_purchase_date,
            sum(1 - is_held_out) - 1 as frequency,
            sum(is_held_out) as holdout_purchase_count,
            sum(case when is_held_out = 0 and purchase_date > first_purchase_date then net_revenue_amount else 0 end)
                as repeat_revenue_amount,
            sum(is_held_out * net_revenue_amount) as holdout_revenue_amount
        from purchases
        group by brand, customer_key, as_of_date, calibration_end_date, first_purchase_date
    ),

    histories as (
        select
            brand, as_of_date, 0 as is_holdout, frequency, last_purchase_age_days, age_days, repeat_revenue_amount,
            0 as holdout_purchase_count, 0 as holdout_revenue_amount
        from summaries
        union all
        select
            brand, as_of_date, 1, frequency,
            {{ customer_lifecycle.days_between('first_purchase_date', 'last_purchase_date') }},
            {{ customer_lifecycle.days_between('first_purchase_date', 'calibration_end_date') }},
            repeat_revenue_amount, holdout_purchase_count, holdout_revenue_amount
        from last_dates
    )

    select
        brand, as_of_date, is_holdout, frequency, last_purchase_age_days, age_days,
        cast(round(repeat_revenue_amount * 100, 0) as bigint) as repeat_revenue_hundredths,
        count(*) as customer_count,
        cast(sum(holdout_purchase_count) as bigint) as holdout_purchase_count,
        cast(round(sum(holdout_revenue_amount) * 100, 0) as bigint) as holdout_revenue_hundredths,
        {{ days }} as holdout_days,
        {{ customer_lifecycle.setting('prediction_error_limit') }} as error_limit
    from histories
    group by {{ keys }}, is_holdout
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
