{# CTEs, the last of them validated_rows: the rows of a raw table with the one reason why a row cannot be used, if any.
   {{ validated_rows('orders', raw, rates=ref(...), rejected_customers=ref(...)) }}, the last two where the contract names money or a customer ->
     main_date, reporting_rate   when the row happened; with money: what one unit of the row's currency is worth on that day
     rejection_reason, raw_row   the first reason that holds, and the raw row as JSON if there is one
   It reads checked_rows, or the CTE `rows` that derives from it; `invalid_if` is a condition of the table's own for `invalid_reason`. Copies (rows
   that are equal once cleaned) and older versions of a key (by updated_at, else loaded_at, else the file, see raw_columns, else contract.later_by) are rejected
   last, then test accounts and bots. What depends on the as-of date is decided by row_outcomes. #}
{% macro validated_rows(table, raw, rows='checked_rows', rates=none, rejected_customers=none, invalid_if=none, invalid_reason='invalid_enum') %}
{%- if execute -%}
{%- set contract, mains = customer_lifecycle.raw_table(table), customer_lifecycle.main_columns(table) -%}
{%- set is_date = mains == ['date'] -%}
{%- set main_dates = [] -%}
{%- for main in mains -%}{%- do main_dates.append(rows ~ '.' ~ ('date_day' if is_date else main[:-3] ~ '_date')) -%}{%- endfor -%}
{%- set started_at = customer_lifecycle.build_started_at() -%}
{%- set zones = raw.date.zones if raw.date else {'': 'UTC'} -%}
{%- set loaded_date = customer_lifecycle.business_date('loaded_at', 'brand', zones) -%}
{%- set started_date = customer_lifecycle.business_date(started_at, 'brand', zones) -%}
{%- set keys = ['brand'] -%}
{%- for key in contract.key -%}
    {%- set empty, column = contract.columns[key].empty_means, customer_lifecycle.column_name(key) -%}
    {%- set empty = "'" ~ empty ~ "'" if empty and contract.columns[key].type == 'text' else empty -%}
    {%- do keys.append('coalesce(' ~ column ~ ', ' ~ empty ~ ')' if empty else column) -%}
{%- endfor -%}
{%- set reporting_currency = "'" ~ customer_lifecycle.setting('reporting_currency') | upper ~ "'" -%}
{%- set json = {} -%}
{%- for name, column in raw.items() if name != '_file_number' -%}{%- do json.update({name: column.value}) -%}{%- endfor -%}
{%- set json = customer_lifecycle.row_as_json(json) if json else 'cast(null as ' ~ customer_lifecycle.text_type() ~ ')' -%}
{%- set versions = 'partition by ' ~ keys | join(', ') ~ ', own_reason is null' -%}
{%- set latest_first -%}
    order by {{ 'updated_at desc nulls last, ' if 'updated_at' in contract.columns }}loaded_at desc nulls last
    {{- ', ' ~ raw._file_number.value ~ ' desc' if raw._file_number }}{{ ', ' ~ contract.later_by ~ ' desc nulls last' if contract.later_by }}
{%- endset -%}
{% if contract.money -%}
last_rates as (
    select max(date_day) as last_date from {{ rates }}
),

{% endif -%}
valued_rows as {{ customer_lifecycle.inlined() }} (
    select
        {{ rows }}.*,
        {%- if contract.money %}
        case when {{ rows }}.currency = {{ reporting_currency }} then cast(1 as decimal(18, 8)) else rates.rate end as reporting_rate,
        {%- endif %}
        {{ 'coalesce(' ~ main_dates | join(', ') ~ ')' if mains else 'cast(null as date)' }} as main_date
    from {{ rows }}
    {%- if contract.money %}
    cross join last_rates
    left join {{ rates }} as rates
        on case when {{ rows }}.currency <> {{ reporting_currency }} then {{ rows }}.currency end = rates.currency
        and least(coalesce({{ (main_dates + ['last_rates.last_date']) | join(', ') }}), last_rates.last_date) = rates.date_day
    {%- endif %}
),

