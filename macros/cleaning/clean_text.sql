{# A macro for each type of the contract makes the typed value of a raw column, or null: clean_id(raw.order_id), where raw = raw_columns('orders'). #}

{# ' spring ' -> 'spring'; 'NULL', 'N/A', '' -> null: raw_rows has trimmed the text already; 'from anna@example.org' -> 'from [e-mail]' #}
{% macro clean_text(column) -%}
    {{ customer_lifecycle.redacted(column.as_text, of=customer_lifecycle.without_user(column.as_text)) if column else 'cast(null as ' ~ customer_lifecycle.text_type() ~ ')' }}
{%- endmacro %}
{# 'Delivered' -> 'delivered' #}
{% macro clean_code(column) -%} lower({{ customer_lifecycle.clean_text(column) }}) {%- endmacro %}
{# spelling_of('type'): 'page view', 'page-view' -> 'page_view'; spelling_of('status', prefix='wc-'): 'wc-on-hold', as WooCommerce stores it -> 'on_hold' #}
{% macro spelling_of(code, prefix=none) %}{{ return("replace(replace(" ~ (customer_lifecycle.remove_pattern(code, '^' ~ prefix) if prefix else code) ~ ", ' ', '_'), '-', '_')") }}{% endmacro %}
{# An id as text, without the '.0' that a spreadsheet, a data frame or a decimal column put behind a number: '1042.0', '1042.00' -> '1042',
   'v1.0' -> 'v1.0'; nor with the apostrophe before it that keeps zeros: "'007" -> '007'. Null for one that a spreadsheet has rounded, as its other
   digits are lost: '1.23457E+12' (see is_rounded_id). An e-mail address and a telephone number with its country code are made ids that hide
   them, the same in every table: 'anna@example.org' -> 'email:52a1...', '+33 6 12 34 56 78' -> 'phone:9b1c...'. #}
{% macro clean_id(column) %}{{ column.id or customer_lifecycle.text_as_id(column.as_text) if column else customer_lifecycle.clean_text(column) }}{% endmacro %}
{% macro text_as_id(text) -%}
    case
        when {{ text }} like '%@%' and {{ text }} like '%_@_%._%' then {{ customer_lifecycle.email_id(text) }}
        when ({{ text }} like '+%' or {{ text }} like 'tel:%') and {{ customer_lifecycle.matches_pattern(text, '^(tel:)?' ~ customer_lifecycle.phone_pattern() ~ '$') }}
        then {{ customer_lifecycle.phone_id(text) }}
        when {{ text }} like {{ customer_lifecycle.text_literal("'%") | trim }} and substring({{ text }}, 2, 1) between '0' and '9' then substring({{ text }}, 2)
        when {{ text }} like '%.0%' and {{ customer_lifecycle.matches_pattern(text, '^-?[0-9]+[.]0+$') }}
        then {{ dbt.split_part(text, "'.'", 1) }}
        when {{ customer_lifecycle.is_rounded_id(text) }} then null
        else {{ text }}
    end
{%- endmacro %}
{# is_rounded_id(raw.order_id.as_text) -> is this a number in scientific notation, as spreadsheets show long ids? So are floating-point numbers shown
   that are too large to hold all digits. #}
{% macro is_rounded_id(text) -%}
    (substring({{ text }}, 2, 1) in ('.', ',', 'E', 'e') and {{ customer_lifecycle.matches_pattern(text, '^[0-9]([.,][0-9]+[eE][+]?|[eE][+])[0-9]{1,3}$') }})
{%- endmacro %}
{# 'fr' -> 'fr'; none -> 'default' #}
{% macro clean_brand(column) -%} coalesce({{ customer_lifecycle.clean_id(column) }}, 'default') {%- endmacro %}
{# 'true', 'Oui', 'WAHR', '1', 'paid' (of is_paid) -> true; 'no', 'faux', '0.0', 'organic' -> false; anything else -> null #}
{% macro clean_boolean(column) -%}
    {%- if not column -%} cast(null as boolean)
    {%- elif column.is_native -%} {{ column.value }}
    {%- else -%}
    case
        when {{ customer_lifecycle.matches_pattern('lower(' ~ column.as_text ~ ')', '^(1([.]0+)?|t(rue)?|y(es)?|on|o(ui)?|v(rai|ero|erdadero)?|ja?|wahr|waar|s[iìí]|sim|paid|sponsored|promoted)$') }} then true
        when {{ customer_lifecycle.matches_pattern('lower(' ~ column.as_text ~ ')', '^(0([.]0+)?|f(alse|aux|alsch|also)?|n(o|on|ein|ee|ão|ao)?|off|onwaar|organic|unpaid)$') }} then false
    end
    {%- endif -%}
{%- endmacro %}
{# A trimmed text, null when nothing is left or when it is a word for nothing, as exports spell them ('Null' and 'NA' are a name and Namibia).
   A formula that spreadsheets take for a text, '="007"', is that text. No `in`: a list so long becomes a join. null_words_as_null('NULL') -> null #}
{% macro null_words_as_null(text) -%}
    case
        when {{ text }} like '="%"' then nullif(substring({{ text }}, 3, length({{ text }}) - 3), '')
        when length({{ text }}) > 4 then {{ text }}
        else case {{ text }}
            {%- for word in ['', 'NULL', 'null', 'nan', 'NaN', 'NAN', 'None', 'N/A', 'n/a', '\\N', '<NA>', '#N/A'] %} when {{ customer_lifecycle.text_literal(word) }} then null{% endfor %}
            else {{ text }}
        end
    end
{%- endmacro %}
