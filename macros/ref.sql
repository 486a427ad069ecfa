{#
    `ref` as the models of this project see it: a name is always this project's own. dbt by itself asks the installing
    project first, whose `brands` or `int_customers` would be read in the place of ours.

    ref('brands') -> builtins.ref('customer_lifecycle', 'brands'), or, where the var `replacements` is {'brands': 'shop_brands'},
    builtins.ref('shop_brands'). dbt knows macros of this name by package, so other projects keep their own `ref`.
#}
{% macro ref() %}
    {% set replacements = var('replacements', none) or {} %}
    {% set package = varargs[0] if varargs | length == 2 else 'customer_lifecycle' %}
    {% if package == 'customer_lifecycle' and varargs[-1] in replacements %}
        {{ return(builtins.ref(replacements[varargs[-1]])) }}
    {% endif %}
    {{ return(builtins.ref(package, varargs[-1], **kwargs)) }}
{% endmacro %}
