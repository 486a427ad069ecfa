{# A CTE, checked_rows: the rows of cleaned_rows, or of another CTE, with impossible values made null where the row can do without them, and
   {{ checked_rows('orders', raw) }} ->
     <name>_date          the business date of each <name>_at
     cleaning_failures    '|tax_amount:unparseable_value|cancelled_at:implausible_timestamp|': the optional values that are null now
     value_reason         why the row cannot be used, if its values say so: missing_key, rounded_id, unparseable_value and others
   A time on the first day of 1970 is the zero of a computer's clock, for never; an amount of a trillion is a slip or a mark for nothing. #}
{% macro checked_rows(table, raw, rows='cleaned_rows') %}
{%- set contract = customer_lifecycle.raw_table(table) -%}
{%- set earliest = "cast('1970-01-02 00:00:00' as " ~ customer_lifecycle.timestamp_type() ~ ')' -%}
{%- set optional, failures, absent, missing_key = customer_lifecycle.optional_failures(table), [], {}, [] -%}
{%- for name, column in contract.columns.items() -%}
    {%- set given = raw[name] -%}
    {%- do absent.update({name: 'true' if not given else (customer_lifecycle.column_name(name) if given.is_native else given.as_text) ~ ' is null'}) -%}
    {%- if name in contract.key and not column.empty_means -%}{%- do missing_key.append(name ~ ' is null' if column.type == 'customer_id' else absent[name]) -%}{%- endif -%}
{%- endfor -%}
{%- for name, reason in optional if raw[name] -%}
    {%- set column = raw[name] -%}
    {%- if reason == 'negative_amount' -%}{%- do failures.append([name, reason, name ~ ' < 0']) -%}
    {%- elif reason == 'implausible_amount' -%}{%- do failures.append([name, reason, 'abs(' ~ name ~ ') >= 1000000000000']) -%}
    {%- elif reason == 'above_total' -%}{%- do failures.append([name, reason, name ~ ' > total_amount + coalesce(gift_card_amount, 0)']) -%}
    {%- elif reason == 'rounded_id' -%}{%- do failures.append([name, reason, customer_lifecycle.is_rounded_id(column.as_text)]) -%}
    {%- elif reason == 'implausible_timestamp' -%}{%- do failures.append([name, reason, name ~ ' < ' ~ earliest]) -%}
    {%- elif not column.is_native -%}{%- do failures.append([name, reason, column.as_text ~ ' is not null and ' ~ name ~ ' is null' ~ (' and not ' ~ customer_lifecycle.is_rounded_id(column.as_text) if reason == 'placeholder_id')]) -%}
    {%- elif column.family == 'number' -%}
        {%- set text = 'lower(cast(' ~ column.value ~ ' as ' ~ customer_lifecycle.text_type() ~ '))' -%}
        {%- do failures.append([name, reason, text ~ " <> 'nan' and " ~ name ~ ' is null']) -%}
    {%- endif -%}
{%- endfor -%}
checked_rows as {{ customer_lifecycle.inlined() }} (
    select
        {%- for column in raw.values() %} {{ column.value }},{% endfor %}
        {%- for name, column in contract.columns.items() %}
        {%- set limits = [] %}
        {%- if column.not_negative and not column.required %}{% do limits.append(name ~ ' >= 0') %}{% endif %}
        {%- if [name, 'implausible_timestamp'] in optional %}{% do limits.append(name ~ ' >= ' ~ earliest) %}{% endif %}
        {%- if [name, 'implausible_amount'] in optional and raw[name] %}{% do limits.append('abs(' ~ name ~ ') < 1000000000000') %}{% endif %}
        {%- if [name, 'above_total'] in optional and raw[name] %}{% do limits.append('not coalesce(' ~ name ~ ' > total_amount + coalesce(gift_card_amount, 0), false)') %}{% endif %}
        {%- set value = 'case when ' ~ limits | join(' and ') ~ ' then ' ~ name ~ ' end' if limits else customer_lifecycle.column_name(name) %}
        {{ value }} as {{ customer_lifecycle.column_name(name) }},
        {%- if column.type == 'timestamp' and name != 'loaded_at' %}
        {{ customer_lifecycle.clean_date(raw[name], value) }} as {{ name[:-3] }}_date,
        {%- endif %}
        {%- endfor %}
        {%- if failures %}
        case
            when {% for name, reason, condition in failures %}{{ condition }}{{ ' or ' if not loop.last }}{% endfor %}
            then '|'{% for name, reason, condition in failures %} || case when {{ condition }} then '{{ name }}:{{ reason }}|' else '' end{% endfor %}
        end as cleaning_failures,
        {%- else %}
        cast(null as {{ customer_lifecycle.text_type() }}) as cleaning_failures,
        {%- endif %}
        case
            when {{ missing_key | join(' or ') or 'false' }} then 'missing_key'
            {%- for name, column in contract.columns.items() if (column.required or name in contract.key) and column.type in ['id', 'customer_id'] and raw[name] %}
            when {{ customer_lifecycle.is_rounded_id(raw[name].as_text) }} then 'rounded_id'
            {%- endfor %}
            {%- for column in customer_lifecycle.marked_amounts(table, raw) if contract.columns.currency %}
            when {{ customer_lifecycle.contradicts_currency(column, 'currency') }} then 'conflicting_currency'
            {%- endfor %}
            {%- for name, column in contract.columns.items() if column.required and column.type not in ['id', 'customer_id', 'text', 'code'] %}
            when not ({{ absent[name] }}) and {{ customer_lifecycle.column_name(name) }} is null then 'unparseable_value'
            {%- endfor %}
            {%- for name, column in contract.columns.items() if column.required and name not in contract.key %}
            when {{ name }} is null then 'missing_required_value'
            {%- endfor %}
            {%- for name, column in contract.columns.items() if column.required and column.type == 'amount' %}
            when abs({{ name }}) >= 1000000000000 then 'implausible_amount'
            {%- endfor %}
        end as value_reason,
        record_key, is_repeated, loaded_batch, raw_fingerprint, cleaning_rules
    from {{ rows }}
)
{%- endmacro %}
{# column_name('date') -> 'date_day', as `date` is a word of SQL #}
{% macro column_name(name) -%} {{ return('date_day' if name == 'date' else name) }} {%- endmacro %}
{# main_columns('subscriptions') -> ['trial_started_at', 'started_at'] #}
{% macro main_columns(table) -%}
    {%- set main = customer_lifecycle.raw_table(table).main or [] -%}
    {{ return([main] if main is string else main) }}
{%- endmacro %}
{# optional_failures('orders') -> [['tax_amount', 'unparseable_value'], ...]: what may be wrong with optional columns of a usable row #}
{% macro optional_failures(table) %}
    {% set failures = [] %}
    {% for name, column in customer_lifecycle.raw_table(table).columns.items() if not column.required %}
        {% if column.type == 'customer_id' or name in ['anonymous_id', 'cart_id', 'order_id', 'affiliate_id'] %}{% do failures.append([name, 'placeholder_id']) %}{% endif %}
        {% if column.type not in ['id', 'customer_id', 'text', 'code', 'currency'] %}
            {% do failures.append([name, 'invalid_enum' if column.type in ['country', 'subscription_status'] else 'unparseable_value']) %}
        {% endif %}
        {% if column.type in ['id', 'customer_id'] and name not in customer_lifecycle.raw_table(table).key %}{% do failures.append([name, 'rounded_id']) %}{% endif %}
        {% if column.type == 'amount' %}{% do failures.append([name, 'implausible_amount']) %}{% endif %}
        {% if column.at_most_total %}{% do failures.append([name, 'above_total']) %}{% endif %}
        {% if column.not_negative %}{% do failures.append([name, 'negative_amount']) %}{% endif %}
        {% if column.type == 'timestamp' and name not in customer_lifecycle.main_columns(table) %}
            {% do failures.append([name, 'implausible_timestamp']) %}
        {% endif %}
    {% endfor %}
    {{ return(failures) }}
{% endmacro %}
