{# segment_key('customers.segment') -> the segment as thresholds find it: case and blanks make no other segment.  'B2B ' -> 'b2b' #}
{% macro segment_key(segment) -%} lower(replace({{ segment }}, ' ', '')) {%- endmacro %}
{# Stops the build when the seed lifecycle_thresholds contradicts itself, and warns of a row whose segment no customer has; renders to
   nothing. Asked while the model compiles, so that a `dbt run`, which runs no data test, stops as well.
   check_thresholds(ref('customer_lifecycle', 'int_customers')) #}
{% macro check_thresholds(customers) -%}
    {#- a unit test has no `this` -#}
    {%- if execute and this and flags.WHICH in ['build', 'run'] -%}
        {%- set rows = customer_lifecycle.answer_of('select * from ' ~ customer_lifecycle.seed('lifecycle_thresholds')) -%}
        {%- set here = "seeds/lifecycle/lifecycle_thresholds.csv, segment '" -%}
        {%- if 'default' not in rows.columns['segment'].values() -%}
            {{ exceptions.raise_compiler_error(here ~ "default' is missing: add the row that every other segment falls back to.") }}
        {%- endif -%}
        {%- set segments = rows.columns['segment'].values() | map('string') | map('replace', ' ', '') | map('lower') | list -%}
        {%- for row in rows -%}
            {%- if segments.count(row['segment'] | string | replace(' ', '') | lower) > 1 -%}
                {{ exceptions.raise_compiler_error(here ~ row['segment'] ~ "' is there twice (case and blanks make no difference): "
                    ~ "keep one of the rows.") }}
            {%- endif -%}
            {%- for name in rows.column_names if name != 'segment' -%}
                {%- set least_value = 0 if name in ['subscription_grace_days', 'reactivation_days'] else 1 -%}
                {%- if row[name] is none or row[name] < least_value -%}
                    {{ exceptions.raise_compiler_error(here ~ row['segment'] ~ "': " ~ name ~ " is " ~ row[name]
                        ~ ", but must be a whole number of at least " ~ least_value ~ ".") }}
                {%- endif -%}
            {%- endfor -%}
            {%- set pairs = [('at_risk_after_days', 'churn_after_days'), ('engagement_window_days', 'dormant_after_days')] -%}
            {%- for sooner, later in pairs if row[sooner] > row[later] -%}
                {{ exceptions.raise_compiler_error(here ~ row['segment'] ~ "': " ~ sooner ~ " (" ~ row[sooner]
                    ~ ") is later than " ~ later ~ " (" ~ row[later] ~ "): it could never show; lower it or raise the other.") }}
            {%- endfor -%}
        {%- endfor -%}
        {%- set theirs = [] -%}
        {%- if segments | length > 1 -%}
            {%- set query = 'select distinct segment from ' ~ customers ~ ' where segment is not null order by 1' -%}
            {%- do theirs.extend(customer_lifecycle.answer_of(query).columns[0].values()) -%}
        {%- endif -%}
        {%- set known = ['default'] + (theirs | map('replace', ' ', '') | map('lower') | list) -%}
        {%- for row in rows if (row['segment'] | string | replace(' ', '') | lower) not in known -%}
            {%- do exceptions.warn(here ~ row['segment'] ~ "': no customer has this segment, so the row changes nothing; "
                ~ ("the segments there are: " ~ theirs[:20] | join(', ') ~ (', ...' if theirs | length > 20 else '')
                    if theirs else "no customer has any") ~ ".") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
