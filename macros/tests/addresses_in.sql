{# A query for a data test: the text columns of these models with an e-mail address or a telephone number (+43 ...), and in how many rows. All of a folder in one query,
   as a test for each would take longer than what it reads.   addresses_in(['csat_monthly', 'nps_monthly']) #}
{% macro addresses_in(models) -%}
    {%- set queries, signs = [], customer_lifecycle.address_pattern() ~ '|(^|[^0-9A-Za-z(])[(]*' ~ customer_lifecycle.phone_pattern() -%}
    {%- for name in models -%}
    {%- set relation = ref('customer_lifecycle', name) -%}
    {%- for column in (graph.nodes['model.customer_lifecycle.' ~ name].columns.values() if execute else []) if column.data_type == 'varchar' -%}
        {%- do queries.append("select '" ~ name ~ "' as model, '" ~ column.name ~ "' as column_name, count(*) as row_count\nfrom " ~ relation
            ~ "\nwhere (" ~ column.name ~ " like '%@%' or " ~ column.name ~ " like '%+%') and " ~ customer_lifecycle.matches_pattern(column.name, signs) ~ "\nhaving count(*) > 0") -%}
    {%- endfor -%}
    {%- endfor -%}
    {{ queries | join('\nunion all\n') or 'select 1 as nothing' }}
{%- endmacro %}
