{# The id under which the warehouse knows a person: the raw customer id (hashed like an e-mail if it is one), else 'anonymous:' and the
   anonymous id, else 'email:' and the md5 of salt and e-mail; null without any. In a brand other than default, '<brand>:' stands before it.
   'C1' -> 'C1'; brand 'fr', 'C1' -> 'fr:C1'; 'anna@example.org' -> 'email:52a1...'.
   Call: person_id('brand', customer_id='customer_id', anonymous_id='anonymous_id', email='email'), with what there is #}
{% macro person_id(brand, customer_id=none, anonymous_id=none, email=none) -%}
    case when {{ brand }} <> 'default' then {{ brand }} || ':' else '' end || coalesce(
        {%- set ids = [] -%}
        {%- if customer_id -%}
            {%- set hashed = customer_lifecycle.email_id(customer_id) -%}
            {%- do ids.append("case when " ~ customer_id ~ " like '%_@_%' then " ~ hashed ~ " else " ~ customer_id ~ " end") -%}
        {%- endif -%}
        {%- if anonymous_id -%}{%- do ids.append("'anonymous:' || " ~ anonymous_id) -%}{%- endif -%}
        {%- if email -%}{%- do ids.append(customer_lifecycle.email_id(email)) -%}{%- endif -%}
        {{ ids | join(', ') }}
    )
{%- endmacro %}
{# email_id('email') -> 'email:' and the md5 of the salt and the e-mail, trimmed and lower case. What stands in the place of an erased e-mail,
   '52a1...@erased.invalid', has its md5 in it (lifecycle_tools/erasure.py), and an id that clean_id has made of an e-mail is one already. #}
{% macro email_id(email) -%}
    {%- set salt = customer_lifecycle.text_literal(customer_lifecycle.setting('identity_salt')) -%}
    case
        when {{ email }} like '%@erased.invalid' then 'email:' || replace({{ email }}, '@erased.invalid', '')
        when {{ email }} like 'email:%' and {{ email }} not like '%@%' then {{ email }}
        else 'email:' || {{ customer_lifecycle.text_md5(salt ~ " || lower(trim(" ~ email ~ "))") }}
    end
{%- endmacro %}
