{# A telephone number as an id that hides it: 'phone:' and the md5 of the salt and its digits without leading zeros; null for fewer than six
   digits. With and without its country code, a number has two ids.
   phone_id('phone')   '+33 6 12 34 56 78', '0033612345678' -> the same id; '0', 'n.a.' -> null #}
{% macro phone_id(phone) -%}
    {%- set digits = customer_lifecycle.remove_pattern(customer_lifecycle.remove_pattern(phone, '[^0-9]'), '^0+') -%}
    {%- set salt = customer_lifecycle.text_literal(customer_lifecycle.setting('identity_salt')) -%}
    case when length({{ digits }}) >= 6 then 'phone:' || {{ customer_lifecycle.text_md5(salt ~ " || " ~ digits) }} end
{%- endmacro %}
