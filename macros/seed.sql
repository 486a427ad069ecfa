{# A seed that users may replace by the var `replacements`, except in unit tests, whose rows are given for the project's own seed.
   seed('brands') -> ref('customer_lifecycle', 'brands'); with replacements = {'brands': 'shop_brands'} -> ref('shop', 'shop_brands') #}
{% macro seed(name) %}
    {% set replacements = {} if model and model.get('resource_type') == 'unit_test' else (var('replacements', none) or {}) %}
    {% set own_seed = ref('customer_lifecycle', name) %}  {#- also when it is replaced: unit tests read its columns -#}
    {{ return(customer_lifecycle.named_ref(replacements[name]) if name in replacements else own_seed) }}
{% endmacro %}
{# What a var names. A ref that says the project draws no warning of dbt, which warns of packages that read from the root project.
   named_ref('shop_brands') -> ref('<the project that is run>', 'shop_brands'); named_ref('connector.customers') -> ref('connector', 'customers')
#}
{% macro named_ref(name) %}
    {% set parts = name.split('.') %}
    {{ return(ref(parts[0], parts[1]) if parts | length == 2 else ref(project_name, name)) }}
{% endmacro %}