reasoned_rows as {{ customer_lifecycle.inlined() }} (
    select
        valued_rows.*,
        case
            when value_reason is not null then value_reason
            {%- if is_date %}
            when date_day <= cast('1970-01-01' as date) then 'implausible_timestamp'
            when date_day > coalesce({{ loaded_date }}, {{ started_date }}) then 'future_timestamp'
            {%- elif mains %}
            when coalesce({{ mains | join(', ') }}) < cast('1970-01-02 00:00:00' as {{ customer_lifecycle.timestamp_type() }}) then 'implausible_timestamp'
            when coalesce({{ mains | join(', ') }}) > coalesce(loaded_at, {{ started_at }}) then 'future_timestamp'
            {%- endif %}
            {%- for name, column in contract.columns.items() if column.required and column.not_negative %}
            when {{ name }} < 0 then 'negative_amount'
            {%- endfor %}
            {{ 'when ' ~ contract.money ~ " is not null and reporting_rate is null then 'unknown_currency'" if contract.money }}
            {{ 'when ' ~ invalid_if ~ " then '" ~ invalid_reason ~ "'" if invalid_if }}
        end as own_reason
    from valued_rows
),

numbered_rows as (
    select
        reasoned_rows.*,
        {%- for name in contract.one_buyer or [] %}
        first_value({{ name }}) over ({{ versions }} {{ latest_first }}, {{ json }} desc) as current_{{ name }},
        {%- endfor %}
        rank() over ({{ versions }} {{ latest_first }}) as version_rank,
        row_number() over ({{ versions }} {{ latest_first }}, {{ json }} desc) as version_number
    from reasoned_rows
    where is_repeated
),

versioned_rows as (
    select
        numbered_rows.*,
        row_number() over (
            {{ versions }}, {{ customer_lifecycle.row_as_json(customer_lifecycle.cleaned_values(table)) }}
            order by version_number
        ) as copy_number
    from numbered_rows
    union all
    select
        reasoned_rows.*,
        {%- for name in contract.one_buyer or [] %} {{ name }} as current_{{ name }},{% endfor %}
        1 as version_rank, 1 as version_number, 1 as copy_number
    from reasoned_rows
    where not is_repeated
),

rejectable_rows as {{ customer_lifecycle.inlined() }} (
    select
        versioned_rows.*,
        case
            when own_reason is not null then own_reason
            when copy_number > 1 then 'duplicate_row'
            {%- if contract.one_buyer %}
            when {% for name in contract.one_buyer %}versioned_rows.{{ name }} <> current_{{ name }}{{ ' or (versioned_rows.' ~ name ~ ' is null or current_' ~ name ~ ' is null) and ' if not loop.last }}{% endfor %} then 'conflicting_{{ 'order' if contract.parent else 'buyer' }}'
            {%- endif %}
            when version_number > 1 then case when version_rank = 1 then 'undated_version' else 'superseded_version' end
            {{ "when is_test then 'test_account'" if 'is_test' in contract.columns }}
            {{ "when rejected_customers.rejection_reason = 'test_account' then 'test_account'" if contract.customer }}
            {{ "when is_bot then 'bot_traffic'" if 'is_bot' in contract.columns }}
            {{ "when rejected_customers.rejection_reason is not null then 'orphan_reference'" if contract.customer and not contract.allows_orphans }}
        end as rejection_reason
    from versioned_rows
    {%- if contract.customer %}
    left join {{ rejected_customers }} as rejected_customers
        on versioned_rows.brand = rejected_customers.brand and versioned_rows.{{ contract.customer }} = rejected_customers.customer_id
    {%- endif %}
),

validated_rows as (
    select
        rejectable_rows.*,
        case when rejection_reason is not null then {{ json }} end as raw_row
    from rejectable_rows
)
{%- endif -%}
{% endmacro %}
{# The start of the build as a timestamp in UTC: the setting build_started_at, which the wrapper records, else dbt's own. #}
{% macro build_started_at() -%}
    {%- set setting = customer_lifecycle.setting('build_started_at') -%}
    {%- set moment = modules.datetime.datetime.fromisoformat(setting) if setting else run_started_at -%}
    {%- if moment.tzinfo -%}{%- set moment = moment.astimezone(modules.pytz.utc) -%}{%- endif -%}
    cast('{{ moment.strftime("%Y-%m-%d %H:%M:%S") }}' as {{ customer_lifecycle.timestamp_type() }})
{%- endmacro %}
