{#
    `ref` as the models of this project see it: a name is always this project's own. dbt by itself asks the installing
    project first, whose `brands` or `int_customers` would be read in the place of ours. dbt finds macros of this name by
    package, so that other projects keep their own `ref`.

    ref('brands') -> builtins.ref('customer_lifecycle', 'brands'), or, where the var `replacements` is {'brands': 'shop_brands'},
    builtins.ref('shop_brands'). Generic tests and unit tests stay with ours: theirs are the rows of the seed they hang on, or of
    their own.
#}
{% macro ref() %}
    {% set node = model if model is defined and model else {} %}
    {% set is_replaceable = node.get('resource_type') != 'unit_test' and not node.get('test_metadata') %}
    {% set replacements = (var('replacements', none) or {}) if is_replaceable else {} %}
    {% set package = varargs[0] if varargs | length == 2 else 'customer_lifecycle' %}
    {% if package == 'customer_lifecycle' and varargs[-1] in replacements %}
        {{ return(builtins.ref(replacements[varargs[-1]])) }}
    {% endif %}
    {{ return(builtins.ref(package, varargs[-1], **kwargs)) }}
{% endmacro %}
