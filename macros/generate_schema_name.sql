{# Standalone, schemas are called exactly raw, staging, intermediate, marts, quality. In a package, the rule of the installing project holds,
   or dbt's: dbt asks each package first, and two developers of that project would otherwise build into one schema.
   generate_schema_name('marts', node) -> 'marts'; as a package, with dbt's own rule and the target schema dev -> 'dev_marts' #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if project_name == 'customer_lifecycle' -%}
        {{ (custom_schema_name or target.schema) | trim }}
    {%- else -%}
        {%- set installing_project = context.get(project_name) or {} -%}
        {{ (installing_project.get('generate_schema_name') or dbt.generate_schema_name)(custom_schema_name, node) }}
    {%- endif -%}
{%- endmacro %}
