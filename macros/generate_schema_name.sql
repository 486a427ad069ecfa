{# Standalone, schemas are called exactly raw, staging, intermediate, marts, quality. dbt asks only the root project for
   this macro, so in a project that installs this one as a package that project's own rule holds. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
