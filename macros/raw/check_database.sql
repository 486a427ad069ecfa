{#
    Warns, before anything is built, about a database in which results could differ from those of the other engines:
    PostgreSQL compares texts by the collation of the database and folds case by its character type, while the project's
    ties ("the smaller id") are meant by bytes and e-mails are lower case whatever their alphabet.

    check_database() -> nothing, or one warning. Collation en_US.UTF-8 -> a warning; C or C.UTF-8 -> none.
#}
{% macro check_database() %}
    {{ return(adapter.dispatch('check_database', 'customer_lifecycle')()) }}
{% endmacro %}

{% macro default__check_database() %}
{% endmacro %}

{# DuckDB calls a database by the name of its file; a schema of the same name makes every two-part name ambiguous. #}
{% macro duckdb__check_database() %}
    {% set schemas = ['main', 'temp', 'system', customer_lifecycle.setting('raw_schema')] %}
    {% for node in graph.nodes.values() if node.package_name == 'customer_lifecycle' and node.schema not in schemas %}
        {% do schemas.append(node.schema) %}
    {% endfor %}
    {% if target.database in schemas %}
        {% do customer_lifecycle.stop_build(
            "The warehouse file is called " ~ target.database ~ ".duckdb, and so is a schema in it, which DuckDB cannot tell "
            ~ "apart: give the file another name (WAREHOUSE_PATH)."
        ) %}
    {% endif %}
{% endmacro %}

{# Redshift's adapter goes by PostgreSQL's macros where it has none; texts are compared by bytes there, and pg_database is another. #}
{% macro redshift__check_database() %}
{% endmacro %}

{% macro postgres__check_database() %}
    {% set row = run_query(
        "select 'B' < 'a' and 'ab' < 'a~', lower(U&'\\00C9') = U&'\\00E9', datcollate, datctype from pg_database where datname = current_database()"
    ).rows[0] %}
    {% if not row[0] or not row[1] %}
        {% do exceptions.warn(
            "The database " ~ target.database ~ " has the collation " ~ row[2] ~ " and the character type " ~ row[3]
            ~ ": ties may fall otherwise than on other engines"
            ~ ("" if row[1] else ", and letters beyond ASCII keep their case")
            ~ ". A database made with create database ... template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8' has neither."
        ) %}
    {% endif %}
{% endmacro %}
