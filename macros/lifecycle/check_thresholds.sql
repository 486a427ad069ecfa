{# Stops the build when the seed lifecycle_thresholds contradicts itself; renders to nothing. #}
{% macro check_thresholds() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set rows = run_query('select * from ' ~ ref('lifecycle_thresholds')) -%}
        {%- set here = "seeds/lifecycle/lifecycle_thresholds.csv, segment '" -%}
        {%- if 'default' not in rows.columns['segment'].values() -%}
            {{ exceptions.raise_compiler_error(here ~ "default' is missing: add the row that every other segment falls back to.") }}
        {%- endif -%}
        {%- for row in rows -%}
            {%- for name in rows.column_names if name != 'segment' -%}
                {%- set least_value = 0 if name in ['subscription_grace_days', 'reactivation_days'] else 1 -%}
                {%- if row[name] is none or row[name] < least_value -%}
                    {{ exceptions.raise_compiler_error(here ~ row['segment'] ~ "': " ~ name ~ " is " ~ row[name]
                        ~ ", but must be a whole number of at least " ~ least_value ~ ".") }}
                {%- endif -%}
            {%- endfor -%}
            {%- for sooner, later in [
                ('at_risk_after_days', 'churn_after_days'), ('engagement_window_days', 'dormant_after_days'),
            ] -%}
                {%- if row[sooner] > row[later] -%}
                    {{ exceptions.raise_compiler_error(here ~ row['segment'] ~ "': " ~ sooner ~ " (" ~ row[sooner]
                        ~ ") is later than " ~ later ~ " (" ~ row[later] ~ "): it could never show; lower it or raise the other.") }}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
