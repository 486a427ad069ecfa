{#
    The rows of a base model with what the as-of date decides as well.

    judged_rows('refunds') -> a query: every row of base_shop__refunds with
      outcome        'accepted', 'held_back' (its main date is after the as-of date) or 'rejected'
      final_reason   the one reason of a rejected row: its own, else 'erased', else what its order says
      is_erased      was this row's person erased? Then nothing of the raw row may be shown
    The staging models, the quarantine and the check that no row vanishes all read this.
#}
{% macro judged_rows(table) %}
{%- set contract = customer_lifecycle.raw_contract()[table] -%}
{%- set person = contract.person or {} -%}
{%- set is_erasable = person and table != 'erasure_requests' or table == 'identity_links' -%}
    select
        base_rows.*,
        {{ customer_lifecycle.is_erased(table) }} as is_erased,
        case
            when base_rows.rejection_reason is not null then base_rows.rejection_reason
            when base_rows.main_date > as_of.as_of_date then null
            {%- if is_erasable %}
            when {{ customer_lifecycle.is_erased(table) }} then 'erased'
            {%- endif %}
            {%- if contract.parent %}
            when parents.order_id is null then 'orphan_reference'
            when parents.outcome = 'rejected' then parents.final_reason
            {%- endif %}
        end as final_reason,
        case
            when base_rows.rejection_reason is not null then 'rejected'
            when base_rows.main_date > as_of.as_of_date then 'held_back'
            {%- if is_erasable %}
            when {{ customer_lifecycle.is_erased(table) }} then 'rejected'
            {%- endif %}
            {%- if contract.parent %}
            when parents.order_id is null then 'rejected'
            else parents.outcome
            {%- else %}
            else 'accepted'
            {%- endif %}
        end as outcome
    from {{ ref(customer_lifecycle.base_model(table)) }} as base_rows
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
    {%- if is_erasable %}
    {%- set columns = {'customer_id': person.get('customer_id', 'customer_id')} %}
    {%- if 'email' in person %}{% do columns.update({'email': person.email}) %}{% endif %}
    {%- for id_type, column in columns.items() %}
    left join {{ ref('base_identity__erased_ids') }} as erased_{{ id_type }}s
        on erased_{{ id_type }}s.id_type = '{{ id_type }}'
        and base_rows.brand = erased_{{ id_type }}s.brand
        and base_rows.{{ column }} = erased_{{ id_type }}s.id_value
    {%- endfor %}
    {%- if table == 'identity_links' %}
    left join {{ ref('base_identity__erased_ids') }} as erased_id_values
        on base_rows.id_type = erased_id_values.id_type
        and base_rows.brand = erased_id_values.brand
        and base_rows.id_value = erased_id_values.id_value
    {%- endif %}
    {%- endif %}
    {%- if contract.parent %}
    left join {{ ref('base_shop__order_outcomes') }} as parents
        on base_rows.brand = parents.brand
        and base_rows.order_id = parents.order_id
    {%- endif %}
{% endmacro %}


{# is_erased('orders') -> the condition, over the joins of judged_rows, that an erasure request covers the row #}
{% macro is_erased(table) -%}
    {%- set person = customer_lifecycle.raw_contract()[table].person or {} -%}
    {%- if table == 'erasure_requests' or (not person and table != 'identity_links') -%}
        false
    {%- else -%}
        {%- set joins = ['erased_customer_ids'] -%}
        {%- if 'email' in person -%}{%- do joins.append('erased_emails') -%}{%- endif -%}
        {%- if table == 'identity_links' -%}{%- do joins.append('erased_id_values') -%}{%- endif -%}
        {%- set conditions = [] -%}
        {%- for join in joins -%}
            {%- do conditions.append(
                join ~ ".erased_until_date is not null and coalesce(base_rows.main_date, " ~ join ~ ".erased_until_date) <= "
                ~ join ~ ".erased_until_date"
            ) -%}
        {%- endfor -%}
        ({{ conditions | join(' or ') }})
    {%- endif -%}
{%- endmacro %}
