{#
    A telephone number as an id that tells nobody the number: 'phone:' and the md5 of the salt and its digits, without those that
    every spelling may leave out; null for what is too short to be anybody's. A number given once with and once without its country
    code is two.

    phone_id('phone')   '+33 6 12 34 56 78', '0033612345678' -> the same id; '0', 'n.a.' -> null
#}
{% macro phone_id(phone) -%}
    {%- set digits = customer_lifecycle.remove_pattern(customer_lifecycle.remove_pattern(phone, '[^0-9]'), '^0+') -%}
    case
        when length({{ digits }}) >= 6
            then 'phone:' || {{ customer_lifecycle.text_md5(
                "'" ~ customer_lifecycle.setting('identity_salt') | replace("'", "''") ~ "' || " ~ digits
            ) }}
    end
{%- endmacro %}
