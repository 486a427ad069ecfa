{# Of an incremental table, the rows that this build has written: those of the customers that are computed. Rows say by which
   build they were written, so that an engine need not look at the others' to pass over them.
   join_current_build('events') -> inner join ... on events.computed_in_build = current_build.build_number #}
{% macro join_current_build(rows) -%}
    inner join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
        on {{ rows }}.computed_in_build = current_build.build_number
{%- endmacro %}
