{# What names a person: its customer id, device and e-mail, null where the value is a placeholder. The walk-in customer of a till, the account to
   which orders of erased people were moved, a device id of zeros would each be one giant customer; null, the sales count and are no customer's. #}

{# As clean_id, but without placeholders: 'Anna@Example.org' -> 'email:52a1...', 'WALK-IN' -> null #}
{% macro clean_customer_id(column) -%}
    {%- if not column -%} {{ customer_lifecycle.clean_text(column) }} {%- else -%}
    case
        when {{ column.as_text }} like '%_@_%' then {{ customer_lifecycle.email_id('(' ~ customer_lifecycle.clean_email(column) ~ ')') }}
        else {{ customer_lifecycle.without_placeholder(customer_lifecycle.clean_id(column)) }}
    end
    {%- endif -%}
{%- endmacro %}
{# '00000000-0000-0000-0000-000000000000' -> null #}
{% macro clean_anonymous_id(column) -%} {{ customer_lifecycle.without_placeholder(customer_lifecycle.clean_id(column)) }} {%- endmacro %}
{# 'Anna@Example.org' -> 'anna@example.org'; 'unknown', 'none@pos.example', 'test@test.com' -> null #}
{% macro clean_email(column) -%}
    {%- set email = 'lower(' ~ (column.as_text if column else 'cast(null as ' ~ customer_lifecycle.text_type() ~ ')') ~ ')' -%}
    {%- set locals = ['none', 'null', 'undefined', 'unknown', 'anonymous', 'guest', 'walk-?in', 'n/?a', 'no[._-]?e?-?mail', '(no|donot|do-not)[._-]?reply'] -%}
    {%- set pattern = '^((' ~ locals | join('|') ~ ')@.*|test@test[.].*|x@x[.].*)$' -%}
    case
        when {{ email }} not like '%_@_%' or {{ customer_lifecycle.matches_pattern(email, pattern) }} then null
        {%- for listed in customer_lifecycle.nobody_ids() if '@' in listed %}
        when {{ email }} = {{ customer_lifecycle.text_literal(listed) }} then null
        {%- endfor %}
        else {{ email }}
    end
{%- endmacro %}
{# without_placeholder('text') -> null for words that are no id anywhere, however they are spelt, and for those of the setting nobody_ids; most
   ids begin with a digit and are compared with no word #}
{% macro without_placeholder(text) -%}
    {%- set words = [
        '0', '-1', '-', '?', 'none', 'null', 'nil', 'undefined', 'nan', 'n/a', 'guest', 'unknown', 'nobody', 'anonymous', 'anonymized', 'anonymised',
        'walk-in', 'walkin', 'walk in', 'walk-in customer', 'not set', '(not set)', '#ref!', '#n/a', '#value!', '#name?', '#div/0!', '#null!',
        '00000000-0000-0000-0000-000000000000',
    ] -%}
    case
        {%- for listed in customer_lifecycle.nobody_ids() %}
        when lower({{ text }}) = {{ customer_lifecycle.text_literal(listed) }} then null
        {%- endfor %}
        when {{ text }} >= '1' and {{ text }} < ':' then {{ text }}
        else case lower({{ text }})
            {%- for word in words %} when {{ customer_lifecycle.text_literal(word) }} then null{% endfor %}
            else {{ text }}
        end
    end
{%- endmacro %}
{# nobody_ids() -> the ids of the setting, lower case: 'WALKIN-9, none@pos.example' -> ['walkin-9', 'none@pos.example'] #}
{% macro nobody_ids() -%}
    {%- set listed = [] -%}
    {%- for word in customer_lifecycle.setting('nobody_ids').split(',') if word | trim -%}{%- do listed.append(word | trim | lower) -%}{%- endfor -%}
    {{ return(listed) }}
{%- endmacro %}
