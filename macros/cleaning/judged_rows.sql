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


{#
    lone_id_columns('touchpoints') -> the columns of which at most one may be given for the row to have only one id; none for
    tables in which a row always names a customer
#}
{% macro lone_id_columns(table) %}
    {% set person = customer_lifecycle.raw_contract()[table].person or {} %}
    {% if table in ['customers', 'erasure_requests'] or not ('email' in person or 'anonymous_id' in person) %}
        {{ return([]) }}
    {% endif %}
    {{ return(person.values() | list) }}
{% endmacro %}


{# shared_id_of_row('orders_judged', ['customer_id', 'email']) -> the join that finds an accepted row nobody can be told by #}
{% macro shared_id_of_row(rows, id_columns) -%}
    {{ rows }}.outcome = 'accepted'
        and {{ rows }}.brand = shared_ids.brand
        and {{ rows }}.person_id = shared_ids.person_id
        and {{ rows }}.main_date >= shared_ids.shared_from_date
        and {% for column in id_columns %}case when {{ rows }}.{{ column }} is null then 0 else 1 end{{ ' + ' if not loop.last }}{% endfor %} = 1
{%- endmacro %}


{#
    contract_values('refunds', 'refunds_judged') -> {'brand': 'refunds_judged.brand', 'refund_id': ...}: the cleaned values under the
    contract's names, for rows that turned out unusable after they had been cleaned
#}
{% macro contract_values(table, rows) %}
    {% set values = {} %}
    {% for name in customer_lifecycle.raw_table_columns(table) %}
        {% do values.update({name: rows ~ '.' ~ ('date_day' if name == 'date' else name)}) %}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}


{#
    cleaning_checks('orders') -> [['tax_amount', 'unparseable_value'], ['tax_amount', 'negative_amount'], ...]: what may be
    wrong with the optional columns of a table without making the row unusable
#}
{% macro cleaning_checks(table) %}
    {% set checks = [] %}
    {% for name, column in customer_lifecycle.raw_table_columns(table).items() if 'required' not in column %}
        {% if column[0] == 'country' %}
            {% do checks.append([name, 'invalid_enum']) %}
        {% elif column[0] not in ['id', 'text', 'code', 'currency'] %}
            {% do checks.append([name, 'unparseable_value']) %}
        {% endif %}
        {% if 'positive' in column %}
            {% do checks.append([name, 'negative_amount']) %}
        {% endif %}
        {% if column[0] == 'timestamp' %}
            {% do checks.append([name, 'implausible_timestamp']) %}
        {% endif %}
    {% endfor %}
    {{ return(checks) }}
{% endmacro %}
