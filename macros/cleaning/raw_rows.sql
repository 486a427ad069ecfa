{# CTEs, the last of them raw_rows: the rows of a raw table that this build has to clean (see changed_rows.sql), none without a table.
   {{ raw_rows('orders', raw) }}, with raw = raw_columns('orders') -> raw__<column> (the raw value), text__<column> (its trimmed text, null
   for a word for nothing), record_key (the key as one text: 2024-01-31|c1), is_repeated (do several rows have that key?), and what
   increments compare: loaded_batch, raw_fingerprint, cleaning_rules #}
{% macro raw_rows(table, raw) %}
{%- if execute -%}
{%- if table in customer_lifecycle.raw_models() -%}
    {%- do customer_lifecycle.check_required_columns(table, raw | list, customer_lifecycle.raw_relation(table)) -%}
{%- endif -%}
{%- set rules = customer_lifecycle.cleaning_rules(table, raw) -%}
{%- set changes = customer_lifecycle.changed_rows() if customer_lifecycle.was_cleaned_by(rules) -%}
{%- set contract, others = customer_lifecycle.raw_table(table), [] -%}
{%- for name in contract.columns if name not in ['brand'] + contract.key -%}{%- do others.append(name) -%}{%- endfor -%}
raw_table_rows as {{ customer_lifecycle.inlined() }} (
    {{ customer_lifecycle.raw_table_rows(table, raw) }}
),

{% if changes -%}
rows_to_clean as (
    select raw_table_rows.*
    from raw_table_rows
    inner join {{ changes }} as changes on raw_table_rows.loaded_batch = changes.loaded_batch
    where changes.raw_fingerprint is null
    union all
    select raw_table_rows.*
    from raw_table_rows
    inner join {{ changes }} as changes on raw_table_rows.raw_fingerprint = changes.raw_fingerprint
),

{% endif -%}
{{ customer_lifecycle.keyed_rows(table, raw, 'rows_to_clean' if changes else 'raw_table_rows') }},

-- no condition on record_key itself: Spark would put it below the grouping, with the whole expression of the key in place of its name
repeated_keys as (
    select key_brand, record_key, count(record_key) as row_count from keyed_rows
    group by key_brand, record_key
    having count(record_key) > 1
),

-- marked before anything else is cleaned, so that only rows with such a key go through a window later on
marked_rows as {{ customer_lifecycle.inlined() }} (
    select
        keyed_rows.*,
        cast({{ rules }} as integer) as cleaning_rules,
        coalesce(repeated_keys.row_count, 0) > 1 as is_repeated
    from keyed_rows
    left join repeated_keys on keyed_rows.key_brand = repeated_keys.key_brand and keyed_rows.record_key = repeated_keys.record_key
),

{{ customer_lifecycle.raw_texts(raw, others, 'marked_rows', 'raw_rows') }}
{%- endif -%}
{% endmacro %}
{# raw_table_rows('orders', raw) -> a query: all rows of a raw table, with the day of loading as text (the first ten characters of whatever
   stands there) and a number that changes with any column of the row #}
{% macro raw_table_rows(table, raw) -%}
    {%- set spellings = [] -%}
    select
        {%- for column in raw.values() %}
        {%- do spellings.append(adapter.quote(column.spelling | replace('"', '""'))) %}
        {{ spellings[-1] }} as {{ column.value }},
        {%- endfor %}
        {%- set loaded_at = adapter.quote(raw.loaded_at.spelling) if raw.loaded_at else 'null' %}
        coalesce(substr(cast({{ loaded_at }} as {{ customer_lifecycle.text_type() }}), 1, 10), '') as loaded_batch,
        {{ customer_lifecycle.row_fingerprint(spellings or ["'nothing'"]) }} as raw_fingerprint
    from {{ customer_lifecycle.raw_relation(table) if raw else '(select 1 as nothing) as nothing where false' }}
{%- endmacro %}
{# keyed_rows('orders', raw, 'raw_table_rows') -> CTEs, the last of that name: `rows` with the texts of brand and key, the brand, and the
   key as one text #}
{% macro keyed_rows(table, raw, rows) -%}
{%- set contract, keys = customer_lifecycle.raw_table(table), [] -%}
{%- for name in contract.key -%}
    {%- set key = customer_lifecycle['clean_' ~ contract.columns[name].type](raw[name]) -%}
    {%- set text = 'cast(' ~ key ~ ' as ' ~ customer_lifecycle.text_type() ~ ')' if contract.columns[name].type in ['date', 'boolean'] else key -%}
    {%- set empty = contract.columns[name].empty_means -%}
    {%- do keys.append('coalesce(' ~ text ~ ", '" ~ empty ~ "')" if empty else text) -%}
{%- endfor -%}
{{ customer_lifecycle.raw_texts(raw, ['brand'] + contract.key, rows, 'key_texts') }},

keyed_rows as {{ customer_lifecycle.inlined() }} (
    select
        key_texts.*,
        {{ customer_lifecycle.clean_brand(raw.brand) }} as key_brand,
        {{ keys | join(" || '|' || ") }} as record_key
    from key_texts
)
{%- endmacro %}
{# raw_texts(raw, ['customer_id', 'email'], 'marked_rows', 'raw_rows') -> CTEs, the last called raw_rows: marked_rows with the texts of these
   columns, where there is a text to read, and what several expressions read of it: currencies in amounts, ids, e-mail addresses. In steps, so
   that nothing is trimmed, or looked for, twice. #}
{% macro raw_texts(raw, names, rows, result) -%}
{%- set parts = [] -%}
{%- for name in names if raw[name] -%}{%- set column = raw[name] -%}
    {%- if column.has_marks -%}{%- do parts.append(customer_lifecycle.money_sign(column.as_text) ~ ' as ' ~ column.sign) -%}{%- endif -%}
    {%- if column.id -%}{%- do parts.append(customer_lifecycle.text_as_id(column.as_text) ~ ' as ' ~ column.id) -%}{%- endif -%}
    {%- if column.address -%}{%- do parts.append(customer_lifecycle.bare_email(column.as_text) ~ ' as ' ~ column.address) -%}{%- endif -%}
{%- endfor %}
trimmed_{{ result }} as {{ customer_lifecycle.inlined() }} (
    select
        {%- for name in names if raw[name] and not raw[name].is_native %}
        {%- set text = 'cast(' ~ raw[name].value ~ ' as ' ~ customer_lifecycle.text_type() ~ ')' %}
        {{ customer_lifecycle.trim_whitespace(text) if raw[name].family == 'text' else text }} as trimmed__{{ name }},
        {%- endfor %}
        {{ rows }}.*
    from {{ rows }}
),

{{ 'texts_of_' if parts }}{{ result }} as {{ customer_lifecycle.inlined() }} (
    select
        {%- for name in names if raw[name] and not raw[name].is_native %}
        {%- set text = customer_lifecycle.null_words_as_null('trimmed__' ~ name) %}
        {%- if raw[name].date_order %}{% set text = customer_lifecycle.ordered_date(text, 'trimmed__' ~ name, raw[name].date_order) %}
        {%- elif raw[name].has_marks %}{% set text = customer_lifecycle.plain_signs(text) %}{% endif %}
        {{ text }} as text__{{ name }},
        {%- endfor %}
        trimmed_{{ result }}.*
    from trimmed_{{ result }}
)
{%- if parts %},

{{ result }} as {{ customer_lifecycle.inlined() }} (
    select
        {{ parts | join(',\n        ') }},
        texts_of_{{ result }}.*
    from texts_of_{{ result }}
)
{%- endif %}
{%- endmacro %}
{# cleaning_rules('orders', raw) -> a whole number that changes with whatever makes the same raw rows come out differently: the model and its
   macros, the contract, the columns found, settings, and what seeds and exchange rates say #}
{% macro cleaning_rules(table, raw) %}
    {% set parts = [] %}
    {% for macro in customer_lifecycle.values() if modules.re.search('macros.(cleaning|cross_db|identity)', macro.macro.original_file_path) %}
        {% do parts.append(macro.macro.macro_sql) %}
    {% endfor %}
    {% set parts = parts | sort + [model.raw_code, tojson(customer_lifecycle.raw_table(table)), tojson(raw)] %}
    {% do parts.extend([customer_lifecycle.nobody_ids() | join(','), customer_lifecycle.setting('identity_salt'), customer_lifecycle.setting('reporting_currency') | upper]) %}
    {% set lookups = {
        'country_aliases': ['alias', 'country_code'], 'order_statuses': ['status', 'effect', 'is_engagement'],
        'subscription_statuses': ['status', 'effect'], 'base_calendar__exchange_rates': ['currency', 'date_day', 'rate'],
    } %}
    {% for name, columns in lookups.items() if name in model.raw_code and flags.INTROSPECT and customer_lifecycle.can_increment() %}
        {% set lookup = customer_lifecycle.existing(customer_lifecycle.seed(name)) %}{# none when compiled before anything is built #}
        {% set query = 'select count(*), sum(' ~ customer_lifecycle.row_fingerprint(columns) ~ ') from ' ~ lookup %}
        {% do parts.extend(customer_lifecycle.answer_of(query).rows[0] if lookup else []) %}
    {% endfor %}
    {{ return(local_md5(parts | join(' '))[:7] | int(base=16)) }}
{% endmacro %}
