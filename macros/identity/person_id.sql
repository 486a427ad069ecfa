{#
    The id under which the warehouse knows a person: the raw customer id, else 'anonymous:' and the anonymous id, else
    'email:' and the md5 of the salt and the e-mail; null when all are null. In a brand other than default, '<brand>:'
    stands before it. It never holds an e-mail in clear: a customer id that is one is hashed like one.

    'C1' -> 'C1'; brand 'fr', 'C1' -> 'fr:C1'; 'anna@example.org' -> 'email:52a1...'.
    Call: person_id('brand', customer_id='customer_id', anonymous_id='anonymous_id', email='email'), with what there is
#}
{% macro person_id(brand, customer_id=none, anonymous_id=none, email=none) -%}
    case when {{ brand }} <> 'default' then {{ brand }} || ':' else '' end || coalesce(
        {%- set ids = [] -%}
        {%- if customer_id -%}
            {%- do ids.append(
                "case when " ~ customer_id ~ " like '%_@_%' then " ~ customer_lifecycle.email_id(customer_id)
                ~ " else " ~ customer_id ~ " end"
            ) -%}
        {%- endif -%}
        {%- if anonymous_id -%}{%- do ids.append("'anonymous:' || " ~ anonymous_id) -%}{%- endif -%}
        {%- if email -%}{%- do ids.append(customer_lifecycle.email_id(email)) -%}{%- endif -%}
        {{ ids | join(', ') }}
    )
{%- endmacro %}


{# email_id('email') -> 'email:' and the md5 of the salt and the e-mail, trimmed and lower case #}
{% macro email_id(email) -%}
    'email:' || {{ customer_lifecycle.text_md5(
        "'" ~ customer_lifecycle.setting('identity_salt') | replace("'", "''") ~ "' || lower(trim(" ~ email ~ "))"
    ) }}
{%- endmacro %}
