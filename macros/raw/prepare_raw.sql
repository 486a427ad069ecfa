{#
    Before anything is built: load the files of RAW_DATA_DIR where there are any, then hold the raw tables and the settings
    against the contract. A bad input stops the build with one sentence and leaves the warehouse exactly as it was.

    prepare_raw() -> nothing; the on-run-start hook. Harmless while parsing and for commands that build nothing of this project.
#}
{% macro prepare_raw() %}
    {% set ours = [] %}
    {% for unique_id in selected_resources if unique_id.split('.')[1] == 'customer_lifecycle' %}
        {% do ours.append(unique_id) %}
    {% endfor %}
    {% if execute and ours and flags.WHICH in ['build', 'run', 'retry'] and not flags.EMPTY %}
        {% do customer_lifecycle.check_settings() %}
        {% do customer_lifecycle.check_database() %}
        {% do customer_lifecycle.load_raw_files() %}
        {% do customer_lifecycle.check_raw_tables() %}
        {% do customer_lifecycle.warn_of_missing_salt() %}
    {% endif %}
{% endmacro %}


{# warn_of_missing_salt() says that ids made from e-mails can be guessed, unless the data is the demo's #}
{% macro warn_of_missing_salt() %}
    {% set raw_data_dir = customer_lifecycle.setting('raw_data_dir') %}
    {% if not customer_lifecycle.setting('identity_salt') and not modules.re.search('seeds.demo/?$', raw_data_dir) %}
        {% do exceptions.warn(
            "The setting identity_salt is empty, so that ids made from e-mails can be guessed: "
            ~ "set IDENTITY_SALT to a secret of your own, once and for all."
        ) %}
    {% endif %}
{% endmacro %}


{# stop_build('Column x is missing.') ends the command with this sentence and exit status 1. #}
{% macro stop_build(sentence) %}
    {% do exceptions.raise_compiler_error(sentence) %}
{% endmacro %}


{# check_settings() stops the build when a setting that raw data is read by makes no sense #}
{% macro check_settings() %}
    {% set as_of_date = customer_lifecycle.setting('as_of_date') %}
    {% if as_of_date and not customer_lifecycle.is_iso_date(as_of_date) %}
        {% do customer_lifecycle.stop_build("The setting as_of_date is '" ~ as_of_date ~ "': write a date such as 2024-12-31.") %}
    {% endif %}
    {% set compared_by = customer_lifecycle.setting('raw_compared_by') %}
    {% if compared_by not in ['content', 'count'] %}
        {% do customer_lifecycle.stop_build("The setting raw_compared_by is '" ~ compared_by ~ "': write content or count.") %}
    {% endif %}
    {% set currency = customer_lifecycle.setting('reporting_currency') %}
    {% if not modules.re.match('^[A-Za-z]{3}$', currency) %}
        {% do customer_lifecycle.stop_build("The setting reporting_currency is '" ~ currency ~ "': write an ISO 4217 code such as EUR.") %}
    {% endif %}
    {% do customer_lifecycle.check_time_zone(customer_lifecycle.setting('business_time_zone'), 'The setting business_time_zone') %}
    {% for row in customer_lifecycle.brands_of_seed() %}
        {% if row[1] %}
            {% do customer_lifecycle.check_time_zone(row[1] | trim, "The time zone of brand '" ~ row[0] ~ "' in the seed brands") %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# is_iso_date('2024-02-30') -> false #}
{% macro is_iso_date(text) %}
    {% if not modules.re.match('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', text) or text[:4] | int == 0 %}
        {{ return(false) }}
    {% endif %}
    {% set first = modules.datetime.date(text[:4] | int, text[5:7] | int, 1) %}
    {% set day = first + modules.datetime.timedelta(days=text[8:] | int - 1) %}
    {{ return(day.month == first.month) }}
{% endmacro %}


{# check_time_zone('Europe/Pariss', 'The setting ...') stops the build: there is no such zone #}
{% macro check_time_zone(zone, what) %}
    {% if zone not in modules.pytz.all_timezones_set %}
        {% do customer_lifecycle.stop_build(
            what ~ " is '" ~ zone ~ "', which is no time zone: write an IANA name such as Europe/Paris or UTC."
        ) %}
    {% endif %}
{% endmacro %}


{# brands_of_seed() -> [['fr', 'Europe/Paris'], ...] as the seed says it now, before it is loaded (DuckDB), or as it stands loaded #}
{% macro brands_of_seed() %}
    {{ return(adapter.dispatch('brands_of_seed', 'customer_lifecycle')()) }}
{% endmacro %}

{% macro default__brands_of_seed() %}
    {% set brands = [] %}
    {% for node in customer_lifecycle.brands_nodes() %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation is not none %}
            {% do brands.extend(run_query("select brand, business_time_zone from " ~ relation).rows) %}
        {% endif %}
    {% endfor %}
    {{ return(brands) }}
{% endmacro %}

{% macro duckdb__brands_of_seed() %}
    {% set brands = [] %}
    {% for node in customer_lifecycle.brands_nodes() if node.resource_type == 'seed' %}
        {% set path = (node.root_path or '.') ~ '/' ~ node.original_file_path %}
        {% do brands.extend(run_query(
            "select brand, business_time_zone from read_csv('" ~ path | replace("'", "''") ~ "', all_varchar = true, header = true)"
        ).rows) %}
    {% endfor %}
    {{ return(brands) }}
{% endmacro %}


{# brands_nodes() -> the seed `brands`, or the seed or model of another project that replaces it #}
{% macro brands_nodes() %}
    {% set own_name = (var('replacements', none) or {}).get('brands') %}
    {% set nodes = [] %}
    {% for node in graph.nodes.values() if node.resource_type in ['seed', 'model'] and node.name == (own_name or 'brands')
        and (node.package_name == 'customer_lifecycle') == (own_name is none) %}
        {% do nodes.append(node) %}
    {% endfor %}
    {{ return(nodes) }}
{% endmacro %}


{#
    check_raw_tables() holds the raw tables against the contract: every table that is there has its required columns, and
    at least one of orders and subscriptions has a row. Anything else stops the build. Tables that a model presents are
    not built yet: their columns are checked when they are read.
#}
{% macro check_raw_tables() %}
    {% set found = {} %}
    {% set raw_models = customer_lifecycle.raw_models() %}
    {% for table in customer_lifecycle.raw_contract() if table not in raw_models %}
        {% set columns = customer_lifecycle.raw_columns(table) %}
        {% if columns %}
            {% do found.update({table: columns.keys() | list}) %}
            {% do customer_lifecycle.check_required_columns(table, columns.keys() | list) %}
        {% endif %}
    {% endfor %}
    {% set with_rows = [] %}
    {% for table in ['orders', 'subscriptions'] if table in found %}
        {% if run_query("select 1 from " ~ customer_lifecycle.raw_relation(table) ~ " limit 1").rows | length > 0 %}
            {% do with_rows.append(table) %}
        {% endif %}
    {% endfor %}
    {% if not with_rows and 'orders' not in raw_models and 'subscriptions' not in raw_models %}
        {% do customer_lifecycle.stop_build(
            "There is nothing to build from: neither orders nor subscriptions has a row in "
            ~ (customer_lifecycle.setting('raw_data_dir') or "schema '" ~ customer_lifecycle.setting('raw_schema') ~ "'")
            ~ "; bring at least one of the two" ~ (" (tables found: " ~ found | join(', ') ~ ")" if found else "") ~ "."
        ) %}
    {% endif %}
{% endmacro %}


{# check_required_columns('orders', ['order_id', 'total']) stops the build: orders lacks ordered_at #}
{% macro check_required_columns(table, found, place=none) %}
    {% set missing = [] %}
    {% for name, column in customer_lifecycle.raw_contract()[table].columns.items() if 'required' in column and name not in found %}
        {% do missing.append(name) %}
    {% endfor %}
    {% if missing %}
        {% do customer_lifecycle.stop_build(
            "Table " ~ table ~ (" (" ~ place ~ ")" if place else "") ~ " lacks the required column"
            ~ ("s " if missing | length > 1 else " ") ~ missing | join(', ') ~ ": the columns found are " ~ found | join(', ') ~ "."
        ) %}
    {% endif %}
{% endmacro %}
