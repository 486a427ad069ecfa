{# A text in lower case without percent-encoding and with blanks for plus signs, as often as it was encoded; what is no encoding of
   UTF-8 stays. 'spring%2520sale', 'spring+sale' -> 'spring sale'; '100%' -> '100%'; '%e9' -> '%e9'.  url_decode('lower(utm_source)') #}
{% macro url_decode(text) -%}
    {#- however often % itself was encoded -#}
    {%- set once = "replace(replace(replace(" ~ text ~ ", '%25', '%'), '%25', '%'), '%25', '%')" -%}
    case
        when {{ dbt.position("'%'", text) }} > 0
        then replace({{ adapter.dispatch('url_decode', 'customer_lifecycle')(once) }}, '+', ' ')
        else replace({{ text }}, '+', ' ')
    end
{%- endmacro %}
{# Blanks and punctuation only: these engines have no function for it. #}
{% macro default__url_decode(text) -%}
    {%- set codes = {'20': ' ', '21': '!', '22': '"', '23': '#', '26': '&', '28': '(', '29': ')', '2b': '+', '2c': ',', '2d': '-', '2e': '.',
        '2f': '/', '3a': ':', '3b': ';', '3d': '=', '3f': '?', '40': '@', '5b': '[', '5d': ']', '5f': '_', '7c': '|', '7e': '~'} -%}
    {{ 'replace(' * codes | length }}{{ text }}{% for code, sign in codes.items() %}, '%{{ code }}', '{{ sign }}'){% endfor %}
{%- endmacro %}
{% macro duckdb__url_decode(text) %}url_decode({{ customer_lifecycle.decodable(text, '%25\\1') }}){% endmacro %}
{% macro postgres__url_decode(text) -%}
    (
        select convert_from(string_agg(
            case when parts.found[1] like '\%__' then decode(substr(parts.found[1], 2), 'hex') else convert_to(parts.found[1], 'UTF8') end,
            cast('' as bytea) order by parts.place
        ), 'UTF8')
        from regexp_matches({{ customer_lifecycle.decodable(text, '%25\\1') }}, '%[0-9a-f]{2}|[^%]+|%', 'g') with ordinality as parts (found, place)
    )
{%- endmacro %}
{% macro redshift__url_decode(text) %}{{ customer_lifecycle.default__url_decode(text) }}{% endmacro %}
{% macro spark__url_decode(text) -%}
    url_decode(regexp_replace({{ customer_lifecycle.decodable(text, '%25$1') }}, '%(?![0-9a-f][0-9a-f])', '%25'))
{%- endmacro %}
{# decodable(text, '%25\\1') -> the text; what would not decode to UTF-8, or to a null byte, encoded once more so that it stays as it is #}
{% macro decodable(text, once_more) -%}
    {%- set letters = '%(c[2-9a-f]|d[0-9a-f])%[89ab][0-9a-f]|%(e0%[ab]|e[1-9abcef]%[89ab]|ed%[89])[0-9a-f]%[89ab][0-9a-f]'
        ~ '|%(f0%[9ab]|f[123]%[89ab]|f4%8)[0-9a-f]%[89ab][0-9a-f]%[89ab][0-9a-f]' -%}
    case
        when {{ customer_lifecycle.matches_pattern(customer_lifecycle.remove_pattern(text, letters), '%(00|[89a-f][0-9a-f])') }}
        then regexp_replace({{ text }}, '%(00|[89a-f][0-9a-f])', '{{ once_more }}'{{ ", 'g'" if target.type != 'spark' }})
        else {{ text }}
    end
{%- endmacro %}
