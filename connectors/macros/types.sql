{# The types of a vendor's form, and how a value of any loader's type becomes one. #}

{# sql_type('amount') -> decimal(18, 2): text, amount, number (a floating point number), count, boolean, date, timestamp (UTC, without zone), micros (a time in
   millionths of a second since 1970) #}
{% macro sql_type(type) %}
    {{ return({
        'text': customer_lifecycle.text_type(), 'amount': 'decimal(18, 2)', 'number': customer_lifecycle.double_type(), 'count': 'bigint',
        'boolean': 'boolean', 'date': 'date', 'timestamp': customer_lifecycle.timestamp_type(),
        'micros': customer_lifecycle.timestamp_type(),
    }[type]) }}
{% endmacro %}

{# typed({'value': 'loaded."total"', 'family': 'text'}, 'amount') -> the value in that type; null without a value, and for a text that is none #}
{% macro typed(column, type) -%}
    {%- set sql_type = customer_lifecycle_connectors.sql_type(type) -%}
    {%- if column and column.is_json -%}
        {%- set column = {'value': customer_lifecycle_connectors.json_scalar(column.value), 'family': 'text'} -%}
    {%- endif -%}
    {%- if not column -%} cast(null as {{ sql_type }})
    {%- elif type == 'timestamp' -%} {{ customer_lifecycle_connectors.as_timestamp(column) }}
    {%- elif type == 'micros' -%} {{ customer_lifecycle_connectors.from_micros('cast(' ~ column.value ~ ' as bigint)') }}
    {%- elif type == 'date' and column.family == 'text' -%}
        {{ customer_lifecycle.safe_cast_to('substring(' ~ column.value ~ ', 1, 10)', 'date') }}
    {%- elif type == 'boolean' and column.family != 'boolean' -%}
        {%- set text = 'lower(cast(' ~ column.value ~ ' as ' ~ customer_lifecycle.text_type() ~ '))' -%}
        case when {{ text }} in ('true', 't', '1') then true when {{ text }} in ('false', 'f', '0') then false end
    {%- elif type in ['amount', 'number', 'count'] and column.family == 'text' -%}
        {%- set number = customer_lifecycle.safe_cast_to(column.value, 'decimal(18, 6)') -%}
        cast({{ number }} as {{ sql_type }})
    {%- else -%} cast({{ column.value }} as {{ sql_type }})
    {%- endif -%}
{%- endmacro %}

{# A time in UTC without zone, from a timestamp of any kind, ISO 8601 text, or seconds (Stripe, as Airbyte lands it)
   or milliseconds (HubSpot) since 1970 #}
{% macro as_timestamp(column) -%}
    {%- set seconds = customer_lifecycle_connectors.from_epoch -%}
    {%- if column.family == 'number' -%} {{ seconds(column.value) }}
    {%- elif column.family == 'text' -%}
        {%- set text = 'cast(' ~ column.value ~ ' as ' ~ customer_lifecycle.text_type() ~ ')' -%}
        case
            when {{ customer_lifecycle.matches_pattern(text, '^[0-9]+([.][0-9]+)?$') }} then {{ seconds(customer_lifecycle.safe_cast_to(text, 'decimal(20, 6)')) }}
            else {{ customer_lifecycle.clean_timestamp({'family': 'text', 'as_text': text, 'brand': "''", 'zones': {'': 'UTC'}}) }}
        end
    {%- else -%} {{ customer_lifecycle.clean_timestamp(dict(column, brand="''", zones={'': 'UTC'})) }}
    {%- endif -%}
{%- endmacro %}
{% macro from_epoch(number) -%}
    {%- set seconds = 'cast(case when ' ~ number ~ ' >= 100000000000 then floor(' ~ number ~ ' / 1000) else ' ~ number ~ ' end as bigint)' -%}
    {%- set began = "cast('1970-01-01 00:00:00' as " ~ customer_lifecycle.timestamp_type() ~ ")" -%}
    cast({{ customer_lifecycle_connectors.add_time(began, 'second', seconds) }} as {{ customer_lifecycle.timestamp_type() }})
{%- endmacro %}

{# In two steps: DuckDB multiplies an interval by no number of ten digits. #}
{% macro from_micros(micros) -%}
    {%- set rest = 'mod(' ~ micros ~ ', 1000000)' -%}
    {%- set seconds = customer_lifecycle_connectors.from_epoch('(' ~ micros ~ ' - ' ~ rest ~ ') / 1000000') -%}
    cast({{ customer_lifecycle_connectors.add_time(seconds, 'microsecond', rest) }} as {{ customer_lifecycle.timestamp_type() }})
{%- endmacro %}

{# add_time('created_at', 'minute', '90') -> the moment that many whole minutes, seconds or microseconds later. Not dbt.dateadd on Spark: it
   gives null, or another time, for a timestamp without zone. #}
{% macro add_time(moment, unit, count) %}{{ return(adapter.dispatch('add_time', 'customer_lifecycle_connectors')(moment, unit, count)) }}{% endmacro %}
{% macro default__add_time(moment, unit, count) %}{{ dbt.dateadd(unit, count, moment) }}{% endmacro %}
{% macro spark__add_time(moment, unit, count) -%}
    {%- set factor = {'minute': ' * 60', 'second': '', 'microsecond': ' / 1000000'}[unit] -%}
    ({{ moment }} + make_dt_interval(0, 0, 0, cast(cast({{ count }} as decimal(20, 0)){{ factor }} as decimal(18, 6))))
{%- endmacro %}

{# zoned_to_utc('local_start', 'time_zone') -> a local time in UTC, by the zone that stands in a column: the zone that is asked for is
   written between quotes, here as the text '' || time_zone || '' #}
{% macro zoned_to_utc(moment, zone) %}{{ return(customer_lifecycle.local_to_utc(moment, "' || " ~ zone ~ " || '")) }}{% endmacro %}

{# json_text('loaded."customer"', ['id']) -> the value at that place of a JSON column, as text; null where there is none. Without keys, the value itself #}
{% macro json_text(value, keys) %}{{ return(adapter.dispatch('json_text', 'customer_lifecycle_connectors')(value, keys)) }}{% endmacro %}
{# json_path(['codes', '0', 'code']) -> $.codes[0].code #}
{% macro json_path(keys) -%} ${% for key in keys %}{{ '[' ~ key ~ ']' if key.isdigit() else '.' ~ key }}{% endfor %} {%- endmacro %}
{% macro default__json_text(value, keys) %}json_extract_string(cast({{ value }} as json), '{{ customer_lifecycle_connectors.json_path(keys) }}'){% endmacro %}
{% macro postgres__json_text(value, keys) %}(cast({{ value }} as jsonb) #>> '{{ '{' ~ keys | join(',') ~ '}' }}'){% endmacro %}
{% macro spark__json_text(value, keys) %}get_json_object(cast({{ value }} as string), '{{ customer_lifecycle_connectors.json_path(keys) }}'){% endmacro %}
{% macro bigquery__json_text(value, keys) %}json_value({{ value }}, '{{ customer_lifecycle_connectors.json_path(keys) }}'){% endmacro %}
{% macro snowflake__json_text(value, keys) -%}
    {%- set path = modules.re.sub('^[$][.]?', '', customer_lifecycle_connectors.json_path(keys)) -%}
    {%- set json = 'parse_json(cast(' ~ value ~ ' as varchar))' -%}
    cast({{ 'get_path(' ~ json ~ ", '" ~ path ~ "')" if path else json }} as varchar)
{%- endmacro %}
{% macro redshift__json_text(value, keys) %}json_extract_path_text(json_serialize({{ value }}), '{{ keys | join("', '") }}', true){% endmacro %}

{# json_part('elements.element', ['tax_lines']) -> the object or array at that place of a JSON value, as JSON #}
{% macro json_part(value, keys) %}{{ return(adapter.dispatch('json_part', 'customer_lifecycle_connectors')(value, keys)) }}{% endmacro %}
{% macro default__json_part(value, keys) %}{{ customer_lifecycle_connectors.json_text(value, keys) }}{% endmacro %}
{% macro bigquery__json_part(value, keys) %}json_query({{ value }}, '{{ customer_lifecycle_connectors.json_path(keys) }}'){% endmacro %}

{# json_scalar('loaded."value"') -> the text, number or boolean that a JSON column is as a whole, as text and without quotation marks #}
{% macro json_scalar(value) %}{{ return(adapter.dispatch('json_scalar', 'customer_lifecycle_connectors')(value)) }}{% endmacro %}
{% macro default__json_scalar(value) %}{{ customer_lifecycle_connectors.json_text(value, []) }}{% endmacro %}
{% macro snowflake__json_scalar(value) %}cast({{ value }} as varchar){% endmacro %}
{% macro redshift__json_scalar(value) %}cast({{ value }} as varchar){% endmacro %}

{# join_elements('loaded."line_items"') -> what follows `from table as loaded`: one row per element of a JSON array, elements.element, or of another name #}
{% macro join_elements(value, name='elements') %}{{ return(adapter.dispatch('join_elements', 'customer_lifecycle_connectors')(value, name)) }}{% endmacro %}
{% macro default__join_elements(value, name='elements') -%}
    {#- while dbt parses, models of vendors that are not connected too -#}
    {{ customer_lifecycle.stop_build("A table of this loader has JSON arrays, which the connectors cannot read on " ~ target.type ~ ": add join_elements for it.") if execute }}
{%- endmacro %}
{% macro duckdb__join_elements(value, name='elements') -%}
    cross join lateral (select unnest(json_extract(cast({{ value }} as json), '$[*]')) as element) as {{ name }}
{%- endmacro %}
{% macro postgres__join_elements(value, name='elements') -%}
    cross join lateral jsonb_array_elements(
        case when jsonb_typeof(cast({{ value }} as jsonb)) = 'array' then cast({{ value }} as jsonb) end
    ) as {{ name }} (element)
{%- endmacro %}
{# Redshift would take PostgreSQL's, whose functions it does not have. #}
{% macro redshift__join_elements(value, name='elements') %}{{ customer_lifecycle_connectors.default__join_elements(value, name) }}{% endmacro %}
{% macro spark__join_elements(value, name='elements') -%}
    lateral view explode(from_json(cast({{ value }} as string), 'array<string>')) {{ name }} as element
{%- endmacro %}
{# A subquery in a from clause sees no other table there; the argument of unnest does. #}
{% macro bigquery__join_elements(value, name='elements') -%}
    cross join unnest(array(select as struct element from unnest(json_query_array({{ value }})) as element)) as {{ name }}
{%- endmacro %}
{% macro snowflake__join_elements(value, name='elements') -%}
    cross join lateral (select flattened.value as element from table(flatten(input => parse_json(cast({{ value }} as varchar)))) as flattened) as {{ name }}
{%- endmacro %}

{# parameter_text(the column event_params, 'ga_session_id') -> the value of that parameter, of whichever type, as text; null where there is
   none. Of a list of (key, value), the value in a field for each type; where the engine has no such type, or the loader brought none, as JSON. #}
{% macro parameter_text(column, key) %}{{ return(adapter.dispatch('parameter_text', 'customer_lifecycle_connectors')(column, key)) }}{% endmacro %}
{% macro default__parameter_text(column, key) -%}
    {{ customer_lifecycle.stop_build("A table of this loader has lists of parameters, which the connectors cannot read on " ~ target.type ~ ": they read them on BigQuery, PostgreSQL and DuckDB.") }}
{%- endmacro %}
{% macro duckdb__parameter_text(column, key) -%}
    {%- if column.nested -%}
        {%- set value = "list_filter(" ~ column.nested ~ ", lambda parameter : parameter.key = '" ~ key ~ "')[1].value" -%}
        coalesce({{ value }}.string_value, cast({{ value }}.int_value as varchar), cast({{ value }}.double_value as varchar), cast({{ value }}.float_value as varchar))
    {%- else -%}
        {%- set list = "json_extract(cast(" ~ column.value ~ " as json), '$[*]')" -%}
        {%- set value = "list_filter(" ~ list ~ ", lambda parameter : json_extract_string(parameter, '$.key') = '" ~ key ~ "')[1]" -%}
        coalesce(
            json_extract_string({{ value }}, '$.value.string_value'), json_extract_string({{ value }}, '$.value.int_value'),
            json_extract_string({{ value }}, '$.value.double_value'), json_extract_string({{ value }}, '$.value.float_value')
        )
    {%- endif -%}
{%- endmacro %}
{# Asked once, as text would be parsed for each question #}
{% macro postgres__parameter_text(column, key) -%}
    (
        select coalesce(found.value ->> 'string_value', found.value ->> 'int_value', found.value ->> 'double_value', found.value ->> 'float_value')
        from (select jsonb_path_query_first(cast({{ column.value }} as jsonb), '$[*] ? (@.key == "{{ key }}").value') as value) as found
    )
{%- endmacro %}
{# Redshift would take PostgreSQL's, whose functions it does not have. #}
{% macro redshift__parameter_text(column, key) %}{{ customer_lifecycle_connectors.default__parameter_text(column, key) }}{% endmacro %}
{% macro bigquery__parameter_text(column, key) -%}
    (
        select coalesce(
            parameter.value.string_value, cast(parameter.value.int_value as string),
            cast(parameter.value.double_value as string), cast(parameter.value.float_value as string)
        )
        from unnest({{ column.nested }}) as parameter
        where parameter.key = '{{ key }}'
        limit 1
    )
{%- endmacro %}

{# nested_as_json(value) -> a struct or list as JSON #}
{% macro nested_as_json(value) %}{{ return(adapter.dispatch('nested_as_json', 'customer_lifecycle_connectors')(value)) }}{% endmacro %}
{% macro default__nested_as_json(value) %}{{ value }}{% endmacro %}
{% macro duckdb__nested_as_json(value) %}to_json({{ value }}){% endmacro %}
{% macro postgres__nested_as_json(value) %}to_jsonb({{ value }}){% endmacro %}
{% macro spark__nested_as_json(value) %}to_json({{ value }}){% endmacro %}
{% macro bigquery__nested_as_json(value) %}to_json({{ value }}){% endmacro %}
