{# What names a person: its customer id, device and e-mail, null where the value is a placeholder. The walk-in customer of a till, the account to
   which orders of erased people were moved, a device id of zeros would each be one giant customer; null, the sales count and are no customer's. #}

{# As clean_id, but without placeholders, and of an e-mail the address alone: 'Anna <Anna@Example.org>' -> 'email:52a1...', 'WALK-IN' -> null #}
{% macro clean_customer_id(column) -%}
    {%- if not column -%} {{ customer_lifecycle.clean_text(column) }} {%- else -%}
    case
        when {{ column.as_text }} like '%@%' and {{ customer_lifecycle.is_email(column.address or customer_lifecycle.bare_email(column.as_text)) }}
        then {{ customer_lifecycle.email_id('(' ~ customer_lifecycle.clean_email(column) ~ ')') }}
        else {{ customer_lifecycle.without_placeholder(customer_lifecycle.clean_id(column)) }}
    end
    {%- endif -%}
{%- endmacro %}
{# '00000000-0000-0000-0000-000000000000' -> null #}
{% macro clean_anonymous_id(column) -%} {{ customer_lifecycle.without_placeholder(customer_lifecycle.clean_id(column)) }} {%- endmacro %}
{# 'Anna@Example.org', 'Anna Rossi <anna@example.org>', 'mailto:anna@example.org' -> 'anna@example.org'; null where more than one address or anything
   else stands beside it, which would be another person: 'anna@example.org; bob@example.org'. 'unknown', 'none@pos.example', 'test@test.com' -> null #}
{% macro clean_email(column) -%}
    {%- set email = (column.address or customer_lifecycle.bare_email(column.as_text)) if column else customer_lifecycle.clean_text(column) -%}
    {%- set locals = ['-+', 'na', 'none', 'null', 'undefined', 'unknown', 'anonymous', 'anonymi[sz]ed', 'deleted', 'redacted', 'guest', 'walk-?in', 'n/?a', 'no[._-]?e?-?mail', '(no|donot|do-not)[._-]?reply'] -%}
    {%- set pattern = '^((' ~ locals | join('|') ~ ')@.*|test@(test|example)[.].*|(x@x|email@email|asdf@asdf)[.].*)$' -%}
    case
        when {{ email }} not like '%_@_%' or not {{ customer_lifecycle.is_email(email) }} or {{ customer_lifecycle.matches_pattern(email, pattern) }} then null
        {%- for listed in customer_lifecycle.nobody_ids() if '@' in listed %}
        when {{ email }} = {{ customer_lifecycle.text_literal(listed) }} then null
        {%- endfor %}
        else {{ email }}
    end
{%- endmacro %}
{# bare_email('text') -> the text in lower case, without a name and brackets around an address #}
{% macro bare_email(text) -%}
    {%- set text = 'lower(' ~ text ~ ')' -%}
    case when {{ text }} like '%>' or {{ text }} like 'mailto:%' then {{ customer_lifecycle.remove_pattern(text, '^([^<]*<|mailto:)|>$') }} else {{ text }} end
{%- endmacro %}
{# is_email('text') -> is the whole text one address? Neither blanks, visible or not, nor signs of punctuation are part of one. #}
{% macro is_email(text) -%}
    {%- set signs = "\u0001- \u007f-\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u2060\ufeff@<>(),;:\"" -%}
    {%- set name = '[^' ~ signs ~ "'/?&=#|.]+" -%}
    {{ customer_lifecycle.matches_pattern(text, '^[^' ~ signs ~ "'][^" ~ signs ~ ']*@' ~ name ~ '([.]' ~ name ~ ')*$') }}
{%- endmacro %}
{# without_placeholder('text') -> null for words that are no id anywhere, however they are spelt, and for those of the setting nobody_ids; most
   ids begin or end with a digit and are compared with no word #}
{% macro without_placeholder(text) -%}
    {%- set words = [
        '0', '00', '000', '0000', '00000000', '-1', '-', '--', '---', '.', '..', '...', '?', '??', 'none', 'null', 'nil', 'undefined', 'nan', 'na', 'n/a', 'n.a.', 'guest', 'unknown',
        'nobody', 'anonymous', 'anonymized', 'anonymised', 'deleted', 'walk-in', 'walkin', 'walk in', 'walk_in', 'walk-in customer', 'walkin customer', 'guest user', 'guest_user',
        'guest checkout', 'gast', 'invité', 'laufkunde', 'laufkundschaft', 'barverkauf', 'unbekannt', 'inconnu', 'desconocido', 'consumidor final', 'client comptoir', 'client de passage', 'anonymous user', 'anonymous customer', 'unknown user', 'unknown customer', 'deleted user', 'no customer', 'cash customer', 'cash sale', 'blank', '(blank)',
        'not set', '(not set)', '(none)', '(null)', '[null]', '<null>', '<none>', '[]', '{}', '[object object]', '#ref!', '#n/a', '#value!', '#name?', '#num!', '#div/0!', '#null!',
        '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ] -%}
    case
        {%- for listed in customer_lifecycle.nobody_ids() %}
        when lower({{ text }}) = {{ customer_lifecycle.text_literal(listed) }} then null
        {%- endfor %}
        when {{ text }} <> '-1' and ({{ text }} >= '1' and ({{ text }} < ':' or right({{ text }}, 1) between '0' and '9') or right({{ text }}, 1) between '1' and '9') then {{ text }}
        else case lower({{ text }})
            {%- for word in words %} when {{ customer_lifecycle.text_literal(word) }} then null{% endfor %}
            else {{ text }}
        end
    end
{%- endmacro %}
{# nobody_ids() -> the ids of the setting, lower case: 'WALKIN-9, none@pos.example' -> ['walkin-9', 'none@pos.example'] #}
{% macro nobody_ids() %}{{ return(customer_lifecycle.setting('nobody_ids').lower().split(',') | map('trim') | select | list) }}{% endmacro %}
