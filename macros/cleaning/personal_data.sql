{# What is known of a person beyond ids and acts: columns that the contract tags pii. They stay in base and staging, and leave them with the
   person. Ids that hide an e-mail or telephone number: macros/identity. #}

{# A text with '[e-mail]' and '[phone]' in the place of each e-mail address and of each telephone number with its country code: people write them
   where no reader looks for them, and texts reach marts. `of`: what is made of the text where it has one of their signs.
   redacted('x', of=without_user('x')) #}
{% macro redacted(text, of=none) -%}
    {%- set without = customer_lifecycle.replace_pattern(of or text, customer_lifecycle.address_pattern(), '[e-mail]') -%}
    case when {{ text }} like '%@%' or {{ text }} like '%+%' then {{ customer_lifecycle.without_phones(without, customer_lifecycle.phone_pattern()) }} else {{ text }} end
{%- endmacro %}
{# ... and of numbers without one, for texts that are sentences: in others, digits are codes. 'call (0171) 123 45 67' -> 'call [phone]' #}
{% macro without_phones(text, pattern='0[0-9]([ ()./-]{0,2}[0-9]){7,13}|[2-9][0-9]{2}[)]?[ .-]?[0-9]{3}[ .-][0-9]{4}') -%}
    {{ customer_lifecycle.replace_pattern(text, '(^|[^0-9A-Za-z(])[(]*(' ~ pattern ~ ')', '\\1[phone]') }}
{%- endmacro %}
{% macro phone_pattern() %}{{ return("[+][1-9]([ \u00a0()./-]*[0-9]){8,14}") }}{% endmacro %}
{# The user in a web address goes without a trace, so that its host can be read: 'https://anna@shop.example/a' -> 'https://shop.example/a' #}
{% macro without_user(text) %}{{ return(customer_lifecycle.replace_pattern(text, '//[^ /?#@]*@', '//')) }}{% endmacro %}
{% macro address_pattern() -%}
    {%- set sign = "[^ @<>(),;:\"'/?&=#|]+" -%}
    {{ return(sign ~ '@' ~ sign ~ '[.]' ~ sign) }}
{%- endmacro %}
{# A raw row as JSON without the values of columns that name persons, by the names that such columns have anywhere.
   '{"order_id":"1","email":"anna@example.org"}' -> '{"order_id":"1","email":"[hidden]"}' #}
{% macro without_persons(json) -%}
    {%- set names = [
        '[^"]*e?-?mails?[^"]*', '[^"]*(phone|mobile|telefon)[^"]*', '((first|last|full|given|middle|family|sur|maiden|customer|user|contact|billing|shipping)[_ ]?)?name',
        '[^"]*(address|street|postal|postcode|zip)[^"]*', 'city', '(client_|user_)?ip', 'birth[^"]*', 'comments?', 'notes?', 'message', 'body', 'landing_page', 'referrer',
    ] -%}
    {{ customer_lifecycle.replace_pattern(customer_lifecycle.redacted(json), '("(' ~ names | join('|') ~ ')":)"([^"\\\\]|\\\\.)*"', '\\1"[hidden]"') }}
{%- endmacro %}
{# personal_columns('customers') -> ['email', 'phone', ...]: the columns tagged pii in models/base/_raw__sources.yml that a row can do without #}
{% macro personal_columns(table) %}
    {% set columns = [] %}
    {% for name, column in (graph.sources['source.customer_lifecycle.lifecycle_raw.' ~ table].columns if execute else {}).items() %}
        {% if 'pii' in column.config.tags and not column.config.meta.required %}{% do columns.append(name) %}{% endif %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
{# A post-hook of stg_shop__order_outcomes, which knows what the last of a person's rows need, one for each raw table: what a base model holds of
   erased persons but ids and acts is deleted, in rows of others that name them too. Where rows cannot be changed, nothing. #}
{% macro forget_erased(table) -%}
{%- set base, erased = ref('customer_lifecycle', customer_lifecycle.base_model(table)), ref('customer_lifecycle', 'int_erased_ids') -%}
{%- set columns, ids, parent = customer_lifecycle.personal_columns(table) + ['raw_row'], [], customer_lifecycle.raw_table(table).parent -%}
{%- for name in (graph.nodes['model.customer_lifecycle.' ~ customer_lifecycle.base_model(table)].columns if execute else []) if name.endswith('person_id') and name != 'anonymous_person_id' -%}
    {%- do ids.append(name) -%}
{%- endfor -%}
{%- if execute and customer_lifecycle.can_increment() and (ids or parent) -%}
update {{ base }}
set {% for name in columns %}{{ name }} = null{{ ', ' if not loop.last }}{% endfor %}
where
    ({% for name in columns %}{{ name }} is not null{{ ' or ' if not loop.last }}{% endfor %})
    and raw_fingerprint in (
        {%- for name in ids %}
        select base_rows.raw_fingerprint
        from {{ base }} as base_rows
        inner join {{ erased }} as erased_ids
            on base_rows.{{ name }} = erased_ids.person_id and coalesce(base_rows.main_date, erased_ids.erased_until_date) <= erased_ids.erased_until_date
        {{ 'union all' if not loop.last or parent }}
        {%- endfor %}
        {%- if parent %}
        select base_rows.raw_fingerprint
        from {{ base }} as base_rows
        inner join {{ this }} as parents on base_rows.brand = parents.brand and base_rows.order_id = parents.order_id
        where parents.is_erased
        {%- endif %}
    )
{%- endif -%}
{%- endmacro %}
