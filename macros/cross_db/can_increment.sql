{# Can rows be deleted from a table here? Where not, tables that are incremental elsewhere are built whole.
   can_increment() -> true; on Spark, if SPARK_FILE_FORMAT is a format that can: delta or iceberg #}
{% macro can_increment() %}{{ return(adapter.dispatch('can_increment', 'customer_lifecycle')()) }}{% endmacro %}
{% macro default__can_increment() %}{{ return(true) }}{% endmacro %}
{% macro spark__can_increment() %}{{ return(env_var('SPARK_FILE_FORMAT', 'parquet') in ['delta', 'iceberg']) }}{% endmacro %}
{% macro databricks__can_increment() %}{{ return(true) }}{% endmacro %}
