{# What a visit says of where it came from, in columns or in the address of its landing page. #}

{# CTEs, the last called <result>: the rows with the names of sources, media or campaigns as names are compared: decoded, trimmed, lower case,
   null where a tool knew none or left its placeholder: 'Paid%20social' -> 'paid social'; '(not set)', '{{campaign.name}}' -> null. In steps, as each reads
   the one before several times.  origin_names('spellings', rows='campaigns', names={'spelling': 'campaign_name'}) #}
{% macro origin_names(result, rows, names) -%}
{%- set decoded, trimmed = [], [] -%}
{%- for name, text in names.items() -%}
    {%- do decoded.append(customer_lifecycle.decoded_name(text) ~ ' as decoded_' ~ name) -%}
    {%- do trimmed.append(customer_lifecycle.trimmed_name('decoded_' ~ name) ~ ' as ' ~ name) -%}
{%- endfor -%}
decoded_{{ result }} as {{ customer_lifecycle.inlined() }} (
    select {{ decoded | join(', ') }}, encoded.* from {{ rows }} as encoded
),

{{ result }} as {{ customer_lifecycle.inlined() }} (
    select {{ trimmed | join(', ') }}, decoded_{{ result }}.* from decoded_{{ result }}
)
{%- endmacro %}
{# ... in one expression, which is long: where few rows are read, and rarely #}
{% macro origin_name(text) %}{{ customer_lifecycle.trimmed_name(customer_lifecycle.decoded_name(text)) }}{% endmacro %}
{# Of a sign @ that was encoded, clean_text has not seen the e-mail address. #}
{% macro decoded_name(text) -%}
    {%- set name = 'lower(' ~ customer_lifecycle.url_decode('lower(' ~ text ~ ')') ~ ')' -%}
    case when {{ text }} like '%40%' then {{ customer_lifecycle.redacted(name) }} else {{ name }} end
{%- endmacro %}
{% macro trimmed_name(name) %}{% set text = customer_lifecycle.trim_whitespace(name) %}case when not {{ customer_lifecycle.matches_pattern(text,
    '^([(]?(not set|not provided|none|null|undefined|nan|n/a|unset)[)]?|[{]+[^{}]*[}]+|%%.*%%|[*][|].*[|][*]|__[a-z0-9_]+__|)$') }} then {{ text }} end{% endmacro %}
{# An address in lower case; one that was encoded as a whole, and has no parameter therefore, is decoded as far as it takes to read it #}
{% macro web_address(text) -%}
    {%- set steps = [text] -%}
    {%- for code, sign in {'%25': '%', '%3a': ':', '%2f': '/', '%3f': '?', '%23': '#', '%26': '&', '%3b': ';', '%40': '@', '%3d': '='}.items() -%}
        {%- do steps.append('replace(' ~ (steps[-1] if steps[1:] else 'lower(' ~ text ~ ')') ~ ", '" ~ code ~ "', '" ~ sign ~ "')") -%}
    {%- endfor -%}
    case when {{ dbt.position("'='", text) }} > 0 or {{ dbt.position("'%'", text) }} = 0 then lower({{ text }}) else {{ steps[-1] }} end
{%- endmacro %}
{# The names of the parameters of an address that have a value: 'https://a.example/p?a=&b&gclid=x#top' -> '&a=&gclid&' #}
{% macro parameter_names(address) -%}
    {%- set parts = "'&' || replace(replace(replace(" ~ customer_lifecycle.remove_pattern(address, '^[^?#]*[?#]+') ~ ", '#', '&'), ';', '&'), '&', '&&') || '&'" -%}
    case when {{ dbt.position("'='", address) }} > 0
        then replace({{ customer_lifecycle.remove_pattern(customer_lifecycle.remove_pattern(parts, '&[^=&]+&'), '=[^&]+') }}, '&&', '&')
    end
{%- endmacro %}
