{#
    Every row of a raw table, cleaned and typed by the raw contract, with the reason why it cannot be used, if any.

    base_rows('refunds') -> a query with brand, the contract's columns (date is called date_day), a business date beside
    each timestamp, person ids, main_date, record_key, rejection_reason, cleaning_failures ('|tax_amount:unparseable_value|'),
    raw_row (JSON, for rejected rows only). A missing table gives no row, a missing column null.

    One reason a row, the first that holds: see rejection_reason below. Of the rows that survive the checks, exact copies
    and older versions of a key are rejected; then test accounts and bots. What depends on the as-of date (held back,
    erased, orphaned) is decided by judged_rows.

    Only keys that occur more than once go through a window: they are found first, by a plain aggregate. In an increment
    only rows that changed_rows.sql finds are cleaned. It is told by three columns: loaded_batch and raw_fingerprint of the raw
    row, and cleaning_rules, a number that changes with anything that the cleaning itself depends on.
#}
{% macro base_rows(table) %}
{{- config(
    materialized=customer_lifecycle.incremental_or_table(),
    incremental_strategy=customer_lifecycle.append_strategy(),
    on_schema_change='append_new_columns',
    pre_hook=[
        "{{ customer_lifecycle.drop_changed_rows() }}",
        "{{ customer_lifecycle.find_changed_rows('" ~ table ~ "') }}",
        "{{ customer_lifecycle.forget_changed_rows() }}",
    ],
    post_hook="{{ customer_lifecycle.drop_changed_rows() }}",
) -}}
{%- set query = customer_lifecycle.base_query(table) -%}
{%- set rules = customer_lifecycle.cleaning_rules(table, query) -%}
{%- set cleans_all = not customer_lifecycle.can_clean_changes_alone(rules) -%}
{{ query
    | replace('__rows_to_clean__', 'raw_rows' if cleans_all else 'rows_to_clean')
    | replace('__rows_to_clean_cte__', '' if cleans_all else customer_lifecycle.rows_to_clean())
    | replace('__cleaning_rules__', rules) }}
{% endmacro %}


{# base_query('refunds') -> the query of base_rows, with words between double underscores where the kind of build makes a difference #}
{% macro base_query(table) %}
{%- set contract = customer_lifecycle.raw_contract()[table] -%}
{%- set columns = customer_lifecycle.raw_table_columns(table) -%}
{%- set relation = customer_lifecycle.raw_relation(table) -%}
{%- set found = customer_lifecycle.raw_columns(table) -%}
{%- if execute and table in customer_lifecycle.raw_models() -%}
    {%- do customer_lifecycle.check_required_columns(table, found.keys() | list, relation) -%}
{%- endif -%}
{%- set zones = customer_lifecycle.business_time_zones() -%}
{%- set reporting_currency = customer_lifecycle.setting('reporting_currency') | upper -%}
{%- set mains = [contract.main] if contract.main is string else contract.main or [] -%}
{%- set keys = [] -%}
{%- for key in contract['keys'] -%}{%- do keys.append('date_day' if key == 'date' else key) -%}{%- endfor -%}
{%- set key_columns = ['brand'] + contract['keys'] -%}
with

{{ customer_lifecycle.keyed_rows(table, '__rows_to_clean__', '__rows_to_clean_cte__') }},

repeated_keys as (
    select
        brand,
        parsed__{{ contract['keys'] | join(', parsed__') }}
    from keyed_rows
    where parsed__{{ contract['keys'][0] }} is not null
    group by brand, parsed__{{ contract['keys'] | join(', parsed__') }}
    having count(*) > 1
),

marked_rows as {{ customer_lifecycle.inlined() }} (
    select
        keyed_rows.*,
        repeated_keys.brand is not null as is_repeated
    from keyed_rows
    left join repeated_keys
        on keyed_rows.brand = repeated_keys.brand
        {%- for key in contract['keys'] %}
        and keyed_rows.parsed__{{ key }} = repeated_keys.parsed__{{ key }}
        {%- endfor %}
),

trimmed_rows as {{ customer_lifecycle.inlined() }} (
    select
        {%- for name, column in columns.items() if name not in key_columns %}
        {{ customer_lifecycle.trimmed_text('raw__' ~ name, found.get(name), column[0]) }} as trimmed__{{ name }},
        {%- endfor %}
        marked_rows.*
    from marked_rows
),

text_rows as {{ customer_lifecycle.inlined() }} (
    select
        {%- for name in columns if name not in key_columns %}
        {{ customer_lifecycle.null_words_as_null('trimmed__' ~ name) }} as text__{{ name }},
        {%- endfor %}
        trimmed_rows.*
    from trimmed_rows
),

parsed_rows as {{ customer_lifecycle.inlined() }} (
    select
        {%- for name, column in columns.items() if name not in key_columns %}
        {{ customer_lifecycle.parsed_value(name, column[0], found.get(name), zones) }} as parsed__{{ name }},
        {%- endfor %}
        text_rows.*
    from text_rows
),

checked_rows as {{ customer_lifecycle.inlined() }} (
    select
        parsed_rows.*,
        {%- for name, column in columns.items() if name != 'brand' %}
        {{ customer_lifecycle.checked_value(name, column, mains) }} as {{ 'date_day' if name == 'date' else name }},
        {%- if column[0] == 'timestamp' and name != 'loaded_at' %}
        {{ customer_lifecycle.checked_date(name, column, mains, found.get(name), zones) }} as {{ name[:-3] }}_date,
        {%- endif %}
        {%- endfor %}
        {{ customer_lifecycle.cleaning_failures(columns, found, mains) }} as cleaning_failures,
        {%- if table == 'orders' %}
        order_statuses.effect as status_row_effect,
        order_statuses.is_engagement as status_row_is_engagement,
        {%- endif %}
        {%- if mains %}
        coalesce({% for main in mains %}parsed__{{ main }}{{ ', ' if not loop.last }}{% endfor %}) as main_at,
        {%- endif %}
        case
            when {% for key in contract['keys'] %}{{ customer_lifecycle.is_absent(key, found) }}{{ ' or ' if not loop.last }}{% endfor %}
            then 'missing_key'
            {%- for name, column in columns.items() if 'required' in column and column[0] not in ['id', 'text', 'code'] %}
            when not {{ customer_lifecycle.is_absent(name, found) }} and parsed__{{ name }} is null then 'unparseable_value'
            {%- endfor %}
            {%- for name, column in columns.items() if 'required' in column and name not in contract['keys'] %}
            when parsed__{{ name }} is null then 'missing_required_value'
            {%- endfor %}
        end as value_reason
    from parsed_rows
    {%- if 'country_code' in columns %}
    left join {{ ref('country_aliases') }} as country_aliases
        on lower(parsed_rows.parsed__country_code) = country_aliases.alias
    {%- endif %}
    {%- if table == 'orders' %}
    left join {{ ref('order_statuses') }} as order_statuses
        on parsed_rows.parsed__status = order_statuses.status
    {%- endif %}
),

{% if contract.money -%}
rate_range as (
    select max(date_day) as last_date from {{ ref('base_calendar__exchange_rates') }}
),
{%- endif %}

main_rows as {{ customer_lifecycle.inlined() }} (
    select
        checked_rows.*,
        {%- if contract.money %}
        case
            when checked_rows.currency = '{{ reporting_currency }}' then cast(1 as decimal(18, 8))
            else exchange_rates.rate
        end as reporting_rate,
        {%- endif %}
        {% if mains -%}
        coalesce({% for main in mains %}checked_rows.{{ 'date_day' if main == 'date' else main[:-3] ~ '_date' }}{{ ', ' if not loop.last }}{% endfor %})
        {%- else -%} cast(null as date) {%- endif %} as main_date
    from checked_rows
    {%- if contract.money %}
    cross join rate_range
    left join {{ ref('base_calendar__exchange_rates') }} as exchange_rates
        on case when checked_rows.currency <> '{{ reporting_currency }}' then checked_rows.currency end = exchange_rates.currency
        and least(
            coalesce({% for main in mains %}checked_rows.{{ 'date_day' if main == 'date' else main[:-3] ~ '_date' }}, {% endfor %}rate_range.last_date),
            rate_range.last_date
        ) = exchange_rates.date_day
    {%- endif %}
),

reasoned_rows as {{ customer_lifecycle.inlined() }} (
    select
        main_rows.*,
        {%- if table == 'orders' %}
        case when text__status is null then 'purchase' else status_row_effect end as status_effect,
        case when text__status is null then true else status_row_is_engagement end as is_engagement,
        {%- endif %}
        case
            when value_reason is not null then value_reason
            {%- if mains == ['date'] %}
            when main_at < cast('1970-01-01' as date) then 'implausible_timestamp'
            when main_at > coalesce({{ customer_lifecycle.business_date('loaded_at', 'brand', zones) }}, {{ customer_lifecycle.business_date(customer_lifecycle.build_started_at(), 'brand', zones) }}) then 'future_timestamp'
            {%- elif mains %}
            when main_at < cast('1970-01-01 00:00:00' as {{ customer_lifecycle.timestamp_type() }}) then 'implausible_timestamp'
            when main_at > coalesce(loaded_at, {{ customer_lifecycle.build_started_at() }}) then 'future_timestamp'
            {%- endif %}
            {%- for name, column in columns.items() if 'required' in column and 'positive' in column %}
            when {{ name }} < 0 then 'negative_amount'
            {%- endfor %}
            {%- if contract.money %}
            when {{ contract.money }} is not null and reporting_rate is null then 'unknown_currency'
            {%- endif %}
            {%- if table == 'orders' %}
            when text__status is not null and status_row_effect is null then 'invalid_enum'
            {%- elif table == 'identity_links' %}
            when id_type not in ('customer_id', 'anonymous_id', 'email') then 'invalid_enum'
            {%- endif %}
        end as own_reason
    from main_rows
),

repeated_rows as (
    select
        reasoned_rows.*,
        row_number() over (
            partition by brand, {{ keys | join(', ') }}, own_reason is null
            order by {{ 'updated_at desc nulls last, ' if 'updated_at' in columns }}loaded_at desc nulls last, {{ customer_lifecycle.raw_row_json(found) }} desc
        ) as version_number,
        rank() over (
            partition by brand, {{ keys | join(', ') }}, own_reason is null
            order by {{ 'updated_at desc nulls last, ' if 'updated_at' in columns }}loaded_at desc nulls last, {{ customer_lifecycle.raw_row_json(found) }} desc
        ) as version_rank
    from reasoned_rows
    where is_repeated
),

versioned_rows as (
    select
        reasoned_rows.*,
        1 as version_number,
        1 as version_rank
    from reasoned_rows
    where not is_repeated

    union all

    select repeated_rows.* from repeated_rows
),

judged_rows as (
    select
        versioned_rows.*,
        case
            when own_reason is not null then own_reason
            when version_number > version_rank then 'duplicate_row'
            when version_number > 1 then 'superseded_version'
            {%- if 'is_test' in columns %}
            when is_test then 'test_account'
            {%- endif %}
            {%- if contract.customers %}
            {%- if table != 'customers' %}
            when rejected_customers.rejection_reason = 'test_account' then 'test_account'
            {%- endif %}
            {%- endif %}
            {%- if 'is_bot' in columns %}
            when is_bot then 'bot_traffic'
            {%- endif %}
            {%- if contract.customers and table not in ['customers', 'identity_links'] %}
            when rejected_customers.rejection_reason is not null then 'orphan_reference'
            {%- endif %}
        end as rejection_reason
    from versioned_rows
    {%- if contract.customers and table != 'customers' %}
    {{ customer_lifecycle.join_rejected_customers(table) }}
    {%- endif %}
),

base_{{ contract.domain }}__{{ table }} as (
    select
        brand,
        {%- for name, column in columns.items() if name not in ['brand', 'loaded_at', 'deleted_at'] %}
        {{ 'date_day' if name == 'date' else name }},
        {%- if column[0] == 'timestamp' %}
        {{ name[:-3] }}_date,
        {%- endif %}
        {%- endfor %}
        {%- if table == 'orders' %}
        status_effect,
        is_engagement,
        {%- endif %}
        {%- if contract.money %}
        reporting_rate,
        {%- endif %}
        {{- customer_lifecycle.person_columns(table) }}
        loaded_at,
        deleted_at,
        deleted_date,
        main_date,
        {{ customer_lifecycle.record_key(table) }} as record_key,
        loaded_batch,
        raw_fingerprint,
        cast(__cleaning_rules__ as integer) as cleaning_rules,
        rejection_reason,
        cleaning_failures,
        case when rejection_reason is not null then {{ customer_lifecycle.raw_row_json(found) }} end as raw_row
    from judged_rows
)

select * from base_{{ contract.domain }}__{{ table }}
{% endmacro %}


{#
    CTEs, the last of them called keyed_rows: the rows of a raw table with brand and parsed keys (record_key makes one text of them), and with
    loaded_batch and raw_fingerprint, by which increments tell what has changed. `rows` names the CTE that is parsed:
    raw_rows for all, or one that `more_ctes` derives from it.
#}
{% macro keyed_rows(table, rows='raw_rows', more_ctes='') %}
{%- set contract = customer_lifecycle.raw_contract()[table] -%}
{%- set columns = customer_lifecycle.raw_table_columns(table) -%}
{%- set found = customer_lifecycle.raw_columns(table) -%}
{%- set found_names = customer_lifecycle.raw_column_names(table) -%}
{%- set zones = customer_lifecycle.business_time_zones() -%}
{%- set key_columns = ['brand'] + contract['keys'] -%}
raw_rows as {{ customer_lifecycle.inlined() }} (
    {% if found -%}
    select
        {%- for name, spelling in found_names.items() %}
        {{ adapter.quote(spelling) }} as {{ customer_lifecycle.raw_name(name) }},
        {%- endfor %}
        {{ customer_lifecycle.loaded_batch(found_names) }} as loaded_batch,
        {{ customer_lifecycle.raw_row_fingerprint(found_names) }} as raw_fingerprint
    from {{ customer_lifecycle.raw_relation(table) }}
    {%- else -%}
    select
        cast(null as {{ customer_lifecycle.text_type() }}) as raw__brand,
        {{ customer_lifecycle.loaded_batch({}) }} as loaded_batch,
        {{ customer_lifecycle.row_fingerprint(["'nothing'"]) }} as raw_fingerprint
    from (select 1 as nothing) as nothing
    where false
    {%- endif %}
),

{{ more_ctes }}trimmed_keys as {{ customer_lifecycle.inlined() }} (
    select
        {{ rows }}.*,
        {%- for name in key_columns %}
        {{ customer_lifecycle.trimmed_text('raw__' ~ name, found.get(name), columns[name][0]) }} as trimmed__{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ rows }}
),

key_texts as {{ customer_lifecycle.inlined() }} (
    select
        trimmed_keys.*,
        {%- for name in key_columns %}
        {{ customer_lifecycle.null_words_as_null('trimmed__' ~ name) }} as text__{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from trimmed_keys
),

keyed_rows as {{ customer_lifecycle.inlined() }} (
    select
        key_texts.*,
        {%- for name in contract['keys'] %}
        {{ customer_lifecycle.parsed_value(name, columns[name][0], found.get(name), zones) }} as parsed__{{ name }},
        {%- endfor %}
        coalesce({{ customer_lifecycle.clean_id('text__brand') }}, 'default') as brand
    from key_texts
)
{%- endmacro %}


{# record_key('ad_performance') -> the key of a row of keyed_rows as one text: 2024-01-31|c1 #}
{% macro record_key(table) -%}
    {%- set columns = customer_lifecycle.raw_table_columns(table) -%}
    {%- for key in customer_lifecycle.raw_contract()[table]['keys'] -%}
        {{ 'cast(parsed__' ~ key ~ ' as ' ~ customer_lifecycle.text_type() ~ ')' if columns[key][0] == 'date' else 'parsed__' ~ key }}{{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# join_rejected_customers('refunds') -> the join of versioned_rows to the customer that their row names, if no row of that one can be used #}
{% macro join_rejected_customers(table) -%}
    left join {{ ref('base_shop__rejected_customers') }} as rejected_customers
        on versioned_rows.brand = rejected_customers.brand
        {%- if table == 'identity_links' %}
        and case when versioned_rows.id_type = 'customer_id' then versioned_rows.id_value end = rejected_customers.customer_id
        {%- else %}
        and versioned_rows.{{ customer_lifecycle.raw_contract()[table].customers[0] }} = rejected_customers.customer_id
        {%- endif %}
{%- endmacro %}


{# raw_name('email') -> raw__email; quoted only where it has to be, because a quoted name is another one where names fold to upper case #}
{% macro raw_name(name) -%}
    {{ 'raw__' ~ name if modules.re.match('^[a-z0-9_]+$', name) else adapter.quote('raw__' ~ name) }}
{%- endmacro %}


{# trimmed_text('raw__email', 'text', 'email') -> the raw value as trimmed text; null where the type needs no parsing #}
{% macro trimmed_text(column, family, type) -%}
    {%- set native = {'timestamp': ['timestamp', 'timestamptz', 'date'], 'date': ['timestamp', 'timestamptz', 'date'],
                      'amount': ['number'], 'number': ['number'], 'count': ['number'], 'boolean': ['boolean']} -%}
    {%- if family is none or family in native.get(type, []) -%}
        cast(null as {{ customer_lifecycle.text_type() }})
    {%- elif family == 'text' -%}
        {{ customer_lifecycle.trim_whitespace('cast(' ~ column ~ ' as ' ~ customer_lifecycle.text_type() ~ ')') }}
    {%- else -%}
        cast({{ column }} as {{ customer_lifecycle.text_type() }})
    {%- endif -%}
{%- endmacro %}


{# is_absent('order_id', found) -> is nothing given in this column of the row? #}
{% macro is_absent(name, found) -%}
    {%- set type = none -%}
    {%- if name not in found -%} true
    {%- else -%} (text__{{ name }} is null and parsed__{{ name }} is null)
    {%- endif -%}
{%- endmacro %}


{#
    parsed_value('ordered_at', 'timestamp', 'text', zones) -> the typed value of text__ordered_at, or of raw__ordered_at
    when the raw column has a type of its own; null when it does not parse
#}
{% macro parsed_value(name, type, family, zones) -%}
    {%- set text = 'text__' ~ name -%}
    {%- set raw = 'raw__' ~ name -%}
    {%- set types = {'timestamp': customer_lifecycle.timestamp_type(), 'date': 'date', 'amount': 'decimal(18, 2)', 'number': 'decimal(18, 4)',
                     'count': 'bigint', 'boolean': 'boolean'} -%}
    {%- if family is none -%}
        cast(null as {{ types.get(type, customer_lifecycle.text_type()) }})
    {%- elif type == 'id' and family == 'text' and name.endswith('customer_id') -%}
        case when {{ text }} like '%_@_%' then lower({{ text }}) else {{ customer_lifecycle.clean_id(text) }} end
    {%- elif type == 'id' -%}
        {{ customer_lifecycle.clean_id(text) if family in ['text', 'number'] else text }}
    {%- elif type == 'text' -%}
        {{ text }}
    {%- elif type == 'code' or type == 'country' -%}
        lower({{ text }})
    {%- elif type == 'email' -%}
        case when {{ text }} like '%_@_%' then lower({{ text }}) end
    {%- elif type == 'currency' -%}
        {{ customer_lifecycle.clean_currency(text) }}
    {%- elif type == 'timestamp' -%}
        {%- if family == 'timestamp' -%} cast({{ raw }} as {{ customer_lifecycle.timestamp_type() }})
        {%- elif family == 'timestamptz' -%} {{ customer_lifecycle.offset_to_utc(raw) }}
        {%- elif family == 'date' -%} {{ customer_lifecycle.business_midnight(raw, customer_lifecycle.brand_of_row(), zones) }}
        {%- else -%}
        case
            when {{ customer_lifecycle.is_bare_date(text) }}
            then {{ customer_lifecycle.business_midnight(customer_lifecycle.safe_cast_to(text, 'date'), customer_lifecycle.brand_of_row(), zones) }}
            else {{ customer_lifecycle.clean_timestamp(text) }}
        end
        {%- endif -%}
    {%- elif type == 'date' -%}
        {%- if family == 'date' -%} {{ raw }}
        {%- elif family == 'timestamp' -%} {{ customer_lifecycle.business_date(raw, customer_lifecycle.brand_of_row(), zones) }}
        {%- elif family == 'timestamptz' -%} {{ customer_lifecycle.business_date(customer_lifecycle.offset_to_utc(raw), customer_lifecycle.brand_of_row(), zones) }}
        {%- else -%}
        case
            when {{ customer_lifecycle.is_bare_date(text) }} then {{ customer_lifecycle.safe_cast_to(text, 'date') }}
            else {{ customer_lifecycle.business_date(customer_lifecycle.clean_timestamp(text), customer_lifecycle.brand_of_row(), zones) }}
        end
        {%- endif -%}
    {%- elif type == 'count' -%}
        {%- set number = customer_lifecycle.safe_cast_to(raw, 'decimal(22, 4)') if family == 'number' else customer_lifecycle.clean_number(text, 'decimal(22, 4)', is_count=true) -%}
        case when {{ number }} = floor({{ number }}) then cast(floor({{ number }}) as bigint) end
    {%- elif type in ['amount', 'number'] -%}
        {{ customer_lifecycle.safe_cast_to(raw, types[type]) if family == 'number' else customer_lifecycle.clean_number(text, types[type]) }}
    {%- elif type == 'boolean' -%}
        {{ raw if family == 'boolean' else customer_lifecycle.clean_boolean(text) }}
    {%- endif -%}
{%- endmacro %}


{# the brand of a row before it has a column of its own #}
{% macro brand_of_row() -%}
    coalesce(text__brand, 'default')
{%- endmacro %}


{#
    checked_value('tax_amount', ['amount', 'positive'], mains) -> the parsed value, null when it is optional and impossible:
    an amount below zero, a time before 1970 that is not the row's main one, a country nobody knows
#}
{% macro checked_value(name, column, mains) -%}
    {%- if column[0] == 'country' -%} country_aliases.country_code
    {%- elif column[0] == 'currency' -%} coalesce(parsed__{{ name }}, '{{ customer_lifecycle.setting('reporting_currency') | upper }}')
    {%- elif 'positive' in column and 'required' not in column -%} case when parsed__{{ name }} >= 0 then parsed__{{ name }} end
    {%- elif column[0] == 'timestamp' and name not in mains -%} case when parsed__{{ name }} >= cast('1970-01-01 00:00:00' as {{ customer_lifecycle.timestamp_type() }}) then parsed__{{ name }} end
    {%- else -%} parsed__{{ name }}
    {%- endif -%}
{%- endmacro %}


{# checked_date('ordered_at', ...) -> the business date of a timestamp; a bare date is its own #}
{% macro checked_date(name, column, mains, family, zones) -%}
    {%- set value = customer_lifecycle.checked_value(name, column, mains) -%}
    {%- if family == 'date' -%}
        case when {{ value }} is not null then raw__{{ name }} end
    {%- elif family == 'text' -%}
        case
            when {{ value }} is null then null
            when {{ customer_lifecycle.is_bare_date('text__' ~ name) }} then {{ customer_lifecycle.safe_cast_to('text__' ~ name, 'date') }}
            else {{ customer_lifecycle.business_date('parsed__' ~ name, 'brand', zones) }}
        end
    {%- else -%}
        {{ customer_lifecycle.business_date(value, 'brand', zones) }}
    {%- endif -%}
{%- endmacro %}


{#
    cleaning_failures(columns, found, mains) -> '|cancelled_at:unparseable_value|' when optional values of a row had to be
    nulled, else null. Columns whose raw type leaves nothing to fail cost nothing.
#}
{% macro cleaning_failures(columns, found, mains) -%}
    {%- set failures = [] -%}
    {%- for name, column in columns.items() if name in found and 'required' not in column -%}
        {%- set given = "text__" ~ name ~ " is not null" -%}
        {%- set parsed = "parsed__" ~ name -%}
        {%- if found[name] == 'number' and column[0] in ['amount', 'number', 'count'] -%}
            {%- do failures.append([name, 'unparseable_value', "lower(cast(raw__" ~ name ~ " as " ~ customer_lifecycle.text_type() ~ ")) <> 'nan' and " ~ parsed ~ " is null"]) -%}
        {%- elif column[0] == 'country' -%}
            {%- do failures.append([name, 'invalid_enum', given ~ " and country_aliases.country_code is null"]) -%}
        {%- elif column[0] not in ['id', 'text', 'code', 'currency'] and found[name] in ['text', 'number', 'boolean'] and not (found[name] == column[0]) -%}
            {%- do failures.append([name, 'unparseable_value', given ~ " and " ~ parsed ~ " is null"]) -%}
        {%- endif -%}
        {%- if 'positive' in column -%}
            {%- do failures.append([name, 'negative_amount', parsed ~ " < 0"]) -%}
        {%- endif -%}
        {%- if column[0] == 'timestamp' and name not in mains -%}
            {%- do failures.append([name, 'implausible_timestamp', parsed ~ " < cast('1970-01-01 00:00:00' as " ~ customer_lifecycle.timestamp_type() ~ ")"]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if failures -%}
    case
        when {% for name, reason, condition in failures %}({{ condition }}){{ ' or ' if not loop.last }}{% endfor %}
        then '|'{% for name, reason, condition in failures %} || case when {{ condition }} then '{{ name }}:{{ reason }}|' else '' end{% endfor %}
    end
    {%- else -%}
    cast(null as {{ customer_lifecycle.text_type() }})
    {%- endif -%}
{%- endmacro %}


{# raw_row_json(found) -> the raw row as JSON text, all its columns, unknown ones included #}
{% macro raw_row_json(found) -%}
    {%- if found -%}
        {%- set names = {} -%}
        {%- for name in found -%}{%- do names.update({name: customer_lifecycle.raw_name(name)}) -%}{%- endfor -%}
        {{ customer_lifecycle.row_as_json(names) }}
    {%- else -%} cast(null as {{ customer_lifecycle.text_type() }})
    {%- endif -%}
{%- endmacro %}


{# The start of the build as a timestamp in UTC: the setting build_started_at, which the wrapper records, else dbt's own. #}
{% macro build_started_at() -%}
    {%- set setting = customer_lifecycle.setting('build_started_at') -%}
    {%- set moment = modules.datetime.datetime.fromisoformat(setting) if setting else run_started_at -%}
    {%- if moment.tzinfo -%}{%- set moment = moment.astimezone(modules.pytz.utc) -%}{%- endif -%}
    cast('{{ moment.strftime("%Y-%m-%d %H:%M:%S") }}' as {{ customer_lifecycle.timestamp_type() }})
{%- endmacro %}


{# person_columns('carts') -> the person ids of a table's rows: see person_id #}
{% macro person_columns(table) -%}
    {%- set person = customer_lifecycle.raw_contract()[table].person or {} -%}
    {%- if table == 'referrals' %}
        {{ customer_lifecycle.person_id('brand', customer_id='referrer_customer_id') }} as referrer_person_id,
        {{ customer_lifecycle.person_id('brand', customer_id='referred_customer_id') }} as referred_person_id,
        {{ customer_lifecycle.person_id('brand', email='referred_email') }} as referred_email_person_id,
    {%- elif table == 'affiliate_sales' %}
        {{ customer_lifecycle.person_id('brand', customer_id='affiliate_customer_id') }} as affiliate_person_id,
    {%- elif table == 'identity_links' %}
        case id_type
            when 'customer_id' then {{ customer_lifecycle.person_id('brand', customer_id='id_value') }}
            when 'anonymous_id' then {{ customer_lifecycle.person_id('brand', anonymous_id='id_value') }}
            when 'email' then {{ customer_lifecycle.person_id('brand', email='id_value') }}
        end as absorbed_person_id,
        {{ customer_lifecycle.person_id('brand', customer_id='customer_id') }} as survivor_person_id,
    {%- elif person %}
        {{ customer_lifecycle.person_id('brand', customer_id=person.get('customer_id'), anonymous_id=person.get('anonymous_id'), email=person.get('email')) }} as person_id,
        {%- if 'anonymous_id' in person %}
        {{ customer_lifecycle.person_id('brand', anonymous_id='anonymous_id') }} as anonymous_person_id,
        {%- endif %}
        {%- if 'email' in person %}
        {{ customer_lifecycle.person_id('brand', email='email') }} as email_person_id,
        {%- endif %}
    {%- endif -%}
{%- endmacro %}
