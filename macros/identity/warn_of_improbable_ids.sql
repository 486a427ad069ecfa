{# A post-hook of improbable_ids: a warning that names the ids, the most used first. #}
{% macro warn_of_improbable_ids() -%}
    {%- if execute -%}
        {%- set query = 'select brand, customer_id, counted, usage_count from ' ~ this ~ ' order by usage_count desc, customer_id limit 5' -%}
        {%- for row in customer_lifecycle.answer_of(query).rows -%}
            {%- do exceptions.warn("The id '" ~ row[1] ~ "' (brand " ~ row[0] ~ ") has " ~ row[3] ~ " " ~ row[2] ~ ", improbably many for one person: "
                ~ "if it is no customer's, like the walk-in account of a till, list it in NOBODY_IDS as it stands in the raw data; its sales then count "
                ~ "without a customer (quality.improbable_ids).") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
