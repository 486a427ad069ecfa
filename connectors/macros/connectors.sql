{# The var `connectors`, held against what the package knows. Everything that reads the var reads it through connections().
     connectors: {shopify: {schemas: [shop_fr, shop_de], loader: fivetran}, stripe: {schemas: stripe, loader: airbyte, orders: false}} #}

{# vendors() -> what each vendor may be asked for: the contract tables that it fills, its loaders, its own options with the values allowed.
   One that is a shop takes orders itself: what other vendors know of orders are copies and payments of these then. The first value of an
   option is its default. Ids that stand in links, as utm_campaign or utm_id, have to stay as they are. A vendor gives way, for a table, to
   vendors that hold the same visits or carts, unless an option of the table's name says otherwise. #}
{% macro vendors() %}
    {{ return({
        'shopify': {
            'loaders': ['fivetran', 'airbyte', 'dlt'], 'is_shop': true, 'options': {'products_by': ['product', 'variant'], 'touchpoints': [true, false]},
            'tables': ['customers', 'orders', 'order_items', 'refunds', 'products', 'carts', 'touchpoints', 'engagements'],
            'gives_way': {'touchpoints': ['ga4']},
        },
        'woocommerce': {
            'loaders': ['fivetran', 'airbyte', 'dlt'], 'is_shop': true, 'options': {'touchpoints': [true, false]},
            'tables': ['customers', 'orders', 'order_items', 'refunds', 'products', 'reviews', 'touchpoints'],
            'gives_way': {'touchpoints': ['ga4']},
        },
        'stripe': {
            'loaders': ['fivetran', 'airbyte', 'dlt'], 'is_shop': false, 'options': {'orders': [true, false]},
            'tables': ['customers', 'subscriptions', 'orders', 'refunds'],
        },
        'recharge': {
            'loaders': ['fivetran', 'airbyte'], 'is_shop': false, 'options': {}, 'tables': ['customers', 'subscriptions'],
        },
        'hubspot': {
            'loaders': ['fivetran', 'airbyte', 'dlt'], 'is_shop': false, 'options': {'orders': [false, true]},
            'tables': ['customers', 'identity_links', 'support_tickets', 'campaigns', 'touchpoints', 'engagements', 'orders'],
        },
        'zendesk': {
            'loaders': ['fivetran', 'airbyte'], 'is_shop': false, 'options': {}, 'tables': ['customers', 'support_tickets', 'survey_responses'],
        },
        'klaviyo': {
            'loaders': ['fivetran'], 'is_shop': false, 'options': {'carts': [true, false]},
            'tables': ['customers', 'campaigns', 'touchpoints', 'engagements', 'carts'],
        },
        'google_ads': {
            'loaders': ['fivetran'], 'is_shop': false, 'options': {}, 'ids_stand_in_links': true, 'tables': ['campaigns', 'ad_performance'],
        },
        'facebook_ads': {
            'loaders': ['fivetran'], 'is_shop': false, 'options': {'conversions': ['purchase', 'lead']}, 'ids_stand_in_links': true,
            'tables': ['campaigns', 'ad_performance'],
        },
        'ga4': {
            'loaders': ['bigquery_export'], 'is_shop': false, 'options': {'carts': [true, false]}, 'gives_way': {'carts': ['shopify', 'klaviyo']},
            'tables': ['touchpoints', 'engagements', 'carts', 'identity_links'],
        },
    }) }}
{% endmacro %}

{# connections() -> {'shopify': {'loader': 'fivetran', 'brands': {'default': 'shopify'}, 'database': none, 'prefix': '', 'tables': [...], ...}}:
   the var with its defaults; a mistake stops dbt with one sentence. One schema is the brand `default`; of several, each is the brand of
   its name, unless a map of brand to schema says otherwise. #}
{% macro connections() %}
    {% set given, known, connections = var('connectors', none) or {}, customer_lifecycle_connectors.vendors(), {} %}
    {% if given is not mapping %}
        {% do customer_lifecycle.stop_build("The var connectors is '" ~ given ~ "': write a map of vendors, such as {shopify: {schemas: shopify, loader: fivetran}}.") %}
    {% endif %}
    {% for vendor, options in given.items() %}
        {% if vendor not in known %}
            {% do customer_lifecycle.stop_build("The var connectors names the vendor '" ~ vendor ~ "', which is none: choose one of " ~ known | join(', ') ~ ".") %}
        {% elif options is not mapping %}
            {% do customer_lifecycle.stop_build("The var connectors gives " ~ vendor ~ " '" ~ options ~ "': write a map, such as {schemas: " ~ vendor ~ ", loader: fivetran}.") %}
        {% endif %}
        {% set allowed = ['schemas', 'loader', 'database', 'prefix_ids'] + known[vendor].options | list %}
        {% for name in options if name not in allowed %}
            {% do customer_lifecycle.stop_build("The var connectors gives " ~ vendor ~ " the option '" ~ name ~ "', which it does not have: choose among " ~ allowed | join(', ') ~ ".") %}
        {% endfor %}
        {% for name in ['schemas', 'loader'] if not options[name] %}
            {% do customer_lifecycle.stop_build("The var connectors does not say the " ~ name ~ " of " ~ vendor ~ ": write, for example, {schemas: " ~ vendor ~ ", loader: fivetran}.") %}
        {% endfor %}
        {% set values = dict(known[vendor].options, loader=known[vendor].loaders, prefix_ids=[true, false]) %}
        {% for name, choices in values.items() if name in options and options[name] not in choices %}
            {% do customer_lifecycle.stop_build("The var connectors gives " ~ vendor ~ " the " ~ name ~ " '" ~ options[name] ~ "', which it does not know: choose one of "
                ~ choices | join(', ') | lower ~ (", without quotation marks" if options[name] in ['true', 'false']) ~ ".") %}
        {% endfor %}
        {% set schemas = customer_lifecycle_connectors.schema_names(options.schemas) %}
        {% if not schemas or schemas | reject('string') | list %}
            {% do customer_lifecycle.stop_build("The var connectors gives " ~ vendor ~ " the schemas " ~ options.schemas ~ ": write the name of a schema, a list of names, or a map of brand to schema.") %}
        {% elif schemas | map('lower') | unique | list | length < schemas | length %}
            {% do customer_lifecycle.stop_build("The var connectors gives " ~ vendor ~ " a schema twice (" ~ schemas | join(', ') ~ "): write each once, or its rows count twice.") %}
        {% endif %}
        {% do connections.update({vendor: customer_lifecycle_connectors.connection(vendor, options, given)}) %}
    {% endfor %}
    {{ return(connections) }}
{% endmacro %}

{# schema_names({'default': 'shop_fr'}) -> ['shop_fr'], of a name, a list or a map; of anything else, what no name is #}
{% macro schema_names(schemas) %}
    {{ return([schemas] if schemas is string or schemas is not iterable else schemas.values() | list if schemas is mapping else schemas | list) }}
{% endmacro %}

{# connection('stripe', its options, the whole var) -> one entry of connections() #}
{% macro connection(vendor, options, given) %}
    {% set known, brands = customer_lifecycle_connectors.vendors(), {} %}
    {% set schemas = [options.schemas] if options.schemas is string else options.schemas %}
    {% for schema in schemas %}
        {% do brands.update({schema: schemas[schema]} if schemas is mapping else {schema if schemas | length > 1 else 'default': schema}) %}
    {% endfor %}
    {% set left_out = [] %}
    {% for name, tables in {'orders': ['orders', 'order_items', 'refunds'], 'carts': ['carts']}.items() if name in known[vendor].options %}
        {% set shops = [] %}
        {% for other in given if known[other].is_shop and name in known[other].tables %}{% do shops.append(other) %}{% endfor %}
        {% do left_out.extend(tables) if not options.get(name, known[vendor].options[name][0] and not shops) %}
    {% endfor %}
    {% for table, holders in (known[vendor].gives_way or {}).items() if holders | select('in', given) | list %}
        {% do left_out.append(table) if not options.get(table) %}
    {% endfor %}
    {{ return(dict(options,
        brands=brands,
        prefix=vendor ~ ':' if options.get('prefix_ids', given | length > 1 and not known[vendor].ids_stand_in_links) else '',
        tables=known[vendor].tables | reject('in', left_out) | list,
    )) }}
{% endmacro %}

{# filled_by('orders') -> ['shopify']: the vendors connected that fill a contract table, as the var orders them. Links by e-mail address are
   of no vendor: they stand as those of `same_email`. #}
{% macro filled_by(table) %}
    {% set vendors = ['same_email'] if table == 'identity_links' and customer_lifecycle_connectors.joins_people() else [] %}
    {% for vendor, connection in customer_lifecycle_connectors.connections().items() if table in connection.tables %}{% do vendors.append(vendor) %}{% endfor %}
    {{ return(vendors) }}
{% endmacro %}

{# fills('shopify', 'orders') -> is that vendor connected, and does it fill that table? #}
{% macro fills(vendor, table) %}{{ return(vendor in customer_lifecycle_connectors.filled_by(table)) }}{% endmacro %}

{# option('shopify', 'products_by') -> what the var says, else the first of the values allowed #}
{% macro option(vendor, name) %}
    {{ return((customer_lifecycle_connectors.connections().get(vendor) or {}).get(name, customer_lifecycle_connectors.vendors()[vendor].options[name][0])) }}
{% endmacro %}

{# joins_people() -> do several vendors know customers, so that one person may be in two of them? #}
{% macro joins_people() %}{{ return(customer_lifecycle_connectors.filled_by('customers') | length > 1) }}{% endmacro %}

{# raw_models() -> {'orders': 'customer_lifecycle_connectors.raw__orders', ...}: what customer_lifecycle reads, where its var says
   raw_models: {package: customer_lifecycle_connectors} #}
{% macro raw_models() %}
    {% set models = {} %}
    {% if not customer_lifecycle_connectors.connections() and execute and flags.WHICH in ['build', 'run', 'retry'] %}
        {% do customer_lifecycle.stop_build("The var raw_models names the package customer_lifecycle_connectors, but the var connectors names no vendor: write connectors "
            ~ "directly below vars, not below a package, such as {shopify: {schemas: shopify, loader: fivetran}}.") %}
    {% endif %}
    {% for connection in customer_lifecycle_connectors.connections().values() %}
        {% for table in connection.tables %}{% do models.update({table: 'customer_lifecycle_connectors.raw__' ~ table}) %}{% endfor %}
    {% endfor %}
    {% if customer_lifecycle_connectors.filled_by('identity_links') %}
        {% do models.update({'identity_links': 'customer_lifecycle_connectors.raw__identity_links'}) %}
    {% endif %}
    {{ return(models) }}
{% endmacro %}

{# union_of_vendors('orders') -> a query: the rows of a contract table from each vendor that fills it; a column that a vendor lacks is null, of
   the type that it has elsewhere: PostgreSQL takes two nulls of no type for text, which meets no boolean of a third vendor #}
{% macro union_of_vendors(table) %}
    {%- set parts, types = {}, {} -%}
    {%- for vendor in customer_lifecycle_connectors.filled_by(table) -%}
        {%- set model = ref('customer_lifecycle_connectors', vendor ~ '__' ~ table) -%}
        {%- set columns = {} -%}
        {%- for column in (adapter.get_columns_in_relation(model) if execute and flags.INTROSPECT else []) -%}
            {%- do columns.update({column.name | lower: column.name}) -%}
            {%- if column.name | lower not in types -%}{%- do types.update({column.name | lower: column.dtype}) -%}{%- endif -%}
        {%- endfor -%}
        {%- do parts.update({model: columns}) -%}
    {%- endfor -%}
    {%- for model, columns in parts.items() %}
    {{ 'union all' if not loop.first }}
    select
        {%- for name, type in types.items() %}
        {{ adapter.quote(columns[name]) if name in columns else 'cast(null as ' ~ type ~ ')' }} as {{ name }}{{ ',' if not loop.last }}
        {%- else %}
        *
        {%- endfor %}
    from {{ model }}
    {%- endfor %}
{% endmacro %}

{# vendor_id('stripe', 'charges.id') -> 'stripe:' || charges.id where ids are prefixed, else charges.id; null stays null #}
{% macro vendor_id(vendor, column) -%}
    {%- set prefix = customer_lifecycle_connectors.connections()[vendor].prefix if vendor in customer_lifecycle_connectors.connections() -%}
    {{ "'" ~ prefix ~ "' || " ~ column if prefix else column }}
{%- endmacro %}
