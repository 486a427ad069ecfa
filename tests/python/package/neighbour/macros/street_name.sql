{# street_name('Rue Haute') -> 'RUE HAUTE' #}
{% macro street_name(name) %}'{{ name | upper }}'{% endmacro %}
