{#
    A number written in any of the usual ways; null when it is none, or when it could be two.

    '1234.5', '1 234,50', '1.234,50', '1,234.50', '12,5 €', 'EUR 12', '(12.50)', '12.50-' -> the number.
    '1,234' (one comma, three digits after it) -> null: a factor of a thousand is not guessed; a count has no decimals,
    there it is 1234. Call: clean_number('text_column', 'decimal(18, 2)')
#}
{% macro clean_number(text, data_type, is_count=false) -%}
    {%- set digits = customer_lifecycle.remove_pattern(text, '[^0-9.,]') -%}
    {%- set sign = "case when " ~ text ~ " like '(%' or " ~ text ~ " like '%-%' then '-' else '' end" -%}
    case
        when {{ customer_lifecycle.matches_pattern(text, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$') }}
        then {{ customer_lifecycle.safe_cast_to(text, data_type) }}
        when not {{ customer_lifecycle.matches_pattern(text, '^[(]?[+-]?([^0-9a-zA-Z.,()+:/%*#-]*|[a-zA-Z]{3} ?)[+-]?[0-9.,][^a-zA-Z()+:/%*#-]*([a-zA-Z]{3})?[)-]?$') }}
        then null
        when {{ customer_lifecycle.matches_pattern(digits, '^[0-9]*[.]?[0-9]*$') }}
        then {{ customer_lifecycle.safe_cast_to(sign ~ ' || ' ~ digits, data_type) }}
        when {{ customer_lifecycle.matches_pattern(digits, '^[1-9][0-9]{0,2},[0-9]{3}$') }}
        then {% if is_count %}{{ customer_lifecycle.safe_cast_to(sign ~ " || replace(" ~ digits ~ ", ',', '')", data_type) }}{% else %}null{% endif %}
        when {{ customer_lifecycle.matches_pattern(digits, '^[0-9]{1,3}(,[0-9]{3})*[.][0-9]*$|^[0-9]{1,3}(,[0-9]{3}){2,}$') }}
        then {{ customer_lifecycle.safe_cast_to(sign ~ " || replace(" ~ digits ~ ", ',', '')", data_type) }}
        when {{ customer_lifecycle.matches_pattern(digits, '^[0-9]{1,3}([.][0-9]{3})*,[0-9]*$|^[0-9]{1,3}([.][0-9]{3}){2,}$|^[0-9]*,[0-9]*$') }}
        then {{ customer_lifecycle.safe_cast_to(sign ~ " || replace(replace(" ~ digits ~ ", '.', ''), ',', '.')", data_type) }}
    end
{%- endmacro %}
