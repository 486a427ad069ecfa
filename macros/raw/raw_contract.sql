{# The raw contract for macros: models/base/_raw__sources.yml, which dbt hands out when models are compiled, not while files are parsed. #}

{# raw_tables() -> {'customers': 'shop', ...}: each table of the contract with the folder of its models, which parsing has to know: the
   event sources, and the tables whose rows name no person #}
{% macro raw_tables() %}
    {% set folders = {} %}
    {% for source in customer_lifecycle.event_sources() %}{% do folders.update({source.table: source.folder}) %}{% endfor %}
    {% do folders.update({
        'order_items': 'shop', 'refunds': 'shop', 'products': 'shop', 'campaigns': 'marketing', 'ad_performance': 'marketing',
        'social_daily': 'marketing', 'podcast_daily': 'marketing', 'messages': 'marketing', 'identity_links': 'identity', 'erasure_requests': 'identity',
    }) %}
    {#- a unit test knows of no sources -#}
    {% for source in (graph.get('sources', {}).values() if execute else []) if source.source_name == 'lifecycle_raw' and source.name not in folders %}
        {% do customer_lifecycle.stop_at_unregistered_table(source.name) %}
    {% endfor %}
    {{ return(folders) }}
{% endmacro %}
{% macro stop_at_unregistered_table(table) %}
    {% do customer_lifecycle.stop_build("The table " ~ table ~ " is not registered: add it to event_sources() in macros/event_sources.sql "
        ~ "if its rows name a person, else to raw_tables() in macros/raw/raw_contract.sql.") %}
{% endmacro %}
{# base_model('orders') -> 'base_shop__orders'; base_model('orders', 'stg') -> 'stg_shop__orders' #}
{% macro base_model(table, layer='base') %}
    {% set folders = customer_lifecycle.raw_tables() %}
    {% if table not in folders %}{% do customer_lifecycle.stop_at_unregistered_table(table) %}{% endif %}
    {{ return(layer ~ '_' ~ folders[table] ~ '__' ~ table) }}
{% endmacro %}
{# raw_table('refunds') -> the meta of a table, and in `columns` the meta of each of its columns; without columns while files are parsed #}
{% macro raw_table(table) %}
    {% set contract = {'columns': {}} %}
    {% if execute %}
        {% set source = graph.sources['source.customer_lifecycle.lifecycle_raw.' ~ table] %}
        {% do contract.update(source.config.meta) %}
        {% for name, column in source.columns.items() %}{% do contract.columns.update({name: column.config.meta}) %}{% endfor %}
    {% endif %}
    {{ return(contract) }}
{% endmacro %}
{# raw_contract() -> {table: raw_table(table)} of all tables #}
{% macro raw_contract() %}
    {% set contract = {} %}
    {% for table in customer_lifecycle.raw_tables() %}{% do contract.update({table: customer_lifecycle.raw_table(table)}) %}{% endfor %}
    {{ return(contract) }}
{% endmacro %}
{# raw_models() -> {'customers': 'shop_customers'}: contract tables that models of the installing project present. Of a package that is
   named as `package`, all that its own macro raw_models() says, unless the var names another model for the table. #}
{% macro raw_models() %}
    {% set raw_models, tables = dict(var('raw_models', none) or {}), customer_lifecycle.raw_tables() %}
    {% set package = raw_models.pop('package', none) %}
    {% if package and not (context.get(package) or {}).get('raw_models') %}
        {% do customer_lifecycle.stop_build("The var raw_models names the package '" ~ package ~ "', which is not installed or presents no "
            ~ "raw tables: list it in packages.yml and run dbt deps.") %}
    {% endif %}
    {% set raw_models = dict(context[package].raw_models(), **raw_models) if package else raw_models %}
    {% for table in raw_models if table not in tables %}
        {% do customer_lifecycle.stop_build("The var raw_models names '" ~ table ~ "', which is no table of the raw contract: "
            ~ "choose one of " ~ tables | join(', ') ~ ".") %}
    {% endfor %}
    {{ return(raw_models) }}
{% endmacro %}
{# raw_relation('orders') -> what is read as the raw table: the source, or the model that the var raw_models names instead #}
{% macro raw_relation(table) %}
    {% set raw_models = customer_lifecycle.raw_models() %}
    {{ return(customer_lifecycle.named_ref(raw_models[table]) if table in raw_models else source('lifecycle_raw', table)) }}
{% endmacro %}
{# found_columns('orders') -> {'order_id': {'spelling': 'Order_ID', 'family': 'text', 'data_type': 'VARCHAR'}, ...}: the columns that the raw table has at the
   time of the build; {} without a table, or while parsing. Compiled without a connection, the contract's columns as text. #}
{% macro found_columns(table) %}
    {% set found, relation = {}, customer_lifecycle.raw_relation(table) %}
    {% for column in (adapter.get_columns_in_relation(relation) if execute and flags.INTROSPECT else []) %}
        {% do found.update({column.name | lower: {'spelling': column.name, 'family': customer_lifecycle.type_family(column.dtype), 'data_type': column.dtype}}) %}
    {% endfor %}
    {% for name in (customer_lifecycle.raw_table(table).columns if not flags.INTROSPECT else []) %}
        {% do found.update({name: {'spelling': name, 'family': 'text', 'data_type': 'text'}}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
{# raw_columns('orders') -> found_columns with what cleaning needs: the columns of raw_rows with the raw value (`value`), its trimmed text (`as_text`),
   that text as an id (`id`) and an e-mail address (`address`) where it may be one; whether the raw type is the contract's, so that no text is read
   (`is_native`); for times the time zones of brands (`zones`) and the brand before it is cleaned (`brand`); with_forms: how numbers are written
   (number_forms). _file_number: a column that loading files gives each row (lifecycle_tools/raw_loading.py); the user's own tables may do without. #}
{% macro raw_columns(table, with_forms=true) %}
    {% set times, contract = ['timestamp', 'timestamptz', 'date'], customer_lifecycle.raw_table(table).columns %}
    {% set native = {'timestamp': times, 'date': times, 'boolean': ['boolean'], 'amount': ['number'], 'number': ['number'], 'count': ['number']} %}
    {% set order = customer_lifecycle.setting_of('date_order', table) | replace('none', '') %}
    {% set columns, zones = customer_lifecycle.found_columns(table), customer_lifecycle.business_time_zones() %}
    {% for name, column in columns.items() %}
        {% do column.update({
            'value': 'raw__' ~ (name if modules.re.match('^[a-z0-9_]+$', name) else 'column_' ~ loop.index), 'as_text': 'text__' ~ name,
            'is_native': name in contract and column.family in native.get(contract[name].type, []),
            'id': 'id__' ~ name if name in contract and contract[name].type in ['id', 'customer_id'] else none,
            'address': 'address__' ~ name if name in contract and contract[name].type in ['email', 'customer_id'] else none,
            'date_order': order if name in contract and contract[name].type in ['timestamp', 'date'] and column.family == 'text' else '',
            'zones': zones, 'brand': "coalesce(text__brand, 'default')" if 'brand' in columns else "'default'",
        }) %}
    {% endfor %}
    {% if columns and with_forms %}{% do customer_lifecycle.number_forms(table, columns) %}{% endif %}
    {{ return(columns) }}
{% endmacro %}
{# type_family('DECIMAL(18,2)') -> 'number': text, timestamp, timestamptz, date, number or boolean; what is none of these is read as text #}
{% macro type_family(data_type) %}
    {% set name = data_type | lower %}
    {% if '[' in name or name.startswith(('struct', 'map', 'union', 'array')) %}{{ return('text') }}{% endif %}
    {% if modules.re.match('timestamptz|timestamp.*with time zone', name) %}{{ return('timestamptz') }}{% endif %}
    {% if name.startswith(('timestamp', 'datetime')) %}{{ return('timestamp') }}{% endif %}
    {% if modules.re.match('decimal|numeric|double|float|real|long|u?(huge|big|small|tiny)?int', name) %}{{ return('number') }}{% endif %}
    {{ return('date' if name == 'date' else 'boolean' if name.startswith('bool') else 'text') }}
{% endmacro %}
