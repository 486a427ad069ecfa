{#
    A trimmed text, null when nothing is left or when it is a word for nothing: NULL, nan, None, N/A and \N as exports
    spell them ('Null' and 'NA' are a name and Namibia).

    'NULL' -> null, 'Anna' -> 'Anna'. Call: null_words_as_null('trimmed_column'); cheap, and no `in`, because a list of
    this length becomes a join for every column of a table.
#}
{% macro null_words_as_null(text) -%}
    case
        when length({{ text }}) > 4 then {{ text }}
        else case {{ text }}
            {%- for word in ['', 'NULL', 'null', 'nan', 'NaN', 'NAN', 'None', 'N/A', 'n/a', '\\N', '<NA>', '#N/A'] %} when {{ customer_lifecycle.text_literal(word) }} then null{% endfor %}
            else {{ text }}
        end
    end
{%- endmacro %}


{#
    An id as text, without the '.0' that a spreadsheet or a data frame put behind a number.

    '1042.0' -> '1042', 'v1.0' -> 'v1.0'. Call: clean_id('text_column')
#}
{% macro clean_id(text) -%}
    case
        when {{ text }} like '%.0' and {{ customer_lifecycle.matches_pattern(text, '^-?[0-9]+[.]0$') }}
        then substring({{ text }}, 1, length({{ text }}) - 2)
        else {{ text }}
    end
{%- endmacro %}


{# 'EUR', ' eur ', '€' -> 'EUR'; what is no code of three letters stays as it is. Call: clean_currency('text_column') #}
{% macro clean_currency(text) -%}
    case upper({{ text }})
        when '€' then 'EUR' when 'EURO' then 'EUR' when 'EUROS' then 'EUR'
        when '$' then 'USD' when 'US$' then 'USD' when '£' then 'GBP' when '¥' then 'JPY'
        else upper({{ text }})
    end
{%- endmacro %}


{# 'true', 'Oui', '1' -> true; 'no', 'faux', '0.0' -> false; anything else -> null. Call: clean_boolean('text_column') #}
{% macro clean_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', '1.0', 'oui', 'o', 'vrai', 'v') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', '0.0', 'non', 'faux') then false
    end
{%- endmacro %}
