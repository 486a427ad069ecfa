{# The shape layer: what a loader made of a vendor's tables, back in one form per vendor, whatever the loader.
   A vendor has one form, <vendor>_form(): {table: {column: type}}; a loader has one shape of it, <vendor>_<loader>(): {table: where it is}.
   Both are written in YAML. A shape says of a table
     table     its name in the loader's schema; of several, the first that is there. events_<day> is one table a day, events_20250131
     rows      a column with a JSON array, of which each element is a row: order_refunds.transactions; of arrays within its elements, both:
               [shipping_lines, tax_lines]
     parent    (dlt) the table of which this one is a child: parent.<column> then is a column of it; of a child's child, all of them upwards
     columns   vendor's column: loader's column, where the names differ; of several, the first that is there. a.b reads b in the JSON column
               a; a[b] the value of the parameter b in the list of parameters a; parent.a, in a table made of rows or of a child, the column
               a of the row to which the element belongs; element, in
               an array of plain values, the value itself
   Tables and columns that are not there are empty and null: a vendor's form always has the same columns. #}

{# loaders() -> the columns by which each loader says when a row was loaded, that it is gone or when it went, and, where a table has the versions
   of its rows, which of them is the current one #}
{% macro loaders() %}
    {{ return({
        'fivetran': {'loaded_at': '_fivetran_synced', 'is_deleted': '_fivetran_deleted'},
        'airbyte': {'loaded_at': ['_airbyte_extracted_at', '_airbyte_emitted_at'], 'deleted_at': '_ab_cdc_deleted_at'},
        'dlt': {'loaded_at': '_dlt_load_id', 'own_tables': ['_dlt_loads', '_dlt_version', '_dlt_pipeline_state']},
        'bigquery_export': {'loaded_at': []},
    }) }}
{% endmacro %}

{# vendor_form('shopify') -> {'orders': {'id': {'type': 'text', 'required': true}, ...}, ...} #}
{% macro vendor_form(vendor) %}
    {% set form = {} %}
    {% for table, columns in customer_lifecycle_connectors[vendor ~ '_form']().items() %}
        {% do form.update({table: {}}) %}
        {% for name, type in columns.items() %}
            {% do form[table].update({name: {'type': type.split(' ')[0], 'required': 'required' in type}}) %}
        {% endfor %}
    {% endfor %}
    {{ return(form) }}
{% endmacro %}

{# shape_of('shopify', 'fivetran', 'orders') -> {'table': 'order', 'rows': none, 'parent': none, 'columns': {...}} #}
{% macro shape_of(vendor, loader, table) %}
    {% set shape = customer_lifecycle_connectors[vendor ~ '_' ~ loader]().get(table) %}
    {{ return(dict({'rows': none, 'parent': none, 'columns': {}}, **shape) if shape else none) }}
{% endmacro %}

{# loaded_table('shopify', 'shopify_fr', 'order') -> the relation, or none where there is no such table; of several names, the first found #}
{% macro loaded_table(vendor, schema, names) %}
    {% set database, found = customer_lifecycle_connectors.connections()[vendor].database or target.database, [] %}
    {% for name in customer_lifecycle_connectors.as_list(names) if execute and flags.INTROSPECT %}
        {% set days = customer_lifecycle_connectors.day_tables(database, schema, name) if '<day>' in name %}
        {% do found.append(adapter.get_relation(database, schema, days[days | max] if days else name)) %}
    {% endfor %}
    {{ return(found | select | first | default(none)) }}
{% endmacro %}

{# day_tables('warehouse', 'analytics_1', 'events_<day>') -> {'20250131': 'events_20250131', '20250201': 'events_intraday_20250201'}: the tables of each
   day. The export writes a day several times: as it goes on, fresh, and whole; only the best of these counts, or its events count twice. #}
{% macro day_tables(database, schema, name) %}
    {% set days, tables = {}, customer_lifecycle_connectors.tables_beside(database, schema) %}
    {% for kind in ['', 'fresh_', 'intraday_'] %}
        {% for table in tables %}
            {% set day = modules.re.match('^' ~ name | replace('<day>', kind) ~ '([0-9]{8})$', table) %}
            {% if day and day.group(1) not in days %}{% do days.update({day.group(1): table}) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(days) }}
{% endmacro %}

{# loaded_tables('ga4', 'analytics_1', ['events_<day>', 'events']) -> [{'relation': a table, for its columns, 'rows': what its rows are read from}] #}
{% macro loaded_tables(vendor, schema, names) %}
    {% for name in customer_lifecycle_connectors.as_list(names) %}
        {% set newest = customer_lifecycle_connectors.loaded_table(vendor, schema, name) %}
        {% if newest and '<day>' in name %}
            {% set days = customer_lifecycle_connectors.day_tables(newest.database, schema, name) %}
            {{ return(adapter.dispatch('tables_of_days', 'customer_lifecycle_connectors')(newest, name, days)) }}
        {% elif newest %}
            {{ return([{'relation': newest, 'rows': newest}]) }}
        {% endif %}
    {% endfor %}
    {{ return([]) }}
{% endmacro %}
{% macro default__tables_of_days(newest, name, days) %}
    {% set tables = [] %}
    {% for table in days.values() %}
        {% set relation = adapter.get_relation(newest.database, newest.schema, table) %}
        {% do tables.append({'relation': relation, 'rows': relation}) %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}
{# BigQuery reads all of them as one, with the columns of the newest; a query may not name a thousand tables. #}
{% macro bigquery__tables_of_days(newest, name, days) %}
    {% set prefix, others = name.split('<day>')[0], [] %}
    {% for table in days.values() if not modules.re.match('^[0-9]{8}$', table[prefix | length:]) %}{% do others.append(table[prefix | length:]) %}{% endfor %}
    {% set wildcard = api.Relation.create(database=newest.database, schema=newest.schema, identifier=prefix ~ '*') %}
    {% set suffixes = "regexp_contains(_table_suffix, '^[0-9]{8}$')" ~ (" or _table_suffix in ('" ~ others | join("', '") ~ "')" if others else '') %}
    {{ return([{'relation': newest, 'rows': '(select * from ' ~ wildcard ~ ' where ' ~ suffixes ~ ')'}]) }}
{% endmacro %}

{# is_loaded('shopify', 'shipping_lines') -> is that table of the vendor's form there, in any schema? #}
{% macro is_loaded(vendor, table) %}
    {% if not execute or vendor not in customer_lifecycle_connectors.connections() %}{{ return(false) }}{% endif %}
    {% set connection = customer_lifecycle_connectors.connections()[vendor] %}
    {% set shape = customer_lifecycle_connectors.shape_of(vendor, connection.loader, table) %}
    {% set found = [] %}
    {% for schema in (connection.brands.values() if shape else []) %}
        {% do found.append(schema) if customer_lifecycle_connectors.loaded_table(vendor, schema, shape.table) %}
    {% endfor %}
    {{ return(found != []) }}
{% endmacro %}

{# vendor_rows('shopify', 'orders') -> a query: the rows of one table of the vendor's form, of all its schemas, with brand, loaded_at and
   deleted_at (the time of the load that found the row gone) #}
{% macro vendor_rows(vendor, table) %}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}{# while dbt parses, models of vendors that are not connected too #}
    {%- set connection = customer_lifecycle_connectors.connections()[vendor] -%}
    {%- set form = customer_lifecycle_connectors.vendor_form(vendor)[table] -%}
    {%- set shape = customer_lifecycle_connectors.shape_of(vendor, connection.loader, table) -%}
    {%- set parts = [] -%}
    {%- for brand, schema in (connection.brands.items() if shape else []) -%}
        {%- for found in customer_lifecycle_connectors.loaded_tables(vendor, schema, shape.table) -%}
            {%- if not shape.rows or customer_lifecycle_connectors.as_list(shape.rows)[0].split('.')[0] in customer_lifecycle_connectors.columns_of(found.relation, 'loaded') -%}
                {%- do parts.append(customer_lifecycle_connectors.rows_of_schema(vendor, table, form, shape, brand, schema, found.relation, found.rows)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if parts -%} {{ parts | join('\n    union all\n') }}
    {%- else %}
    select
        {%- for name, type in dict({'brand': 'text'}, **customer_lifecycle_connectors.types_of(form)).items() %}
        cast(null as {{ customer_lifecycle_connectors.sql_type(type) }}) as {{ name }},
        {%- endfor %}
        cast(null as {{ customer_lifecycle.timestamp_type() }}) as loaded_at,
        cast(null as {{ customer_lifecycle.timestamp_type() }}) as deleted_at
    from (select 1 as nothing) as nothing
    where 1 = 0
    {%- endif -%}
{% endmacro %}

{# rows_of_schema(...) -> the part of vendor_rows() for one schema #}
{% macro rows_of_schema(vendor, table, form, shape, brand, schema, relation, rows) %}
    {%- set loader_name = customer_lifecycle_connectors.connections()[vendor].loader -%}
    {%- set loader = customer_lifecycle_connectors.loaders()[loader_name] -%}
    {%- set columns = customer_lifecycle_connectors.columns_of(relation, 'loaded') -%}
    {%- set arrays = customer_lifecycle_connectors.as_list(shape.rows) if shape.rows else [] -%}
    {%- set ancestors = [] -%}
    {%- for name in customer_lifecycle_connectors.as_list(shape.parent) if name -%}
        {%- do ancestors.append(customer_lifecycle_connectors.loaded_table(vendor, schema, name)) -%}
        {%- if not ancestors[-1] -%}
            {%- do customer_lifecycle.stop_build("The table " ~ relation ~ " is a child of the table '" ~ name ~ "', which is not there: load both.") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set parents = customer_lifecycle_connectors.columns_of(ancestors[0], 'parent') if ancestors else (columns if shape.rows else {}) -%}
    {%- set loads = customer_lifecycle_connectors.loaded_table(vendor, schema, '_dlt_loads') if loader_name == 'dlt' -%}
    {%- set loaded_at = customer_lifecycle_connectors.located(columns, loader.loaded_at) -%}
    {%- set is_deleted = customer_lifecycle_connectors.located(columns, loader.is_deleted) if loader.is_deleted -%}
    {%- if loads -%}{%- set loaded_at = {'value': 'loads.inserted_at', 'family': customer_lifecycle_connectors.columns_of(loads, 'loads').inserted_at.family} -%}{%- endif -%}
    {%- set keeps_versions = customer_lifecycle_connectors.keeps_versions(relation, columns) -%}
    {%- set loaded_time = customer_lifecycle_connectors.typed(loaded_at, 'timestamp') %}
    select
        cast({{ customer_lifecycle.text_literal(brand) }} as {{ customer_lifecycle.text_type() }}) as brand,
        {%- for name, column in form.items() %}
        {%- set found = customer_lifecycle_connectors.located_column(columns, parents, shape, name) %}
        {%- if column.required and not found %}
            {%- do customer_lifecycle.stop_build("The table " ~ relation ~ " (" ~ vendor ~ " by " ~ loader_name ~ ") lacks the column "
                ~ customer_lifecycle_connectors.as_list(shape.columns.get(name, name)) | join(' or ') ~ ": the columns found are " ~ columns | join(', ') ~ ".") -%}
        {%- endif %}
        {{ customer_lifecycle_connectors.typed(found, column.type) }} as {{ name }},
        {%- endfor %}
        {{ loaded_time }} as loaded_at,
        {% set deleted_at = customer_lifecycle_connectors.located(columns, [shape.columns.deleted_at, loader.deleted_at]) -%}
        {% if keeps_versions -%}
        case when not loaded._fivetran_active then {{ customer_lifecycle_connectors.typed(columns._fivetran_end, 'timestamp') }} end as deleted_at
        {%- elif is_deleted and not deleted_at -%}
        case when {{ customer_lifecycle_connectors.typed(is_deleted, 'boolean') }} then {{ loaded_time }} end as deleted_at
        {%- else -%}
        {{ customer_lifecycle_connectors.typed(deleted_at, 'timestamp') }} as deleted_at
        {%- endif %}
    from {{ rows }} as loaded
    {%- for path in arrays %}
    {%- set is_inner = not loop.first %}
    {%- set array = customer_lifecycle_connectors.json_part('outer_elements.element', path.split('.')) if is_inner
        else customer_lifecycle_connectors.located(columns, path).value %}
    {{ customer_lifecycle_connectors.join_elements(array, 'elements' if loop.last else 'outer_elements') }}
    {%- endfor %}
    {%- set aliases = ['loaded', 'parent', 'grandparent'] %}
    {%- for ancestor in ancestors %}
    inner join {{ ancestor }} as {{ aliases[loop.index] }} on {{ aliases[loop.index0] }}._dlt_parent_id = {{ aliases[loop.index] }}._dlt_id
    {%- endfor %}
    {%- if loads %}
    left join {{ loads }} as loads on {{ aliases[ancestors | length] }}._dlt_load_id = loads.load_id
    {%- endif %}
    {%- if keeps_versions %}
    {%- set id = customer_lifecycle_connectors.as_list(shape.columns.get('id', 'id'))[0] if 'id' in form %}
    where loaded._fivetran_active{% if id in columns %} or not exists (
        select 1 from {{ relation }} as later
        where {{ customer_lifecycle_connectors.columns_of(relation, 'later')[id].value }} = {{ columns[id].value }}
            and later._fivetran_start > loaded._fivetran_start
    ){% endif %}
    {%- endif %}
    {%- set root = aliases[ancestors | length] %}
    {%- if '_dlt_valid_to' in (customer_lifecycle_connectors.columns_of(ancestors[-1], root) if ancestors else columns) %}
    where {{ root }}._dlt_valid_to is null or {{ root }}._dlt_valid_to > cast('9000-01-01 00:00:00' as {{ customer_lifecycle.timestamp_type() }})
    {%- endif %}
{%- endmacro %}

{# Versions of rows that dlt keeps (scd2) end in _dlt_valid_to, which is empty or in a far year for the current one.
   keeps_versions(relation, columns) -> is this a table of which Fivetran was told to keep every version (history mode)? Tables called _history always
   have versions, and the models of their vendors choose among them. #}
{% macro keeps_versions(relation, columns) %}
    {{ return('_fivetran_active' in columns and '_fivetran_start' in columns and not relation.identifier.lower().endswith('_history')) }}
{% endmacro %}

{# located_column(columns, parents, shape, 'order_id') -> {'value': 'loaded."order_id"', 'family': 'number'}: where a column of the vendor's
   form is found, or none #}
{% macro located_column(columns, parents, shape, name) %}
    {% set found = [] %}
    {% for path in customer_lifecycle_connectors.as_list(shape.columns.get(name, name)) if path %}
        {% if path.startswith('parent.') %}{% do found.append(customer_lifecycle_connectors.located(parents, path[7:])) %}
        {% elif shape.rows %}
            {% set keys = [] if path == 'element' else path.split('.') %}
            {% do found.append({'value': customer_lifecycle_connectors.json_text('elements.element', keys), 'family': 'text'}) %}
        {% else %}{% do found.append(customer_lifecycle_connectors.located(columns, path)) %}{% endif %}
    {% endfor %}
    {% if shape.rows and found | length > 1 %}{# which keys an object has, only its row knows #}
        {{ return({'value': 'coalesce(' ~ found | map(attribute='value') | join(', ') ~ ')', 'family': 'text'}) }}
    {% endif %}
    {{ return(found | select | first | default(none)) }}
{% endmacro %}

{# located(columns, 'customer.id') -> the JSON value as text; located(columns, ['a', 'b']) -> the first that is there, or none #}
{% macro located(columns, paths) %}
    {% set found = [] %}
    {% for path in customer_lifecycle_connectors.as_list(paths) if path and path.split('.')[0].split('[')[0] in columns %}
        {% set column, keys = columns[path.split('.')[0].split('[')[0]], path.split('.')[1:] %}
        {% if '[' in path %}
            {% do found.append({'value': customer_lifecycle_connectors.parameter_text(column, path.split('[')[1][:-1]), 'family': 'text'}) %}
        {% else %}
            {% do found.append({'value': customer_lifecycle_connectors.json_text(column.value, keys), 'family': 'text'} if keys else column) %}
        {% endif %}
    {% endfor %}
    {{ return(found | first | default(none)) }}
{% endmacro %}

{# columns_of(relation, 'loaded') -> {'order_id': {'value': 'loaded."order_id"', 'family': 'number'}, ...} #}
{% macro columns_of(relation, alias) %}
    {% set columns = {} %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% set value = alias ~ '.' ~ adapter.quote(column.name) %}
        {% set is_nested = modules.re.search('(?i)^(struct|record|array|map)|\\[', column.dtype) %}
        {% do columns.update({(column.name | lower).lstrip('\ufeff'): {
            'value': customer_lifecycle_connectors.nested_as_json(value) if is_nested else value,
            'nested': value if is_nested,
            'family': customer_lifecycle.type_family(column.dtype),
            'is_json': modules.re.match('(?i)json|variant|super', column.dtype) is not none,
        }}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{# types_of(form of a table) -> {'id': 'text', ...} #}
{% macro types_of(form) %}
    {% set types = {} %}
    {% for name, column in form.items() %}{% do types.update({name: column.type}) %}{% endfor %}
    {{ return(types) }}
{% endmacro %}
{% macro as_list(value) %}{{ return([value] if value is string or value is none or value is undefined else value) }}{% endmacro %}
