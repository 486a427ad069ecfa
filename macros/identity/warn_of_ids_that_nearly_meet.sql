{# A post-hook of improbable_ids: a warning for each brand in which customers have bought under an id that has no profile, and is another's but for
   zeros before it, which spreadsheets take, signs or case: '42' in orders, '00042' or 'C-42' as 'c42' in customers. #}
{% macro warn_of_ids_that_nearly_meet() -%}
    {%- set orders, customers = ref('customer_lifecycle', 'stg_shop__orders'), ref('customer_lifecycle', 'stg_shop__customers') -%}
    {%- set key = "lower(" ~ customer_lifecycle.remove_pattern(customer_lifecycle.remove_pattern('customer_id', '[-#,. _]'), '^0+') ~ ')' -%}
    {%- set ids = '(select distinct brand, customer_id, ' ~ key ~ ' as id_key from ' -%}
    {%- set query = "select bought.brand, count(distinct bought.customer_id), min(bought.customer_id || " ~ customer_lifecycle.text_literal("' and '") | trim ~ " || alike.customer_id) from " ~ ids ~ orders
        ~ ' where customer_id is not null) as bought inner join ' ~ ids ~ customers ~ ') as alike on bought.brand = alike.brand and bought.id_key = alike.id_key left join '
        ~ customers ~ ' as met on bought.brand = met.brand and bought.customer_id = met.customer_id where met.customer_id is null group by 1 order by 1' -%}
    {%- for row in (customer_lifecycle.answer_of(query).rows if execute else []) -%}
        {%- do exceptions.warn(row[1] ~ " customers of orders (brand " ~ row[0] ~ ") have no profile under their id, but under one that differs by zeros before it, signs or case, such as '"
            ~ row[2] ~ "': send ids as text in all tables, as the system that made them has them.") -%}
    {%- endfor -%}
{%- endmacro %}
