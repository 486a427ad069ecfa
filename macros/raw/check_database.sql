{# Before anything is built: could results differ from those of other engines? Ties are meant by bytes and e-mails fold in every alphabet,
   which PostgreSQL does by its collation and character type. A DuckDB file with the name of a schema makes two-part names ambiguous.
   check_database() -> nothing, or one warning, or the end of the build. Collation en_US.UTF-8 -> a warning; C or C.UTF-8 -> none. #}
{% macro check_database() %}
    {% set ours = graph.nodes.values() | selectattr('package_name', 'equalto', 'customer_lifecycle') | map(attribute='schema') | list %}
    {% if target.type == 'duckdb' and target.database in ours + ['main', 'temp', 'system', customer_lifecycle.setting('raw_schema')] %}
        {% do customer_lifecycle.stop_build("The warehouse file is called " ~ target.database ~ ".duckdb, and so is a schema in it, "
            ~ "which DuckDB cannot tell apart: give the file another name (WAREHOUSE_PATH).") %}
    {% elif target.type == 'postgres' %}
        {% set found = run_query("select 'B' < 'a' and 'ab' < 'a~', lower(U&'\\00C9') = U&'\\00E9', datcollate, datctype "
            ~ "from pg_database where datname = current_database()").rows[0] %}
        {% if not found[0] or not found[1] %}
            {% do exceptions.warn(
                "The database " ~ target.database ~ " has the collation " ~ found[2] ~ " and the character type " ~ found[3]
                ~ ": ties may fall otherwise than on other engines" ~ ("" if found[1] else ", and letters beyond ASCII keep their case")
                ~ ". A database made with create database ... template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8' has neither."
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
