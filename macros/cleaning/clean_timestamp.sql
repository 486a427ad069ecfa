{# A time in UTC: one with an offset is converted, one without is UTC already, a bare date is midnight in the zone of the row's brand:
   '2024-01-01T10:00:00+02:00' -> 2024-01-01 08:00:00, '2024-01-01 10:00' -> 2024-01-01 10:00:00, 'soon' -> null #}
{% macro clean_timestamp(column) -%}
    {%- if not column -%} cast(null as {{ customer_lifecycle.timestamp_type() }})
    {%- elif column.family == 'timestamp' -%} cast({{ column.value }} as {{ customer_lifecycle.timestamp_type() }})
    {%- elif column.family == 'timestamptz' -%} {{ customer_lifecycle.offset_to_utc(column.value) }}
    {%- elif column.family == 'date' -%} {{ customer_lifecycle.business_midnight(column.value, column.brand, column.zones) }}
    {%- else -%}
    {%- set text = column.as_text -%}
    case
        when {{ customer_lifecycle.is_bare_date(text) }}
        then {{ customer_lifecycle.business_midnight(customer_lifecycle.safe_cast_to(text, 'date'), column.brand, column.zones) }}
        when not {{ customer_lifecycle.matches_pattern(text, '^[0-9]{4}-') }} then null
        when {{ customer_lifecycle.matches_pattern(text, '^[0-9-]+[T ][0-9:.]+$') }} then {{ customer_lifecycle.safe_cast_to(text, 'timestamp') }}
        -- names of zones are none, as BST and IST are several; no place is more than 14 hours ahead of UTC or 12 behind
        when {{ customer_lifecycle.matches_pattern(text, '^[0-9-]+[T ][0-9:.]+ ?([Zz]|UTC|GMT|utc|gmt|([+-]0[0-9]|[+]1[0-3]|-1[01])(:?[0-5][0-9])?|([+]14|-12)(:?00)?)$') }}
        then {{ customer_lifecycle.offset_to_utc("replace(replace(replace(replace(replace(upper(" ~ text ~ "), 'UTC', 'Z'), 'GMT', 'Z'), ' Z', 'Z'), ' +', '+'), ' -', '-')") }}
    end
    {%- endif -%}
{%- endmacro %}
{# A business date: a bare date is the business date itself, of a time the date in the zone of the row's brand. `timestamp` is the time
   where it has been cleaned already: clean_date(raw.ordered_at, 'ordered_at') -> null where ordered_at is #}
{% macro clean_date(column, timestamp=none) -%}
    {%- set brand = 'brand' if timestamp or not column else column.brand -%}
    {%- if not column -%} cast(null as date)
    {%- elif column.family == 'date' -%} case when {{ timestamp or column.value }} is not null then {{ column.value }} end
    {%- elif column.is_native -%} {{ customer_lifecycle.business_date(timestamp or customer_lifecycle.clean_timestamp(column), brand, column.zones) }}
    {%- else -%}
    case
        when {{ timestamp or column.as_text }} is null then null
        when {{ customer_lifecycle.is_bare_date(column.as_text) }} then {{ customer_lifecycle.safe_cast_to(column.as_text, 'date') }}
        else {{ customer_lifecycle.business_date(timestamp or customer_lifecycle.clean_timestamp(column), brand, column.zones) }}
    end
    {%- endif -%}
{%- endmacro %}
{# A date in another order than ISO's, as the setting date_order says, in ISO's; anything else as it is.
   ordered_date('text', 'trimmed', 'mdy') -> '11/8/2018 10:30' -> '2018-11-08 10:30', '31.1.2024' by dmy -> '2024-01-31' #}
{% macro ordered_date(text, trimmed, order) -%}
    {%- set day = "replace(replace(" ~ dbt.split_part("replace(" ~ trimmed ~ ", 'T', ' ')", "' '", 1) ~ ", '/', '-'), '.', '-')" -%}
    {%- set parts = [dbt.split_part(day, "'-'", 1), dbt.split_part(day, "'-'", 2)] -%}
    {%- set month, date = parts if order == 'mdy' else parts[::-1] -%}
    case
        when {{ customer_lifecycle.matches_pattern(trimmed, '^([0-9]{1,2}/[0-9]{1,2}/|[0-9]{1,2}[.][0-9]{1,2}[.]|[0-9]{1,2}-[0-9]{1,2}-)[0-9]{4}([T ].*)?$') }}
        then {{ dbt.split_part(day, "'-'", 3) }} || '-' || right('0' || {{ month }}, 2) || '-' || right('0' || {{ date }}, 2)
            || substring({{ trimmed }}, length({{ day }}) + 1)
        else {{ text }}
    end
{%- endmacro %}
{# is_bare_date('text_column'): is a text a date without a time, its year in four digits? '2024-01-31' -> true; '24-01-31', '2024 01 31' -> false #}
{% macro is_bare_date(text) -%} length({{ text }}) <= 10 and {{ customer_lifecycle.matches_pattern(text, '^[0-9]{4}[-/]') }} {%- endmacro %}
{# The zone of each brand, by the seed brands, else by the setting: {'': zone of every other brand, 'fr': 'Europe/Paris', ...}. Read when a
   model is built, so that the common case, one zone, costs nothing. #}
{% macro business_time_zones() %}
    {% set zones = {'': customer_lifecycle.setting('business_time_zone')} %}
    {% set brands = customer_lifecycle.seed('brands') %}
    {% if flags.INTROSPECT and customer_lifecycle.existing(brands) %}
        {% set query = "select brand, business_time_zone from " ~ brands ~ " where business_time_zone is not null" %}
        {% for brand, zone in customer_lifecycle.answer_of(query).rows if zone | trim != zones[''] %}
            {% do zones.update({brand | trim: zone | trim}) %}
        {% endfor %}
    {% endif %}
    {{ return(zones) }}
{% endmacro %}
{# The business date of a time in UTC, by the zone of the row's brand: business_date('ordered_at', 'brand', zones)
   2024-01-01 23:30:00 in Europe/Paris -> 2024-01-02 #}
{% macro business_date(utc_timestamp, brand, zones) -%}
    cast({{ customer_lifecycle.by_zone('utc_to_local', utc_timestamp, brand, zones) }} as date)
{%- endmacro %}
{# Midnight of a business date in UTC, by the zone of the row's brand: business_midnight('ordered_date', 'brand', zones)
   2024-01-02 in Europe/Paris -> 2024-01-01 23:00:00 #}
{% macro business_midnight(business_date, brand, zones) -%}
    {{ customer_lifecycle.by_zone('local_to_utc', 'cast(' ~ business_date ~ ' as ' ~ customer_lifecycle.timestamp_type() ~ ')', brand, zones) }}
{%- endmacro %}
{# by_zone('utc_to_local', 'ordered_at', 'brand', zones) -> case brand when 'fr' then <in Paris> else <in the zone of the others> end #}
{% macro by_zone(conversion, timestamp, brand, zones) -%}
    {%- if zones | length > 1 -%} case {{ brand }} {%- endif -%}
    {%- for name, zone in (zones.items() | list)[1:] + (zones.items() | list)[:1] -%}
        {{ ' else ' if not name and zones | length > 1 }}{{ " when '" ~ name | replace("'", "''") ~ "' then " if name }}
        {{- timestamp if zone == 'UTC' else customer_lifecycle[conversion](timestamp, zone) }}
    {%- endfor -%}
    {{ ' end' if zones | length > 1 }}
{%- endmacro %}
