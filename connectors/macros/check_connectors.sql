{# Before anything is built: does customer_lifecycle read the connectors; are the schemas there that the var connectors names, and do they hold
   tables of the vendor? A wrong name stops the build, since an absent table is an empty one and everything would be built of nothing.
   check_connectors() -> nothing; the on-run-start hook. Harmless for commands that build nothing of this package. #}
{% macro check_connectors() %}
    {% set is_ours = modules.re.search('(^| )model[.]customer_lifecycle_connectors[.]', selected_resources | join(' ')) %}
    {% if execute and is_ours and flags.WHICH in ['build', 'run', 'retry'] and not flags.EMPTY %}
        {% do customer_lifecycle_connectors.check_readers() %}
        {% for vendor, connection in customer_lifecycle_connectors.connections().items() %}
            {% for schema in connection.brands.values() %}
                {% do customer_lifecycle_connectors.check_schema(vendor, connection, schema) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Whichever model of another package reads one of ours, as a base model of customer_lifecycle does, or a model of the user's own #}
{% macro check_readers() %}
    {% set models, readers = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list, [] %}
    {% set others = models | rejectattr('package_name', 'equalto', 'customer_lifecycle_connectors') | list %}
    {% for model in others %}
        {% do readers.append(model.name) if 'model.customer_lifecycle_connectors.' in model.depends_on.nodes | join(' ') %}
    {% endfor %}
    {% if not readers and others | selectattr('package_name', 'equalto', 'customer_lifecycle') | list %}
        {% do customer_lifecycle.stop_build("The var connectors is there, but customer_lifecycle does not read the connectors: write below vars, customer_lifecycle: "
            ~ "raw_models: {package: customer_lifecycle_connectors}, and connectors directly below vars.") %}
    {% endif %}
{% endmacro %}

{% macro check_schema(vendor, connection, schema) %}
    {% set database = connection.database or target.database %}
    {% set tried, found = [], [] %}
    {% if schema | lower not in customer_lifecycle_connectors.schemas_beside(database) %}
        {% set names = customer_lifecycle_connectors.schemas_beside(database) %}
        {% do customer_lifecycle.stop_build("The var connectors says that " ~ vendor ~ " is in the schema '" ~ schema ~ "', which is not there: "
            ~ ("the schemas " ~ ("of database '" ~ database ~ "' " if database) ~ "are " ~ names | join(', ') if names
            else "the database '" ~ database ~ "' has none, or is not there") ~ ".") %}
    {% endif %}
    {# Snowflake looks for names in capitals, however they are written #}
    {% set spelled = customer_lifecycle_connectors.schemas_as_spelled(database) %}
    {% if schema not in spelled and target.type != 'snowflake' %}
        {% set place = (spelled | map('lower') | list).index(schema | lower) %}
        {% do customer_lifecycle.stop_build("The var connectors says that " ~ vendor ~ " is in the schema '" ~ schema ~ "', which is spelled otherwise there: write '"
            ~ spelled[place] ~ "'.") %}
    {% endif %}
    {% set shapes = customer_lifecycle_connectors[vendor ~ '_' ~ connection.loader]() %}
    {% for table in customer_lifecycle_connectors.vendor_form(vendor) %}
        {% set shape = shapes.get(table) %}
        {% if shape %}
            {% for name in customer_lifecycle_connectors.as_list(shape.table) if name not in tried %}{% do tried.append(name) %}{% endfor %}
            {% do found.append(table) if customer_lifecycle_connectors.loaded_table(vendor, schema, shape.table) %}
        {% endif %}
    {% endfor %}
    {% if not found %}
        {% set names, others = customer_lifecycle_connectors.tables_beside(database, schema), [] %}
        {% for loader in customer_lifecycle_connectors.vendors()[vendor].loaders if loader != connection.loader %}
            {% for shape in customer_lifecycle_connectors[vendor ~ '_' ~ loader]().values() if customer_lifecycle_connectors.loaded_table(vendor, schema, shape.table) %}
                {% do others.append(loader) if loader not in others %}
            {% endfor %}
        {% endfor %}
        {% do customer_lifecycle.stop_build("The schema '" ~ schema ~ "' has no table of " ~ vendor ~ " as " ~ connection.loader ~ " lands them: tried "
            ~ tried | join(', ') ~ "; there " ~ ("are " ~ names | join(', ') if names else "is nothing")
            ~ (". Is the loader " ~ others | join(' or ') ~ "?" if others else ".")) %}
    {% endif %}
{% endmacro %}

{# schemas_beside('warehouse') -> ['main', 'shopify', ...], lower case, without those of the engine #}
{% macro schemas_beside(database) %}{{ return(customer_lifecycle_connectors.schemas_as_spelled(database) | map('lower') | unique | sort) }}{% endmacro %}
{% macro schemas_as_spelled(database) %}
    {% set names = [] %}
    {% for row in dbt.list_schemas(database).rows %}
        {% do names.append(row[0]) if not modules.re.match('information_schema|pg_', row[0] | lower) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}

{# tables_beside('warehouse', 'shopify') -> ['customer', 'order', ...]: what stands in a schema #}
{% macro tables_beside(database, schema) %}{{ return(adapter.dispatch('tables_beside', 'customer_lifecycle_connectors')(database, schema)) }}{% endmacro %}
{% macro default__tables_beside(database, schema) %}
    {% set query = "select distinct table_name from information_schema.tables where lower(table_schema) = '" ~ schema | lower ~ "' order by 1" %}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}
{% macro bigquery__tables_beside(database, schema) %}
    {{ return(run_query("select table_name from `" ~ database ~ "`.`" ~ schema ~ "`.INFORMATION_SCHEMA.TABLES order by 1").columns[0].values() | list) }}
{% endmacro %}
{% macro spark__tables_beside(database, schema) %}{{ return(run_query('show tables in `' ~ schema ~ '`').columns[1].values() | sort) }}{% endmacro %}
