{#
    Is a text a date without a time? Such a value is the business date itself and is never converted.

    '2024-01-31' -> true. Call: is_bare_date('text_column')
#}
{% macro is_bare_date(text) -%}
    length({{ text }}) <= 10 and substring({{ text }}, 1, 1) between '0' and '9'
{%- endmacro %}


{#
    An ISO 8601 date and time as a timestamp in UTC: without an offset it is UTC already, with one it is converted.

    '2024-01-01T10:00:00+02:00' -> 2024-01-01 08:00:00, '2024-01-01 10:00' -> 2024-01-01 10:00:00, 'soon' -> null.
    Call: clean_timestamp('text_column')
#}
{% macro clean_timestamp(text) -%}
    case
        when not {{ customer_lifecycle.matches_pattern(text, '^[0-9]{4}-') }} then null
        when {{ customer_lifecycle.matches_pattern(text, '^[0-9-]+[T ][0-9:.]+$') }}
        then {{ customer_lifecycle.safe_cast_to(text, 'timestamp') }}
        else {{ customer_lifecycle.offset_to_utc("replace(replace(" ~ text ~ ", ' +', '+'), ' -', '-')") }}
    end
{%- endmacro %}


{#
    The zone of each brand: {'': zone of every other brand, 'fr': 'Europe/Paris', ...}. The seed `brands` says it,
    else the setting business_time_zone. Read when a model is built, so that the common case, one zone, costs nothing.
#}
{% macro business_time_zones() %}
    {% set zones = {'': customer_lifecycle.setting('business_time_zone')} %}
    {% set brands = ref('brands') %}
    {% if execute and flags.INTROSPECT and load_relation(brands) is not none %}
        {% set rows = run_query("select brand, business_time_zone from " ~ brands ~ " where business_time_zone is not null") %}
        {% for row in rows.rows %}
            {% if row[1] | trim != zones[''] %}
                {% do zones.update({row[0] | trim: row[1] | trim}) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(zones) }}
{% endmacro %}


{#
    The business date of a timestamp in UTC, by the zone of the row's brand.

    2024-01-01 23:30:00 in Europe/Paris -> 2024-01-02. Call: business_date('ordered_at', 'brand', zones)
#}
{% macro business_date(utc_timestamp, brand, zones) -%}
    {%- set local = [] -%}
    {%- for name, zone in zones.items() -%}
        {%- do local.append([name, utc_timestamp if zone == 'UTC' else customer_lifecycle.utc_to_local(utc_timestamp, zone)]) -%}
    {%- endfor -%}
    cast({{ customer_lifecycle.by_brand(local, brand) }} as date)
{%- endmacro %}


{#
    Midnight of a business date, as a timestamp in UTC, by the zone of the row's brand.

    2024-01-02 in Europe/Paris -> 2024-01-01 23:00:00. Call: business_midnight('ordered_date', 'brand', zones)
#}
{% macro business_midnight(business_date, brand, zones) -%}
    {%- set midnight = "cast(" ~ business_date ~ " as " ~ customer_lifecycle.timestamp_type() ~ ")" -%}
    {%- set utc = [] -%}
    {%- for name, zone in zones.items() -%}
        {%- do utc.append([name, midnight if zone == 'UTC' else customer_lifecycle.local_to_utc(midnight, zone)]) -%}
    {%- endfor -%}
    {{ customer_lifecycle.by_brand(utc, brand) }}
{%- endmacro %}


{# by_brand([['', x], ['fr', y]], 'brand') -> case brand when 'fr' then y else x end; with one entry just x #}
{% macro by_brand(expressions, brand) -%}
    {%- if expressions | length == 1 -%}
        {{ expressions[0][1] }}
    {%- else -%}
        case {{ brand }}
            {%- for name, expression in expressions[1:] %} when '{{ name | replace("'", "''") }}' then {{ expression }}{% endfor %}
            else {{ expressions[0][1] }}
        end
    {%- endif -%}
{%- endmacro %}
