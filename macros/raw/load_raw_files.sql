{# Load the files of RAW_DATA_DIR into the raw schema, all or nothing, where the setting names a directory. A plugin of dbt-duckdb
   does it (lifecycle_tools/raw_loading.py); other engines bring tables.
   load_raw_files() -> nothing. Contract tables without a file are absent afterwards. #}
{% macro load_raw_files() %}
    {% set directory, raw, tables = customer_lifecycle.setting('raw_data_dir'), source('lifecycle_raw', 'orders'), {} %}
    {% if directory and target.type != 'duckdb' %}
        {% do customer_lifecycle.stop_build("RAW_DATA_DIR is read on DuckDB only: on " ~ target.type ~ ", load the tables into schema '"
            ~ customer_lifecycle.setting('raw_schema') ~ "' and leave the setting empty.") %}
    {% elif directory and 'lifecycle_tools.raw_loading' not in (target.plugins or []) | map(attribute='module') %}
        {% do customer_lifecycle.stop_build(
            "RAW_DATA_DIR is read by a plugin that the profile does not name: add plugins: [{module: lifecycle_tools.raw_loading}] to the "
            ~ "target " ~ target.name ~ " (docs/package.md says how), or bring tables and leave the setting empty.") %}
    {% elif directory %}
        {% for table in customer_lifecycle.raw_contract() %}
            {% set required = customer_lifecycle.required_columns(table) %}
            {% do tables.update({table: {'identifier': source('lifecycle_raw', table).identifier, 'required': required}}) %}
        {% endfor %}
        {% do run_query("select 1") %}{# opens the connection that the plugin shares #}
        {% set task = {'directory': directory, 'database': raw.database, 'schema': raw.schema, 'tables': tables} %}
        {% do task.update({'is_full_refresh': flags.FULL_REFRESH}) %}
        {% do adapter.store_relation('raw_loading', none, [], '', '', task) %}
        {% do customer_lifecycle.stop_build(task.problem) if task.problem %}
    {% endif %}
{% endmacro %}
{# report_misspelt_settings() warns of environment variables and vars that are nearly a setting (lifecycle_tools/settings.py), where dbt has
   the plugin that can look at them. #}
{% macro report_misspelt_settings() %}
    {% if target.type == 'duckdb' and 'lifecycle_tools.raw_loading' in (target.plugins or []) | map(attribute='module') %}
        {% set task = {'variables': {}, 'vars': (invocation_args_dict.get('vars') or {}) | list} %}
        {% for name, said in customer_lifecycle.settings().items() %}{% do task.variables.update({name: said[0]}) %}{% endfor %}
        {% do run_query("select 1") %}{# opens the connection that the plugin shares #}
        {% do adapter.store_relation('raw_loading', none, [], '', '', task) %}
        {% for sentence in task.sentences %}{% do exceptions.warn(sentence) %}{% endfor %}
    {% endif %}
{% endmacro %}
