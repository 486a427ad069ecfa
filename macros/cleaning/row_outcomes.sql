{# A query: the rows of a base model with what the as-of date decides as well, for staging, the quarantine and the check that no row vanishes.
   row_outcomes('refunds', excluded_ids=ref(...), order_outcomes=ref(...), machine_rows=ref(...)), where the contract names a person, a parent, is_bot ->
     outcome        'accepted', 'held_back' (future-dated: its main date is after the as-of date) or 'rejected'
     final_reason   the one reason of a rejected row: its own, else 'erased', else what its order says, else 'test_account' for what stands under
                    an id of a test account, else 'bot_traffic' for a machine's row; with shared_ids=ref(...), for which staging is too early,
                    'shared_identifier' for a row whose only id many persons share by then
     is_erased      was this row's person erased? Then nothing of the raw row may be shown #}
{% macro row_outcomes(table, excluded_ids=none, order_outcomes=none, machine_rows=none, shared_ids=none) %}
{%- set contract, ids, erased, reasons = customer_lifecycle.raw_table(table), {}, [], [] -%}
{%- set person = contract.person or {} -%}
{%- set owner = {'referrals': 'referrer_person_id', 'affiliate_sales': 'affiliate_person_id', 'identity_links': 'canonical_person_id'}.get(table, 'person_id') -%}
{%- if person and excluded_ids -%}
    {%- do ids.update({'excluded': owner}) -%}
    {%- if 'email' in person -%}{%- do ids.update({'excluded_emails': 'email_person_id'}) -%}{%- endif -%}
    {%- if table == 'identity_links' -%}{%- do ids.update({'excluded_merged_ids': 'merged_person_id'}) -%}{%- endif -%}
{%- endif -%}
{%- for name in ids -%}
    {%- set until = name ~ '.erased_until_date' -%}
    {%- do erased.append(until ~ ' is not null and coalesce(base_rows.main_date, ' ~ until ~ ') <= ' ~ until) -%}
{%- endfor -%}
{%- if contract.parent and order_outcomes -%}{%- do erased.append("coalesce(parents.is_erased, false)") -%}{%- endif -%}
{%- if erased -%}{%- do reasons.append([erased | join(' or '), "'erased'", "'rejected'"]) -%}{%- endif -%}
{%- if contract.parent -%}
    {%- do reasons.append(['parents.order_id is null', "'orphan_reference'", "'rejected'"]) -%}
    {%- do reasons.append(["parents.outcome <> 'accepted'", 'parents.final_reason', 'parents.outcome']) -%}
{%- endif -%}
{%- if person and excluded_ids and table not in ['customers', 'identity_links'] -%}
    {%- do reasons.append(['excluded.tested_from_date <= base_rows.main_date and base_rows.main_date < excluded.tested_to_date', "'test_account'", "'rejected'"]) -%}
{%- endif -%}
{%- set may_be_bot = machine_rows and 'is_bot' in contract.columns -%}
{%- if may_be_bot -%}{%- do reasons.append(['machine_rows.record_key is not null', "'bot_traffic'", "'rejected'"]) -%}{%- endif -%}
{%- set has_lone_ids = shared_ids and table != 'customers' and ('email' in person or 'anonymous_id' in person) -%}
{%- if has_lone_ids -%}{%- do reasons.append(['shared_ids.person_id is not null', "'shared_identifier'", "'rejected'"]) -%}{%- endif -%}
    select
        base_rows.*,
        {{ '(' ~ erased | join(' or ') ~ ')' if erased else 'false' }} as is_erased,
        case
            when base_rows.rejection_reason is not null then base_rows.rejection_reason
            when base_rows.main_date > as_of.as_of_date then null
            {%- for condition, reason, outcome in reasons %} when {{ condition }} then {{ reason }}{% endfor %}
        end as final_reason,
        case
            when base_rows.rejection_reason is not null then 'rejected'
            when base_rows.main_date > as_of.as_of_date then 'held_back'
            {%- for condition, reason, outcome in reasons %} when {{ condition }} then {{ outcome }}{% endfor %}
            else 'accepted'
        end as outcome
    from {{ ref('customer_lifecycle', customer_lifecycle.base_model(table)) }} as base_rows
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {%- for name, column in ids.items() %}
    left join {{ excluded_ids }} as {{ name }} on base_rows.{{ column }} = {{ name }}.person_id
    {%- endfor %}
    {%- if may_be_bot %}
    left join {{ machine_rows }} as machine_rows
        on machine_rows.source_table = '{{ table }}' and base_rows.brand = machine_rows.brand and base_rows.record_key = machine_rows.record_key
    {%- endif %}
    {%- if has_lone_ids %}
    left join {{ shared_ids }} as shared_ids
        on base_rows.brand = shared_ids.brand
        and base_rows.person_id = shared_ids.person_id
        and base_rows.main_date >= shared_ids.shared_from_date
        and {% for column in person.values() %}case when base_rows.{{ column }} is null then 0 else 1 end{{ ' + ' if not loop.last }}{% endfor %} = 1
    {%- endif %}
    {{ 'left join ' ~ order_outcomes ~ ' as parents on base_rows.brand = parents.brand and base_rows.order_id = parents.order_id' if contract.parent }}
{% endmacro %}
{# cleaned_values('refunds') -> {'brand': 'brand', 'refund_id': 'refund_id', ...}: the contract's names and the columns with the cleaned values #}
{% macro cleaned_values(table) %}
    {% set values = {} %}
    {% for name in customer_lifecycle.raw_table(table).columns %}{% do values.update({name: customer_lifecycle.column_name(name)}) %}{% endfor %}
    {{ return(values) }}
{% endmacro %}
