{# Before anything is built: load the files of RAW_DATA_DIR, or else hold the tables that are there against the contract. A bad input stops
   the build with one sentence and leaves the warehouse exactly as it was.
   prepare_raw() -> nothing; the on-run-start hook. Harmless while parsing and for commands that build nothing of this project. #}
{% macro prepare_raw() %}
    {% set is_ours = modules.re.search('(^| )[a-z_]+[.]customer_lifecycle[.]', selected_resources | join(' ')) %}
    {% if execute and is_ours and flags.WHICH in ['build', 'run', 'retry'] and not flags.EMPTY %}
        {% set raw_data_dir = customer_lifecycle.setting('raw_data_dir') %}
        {% do customer_lifecycle.check_settings() %}
        {% do customer_lifecycle.report_misspelt_settings() %}
        {% do customer_lifecycle.check_database() %}
        {% do customer_lifecycle.check_salt() if not flags.FULL_REFRESH %}
        {% do customer_lifecycle.know_iceberg_tables() %}
        {% do customer_lifecycle.load_raw_files() if raw_data_dir else customer_lifecycle.check_raw_tables() %}
        {% if not customer_lifecycle.setting('identity_salt') and not modules.re.search('seeds.demo/?$', raw_data_dir) %}
            {% do exceptions.warn("The setting identity_salt is empty, so that ids made from e-mails can be guessed: "
                ~ "set IDENTITY_SALT to a secret of your own, once and for all.") %}
        {% endif %}
    {% endif %}
{% endmacro %}
{# check_salt() stops the build where the warehouse was built with another salt, as one of its e-mails and the id made of it show: nearly every
   id would change in silence. #}
{% macro check_salt() %}
    {% for table in ['customers', 'orders', 'engagements'] %}
        {% set node = graph.nodes['model.customer_lifecycle.' ~ customer_lifecycle.base_model(table)] %}
        {% set base = adapter.get_relation(node.database, node.schema, node.alias) if node else none %}
        {% set known = "select email, email_person_id from " ~ base ~ " where email is not null and email_person_id is not null limit 1" %}
        {% set found = run_query("select email_person_id like '%' || " ~ customer_lifecycle.email_id('email') ~ " from (" ~ known ~ ") as known").rows if base else [] %}
        {% if found and not found[0][0] %}
            {% do customer_lifecycle.stop_build("This warehouse was built with another identity_salt, so that ids made from e-mails would change: set IDENTITY_SALT "
                ~ "to what it was (make build keeps it in <warehouse>.salt), or build everything again (--full-refresh, FULL=1).") %}
        {% endif %}
    {% endfor %}
{% endmacro %}
{# stop_build('Column x is missing.') ends the command with this sentence and exit status 1. #}
{% macro stop_build(sentence) %}{% do exceptions.raise_compiler_error(sentence) %}{% endmacro %}
{# check_settings() stops the build when a setting makes no sense. Brands are read as the file of their
   seed says now, before it is loaded (DuckDB), or else as they stand loaded. #}
{% macro check_settings() %}
    {% for name, said in customer_lifecycle.settings().items() %}
        {% set value = customer_lifecycle.setting(name) %}
        {% set is_good = modules.re.fullmatch(said[2], value) %}
        {% if is_good and name == 'as_of_date' and value %}{# 2024-02-30 would be the 1st of March #}
            {% set first = modules.datetime.date(value[:4] | int, value[5:7] | int, 1) %}
            {% set day = first + modules.datetime.timedelta(days=value[8:] | int - 1) %}
            {% set is_good = day.month == first.month %}
            {% if day > (run_started_at + modules.datetime.timedelta(days=1)).date() %}
                {% do exceptions.warn("The setting as_of_date is " ~ value ~ ", a day that has not come: up to then every customer counts as silent. Set AS_OF_DATE to a day that is over.") %}
            {% endif %}
        {% endif %}
        {% if not is_good %}
            {% do customer_lifecycle.stop_build("The setting " ~ name ~ " is '" ~ value ~ "': write " ~ said[3] ~ ".") %}
        {% endif %}
    {% endfor %}
    {% for table, name in (var('raw_identifiers', none) or {}).items() if table in customer_lifecycle.raw_tables() %}
        {% if not modules.re.fullmatch('[\\w$ -]+', name | string) %}
            {% do customer_lifecycle.stop_build("The var raw_identifiers calls the raw table of " ~ table ~ " '" ~ name ~ "': write a name of letters, digits, _, $ and -.") %}
        {% endif %}
    {% endfor %}
    {% for name in ['date_order', 'decimal_separator'] %}
        {% for table in modules.re.findall('([a-z_]+):', customer_lifecycle.setting(name)) if table not in customer_lifecycle.raw_tables() %}
            {% do customer_lifecycle.stop_build("The setting " ~ name ~ " names '" ~ table ~ "', which is no table of the raw contract: choose one of "
                ~ customer_lifecycle.raw_tables() | join(', ') ~ ".") %}
        {% endfor %}
    {% endfor %}
    {% set zones = {'The setting business_time_zone': customer_lifecycle.setting('business_time_zone')} %}
    {% set own_name = (var('replacements', none) or {}).get('brands') %}
    {% for node in graph.nodes.values() if node.resource_type in ['seed', 'model'] and node.name == (own_name or 'brands')
        and (node.package_name == 'customer_lifecycle') == (own_name is none) %}
        {% set file = (node.root_path or '.') ~ '/' ~ node.original_file_path %}
        {% set rows = "read_csv('" ~ file | replace("'", "''") ~ "', all_varchar = true)"
            if target.type == 'duckdb' and node.resource_type == 'seed' else adapter.get_relation(node.database, node.schema, node.alias) %}
        {% for brand, zone in (run_query("select brand, business_time_zone from " ~ rows).rows if rows else []) if zone %}
            {% do zones.update({"The time zone of brand '" ~ brand ~ "' in the seed brands": zone | trim}) %}
        {% endfor %}
    {% endfor %}
    {% for what, zone in zones.items() if zone not in modules.pytz.all_timezones_set %}
        {% do customer_lifecycle.stop_build(what ~ " is '" ~ zone ~ "', which is no time zone: write an IANA name such as Europe/Paris or UTC.") %}
    {% endfor %}
{% endmacro %}
{# check_raw_tables() holds the raw tables against the contract: every table that is there has its required columns, and
   at least one of orders and subscriptions has a row. Anything else stops the build. Tables that a model presents are
   not built yet: their columns are checked when they are read. #}
{% macro check_raw_tables() %}
    {% set raw_models, found = customer_lifecycle.raw_models(), [] %}
    {% set filled = ['orders', 'subscriptions'] | select('in', raw_models) | list %}
    {% for table in customer_lifecycle.raw_contract() if table not in raw_models %}
        {% set columns = customer_lifecycle.found_columns(table) | list %}
        {% if columns %}{% do customer_lifecycle.check_required_columns(table, columns) %}{% do found.append(table) %}{% endif %}
    {% endfor %}
    {% for table in ['orders', 'subscriptions'] if table in found %}
        {% do filled.extend(run_query("select 1 from " ~ customer_lifecycle.raw_relation(table) ~ " limit 1").rows) %}
    {% endfor %}
    {% if not filled %}
        {% do customer_lifecycle.stop_build("There is nothing to build from: neither orders nor subscriptions has a row in schema '"
            ~ customer_lifecycle.setting('raw_schema') ~ "'; bring at least one of the two"
            ~ (" (tables found: " ~ found | join(', ') ~ ")" if found else "") ~ ".") %}
    {% endif %}
{% endmacro %}
{# check_required_columns('orders', ['order_id', 'total']) stops the build: orders lacks ordered_at #}
{% macro check_required_columns(table, found, place=none) %}
    {% set missing = customer_lifecycle.required_columns(table) | reject('in', found) | list %}
    {% if missing %}
        {% do customer_lifecycle.stop_build("Table " ~ table ~ (" (" ~ place ~ ")" if place else "") ~ " lacks the required column"
            ~ ("s " if missing | length > 1 else " ") ~ missing | join(', ') ~ ": the columns found are " ~ found | join(', ') ~ ".") %}
    {% endif %}
{% endmacro %}
{# required_columns('refunds') -> ['refund_id', 'order_id', 'refunded_at', 'amount'] #}
{% macro required_columns(table) %}
    {% set names = [] %}
    {% for name, column in customer_lifecycle.raw_table(table).columns.items() if column.required %}{% do names.append(name) %}{% endfor %}{{ return(names) }}
{% endmacro %}
