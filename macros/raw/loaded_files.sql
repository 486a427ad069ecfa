{#
    The record of what was loaded from files (DuckDB): table _loaded_files of the raw schema, one row per file, by which the
    next build reads new and changed files alone. No table of the contract can be called so.

      table_name    the raw table that the file's rows are in
      file_path     the file, as it was found
      file_size     its bytes
      modified_at   when it was last modified (UTC, to the second, which is all that DuckDB says)
      header        its columns, so that an unchanged file need not be opened; see file_headers
      read_by       the version of these macros and of DuckDB
      read_at       when size and time of modification were looked up, which was before the file was read
      row_count     rows of the table with this file in it; the largest of a table is what it should have now

    loaded_files_relation() -> "warehouse"."raw"."_loaded_files"
#}
{% macro loaded_files_relation() %}
    {{ return(source('lifecycle_raw', 'orders').incorporate(path={'identifier': '_loaded_files'})) }}
{% endmacro %}

{% macro loaded_files_columns() %}
    {{ return({
        'table_name': 'VARCHAR', 'file_path': 'VARCHAR', 'file_size': 'BIGINT', 'modified_at': 'TIMESTAMP',
        'header': 'VARCHAR', 'read_by': 'VARCHAR', 'read_at': 'TIMESTAMP', 'row_count': 'BIGINT',
    }) }}
{% endmacro %}

{# raise this number when the same files would give other raw rows than before #}
{% macro raw_reader_version() %}
    {{ return('1') }}
{% endmacro %}


{#
    file_states({'orders': ['/data/orders.csv']}) -> {'/data/orders.csv': {'file_size': '1024', 'modified_at': ..., 'read_by': ...,
    'read_at': ...}}, all text. The content is not read: read_blob does so only where its column content is asked for.
#}
{% macro file_states(files) %}
    {% set paths = [] %}
    {% for table in files %}
        {% for file in files[table] %}
            {% do paths.append("'" ~ file | replace("'", "''") ~ "'") %}
        {% endfor %}
    {% endfor %}
    {% set states = {} %}
    {% for file, file_size, modified_at, read_by, read_at in run_query(
        "select filename, cast(size as varchar), cast(make_timestamp(epoch_us(last_modified)) as varchar), "
        ~ "'" ~ customer_lifecycle.raw_reader_version() ~ " ' || version(), cast(make_timestamp(epoch_us(now())) as varchar) "
        ~ "from read_blob([" ~ paths | join(', ') ~ "])"
    ).rows %}
        {% do states.update({file: {
            'file_size': file_size, 'modified_at': modified_at, 'read_by': read_by, 'read_at': read_at,
        }}) %}
    {% endfor %}
    {{ return(states) }}
{% endmacro %}


{#
    loaded_tables(states) -> {'orders': {'headers': {'/data/orders.csv': ...}, 'columns': {'order_id': 'VARCHAR'}, 'is_whole': true}}
    for each recorded table: the headers of those of its files that are as they were, its columns, and whether all of its
    rows came from such files and are still there. None where there is no record to go by, or nobody wants it (--full-refresh).

    A file modified less than two seconds before it was looked at may have been modified again within the same tick of its
    file system's clock, and is not trusted. The number of rows tells a table that somebody has filled or emptied since.
#}
{% macro loaded_tables(states) %}
    {% set record = customer_lifecycle.loaded_files_relation() %}
    {% for table in customer_lifecycle.raw_contract() if source('lifecycle_raw', table).identifier | lower == record.identifier %}
        {% do customer_lifecycle.stop_build(
            "The var raw_identifiers calls the raw table of " ~ table ~ " " ~ record.identifier
            ~ ", which is where the files that were loaded are recorded: give it another name."
        ) %}
    {% endfor %}
    {% set there = {} %}
    {% for table, column, data_type in run_query(
        "select lower(table_name), column_name, data_type from information_schema.columns where lower(table_schema) = lower('"
        ~ record.schema ~ "') and lower(table_catalog) = lower('" ~ record.database ~ "') order by 1, ordinal_position"
    ).rows %}
        {% do there.setdefault(table, {}).update({column: data_type}) %}
    {% endfor %}
    {% if flags.FULL_REFRESH or there.get(record.identifier) != customer_lifecycle.loaded_files_columns() %}
        {{ return(none) }}
    {% endif %}
    {% set tables = {} %}
    {% set counts = [] %}
    {% for table, file, file_size, modified_at, read_by, is_safe, header, row_count in run_query(
        "select table_name, file_path, cast(file_size as varchar), cast(modified_at as varchar), read_by, "
        ~ "modified_at <= read_at - interval 2 seconds, header, max(row_count) over (partition by table_name) from " ~ record
    ).rows %}
        {% if table not in tables %}
            {% do tables.update({table: {'headers': {}, 'columns': there.get(table, {}), 'is_whole': table in there}}) %}
            {% if table in there %}
                {% do counts.append(
                    "select '" ~ table | replace("'", "''") ~ "' where (select count(*) from "
                    ~ record.incorporate(path={'identifier': table}) ~ ") <> " ~ row_count
                ) %}
            {% endif %}
        {% endif %}
        {% set state = states.get(file, {}) %}
        {% if is_safe and [file_size, modified_at, read_by] == [state.file_size, state.modified_at, state.read_by] %}
            {% do tables[table].headers.update({file: header or ''}) %}
        {% else %}
            {% do tables[table].update({'is_whole': false}) %}
        {% endif %}
    {% endfor %}
    {% if counts %}
        {% for row in run_query(counts | join(' union all ')).rows %}
            {% do tables[row[0]].update({'is_whole': false}) %}
        {% endfor %}
    {% endif %}
    {{ return(tables) }}
{% endmacro %}


{# start_record() makes an empty record, in the place of one that is not gone by #}
{% macro start_record() %}
    {% set columns = [] %}
    {% for name, data_type in customer_lifecycle.loaded_files_columns().items() %}
        {% do columns.append(name ~ ' ' ~ data_type) %}
    {% endfor %}
    {% do run_query("create or replace table " ~ customer_lifecycle.loaded_files_relation() ~ " (" ~ columns | join(', ') ~ ")") %}
{% endmacro %}


{# forget_files(relation) takes the files of a raw table from the record #}
{% macro forget_files(relation) %}
    {% do run_query(
        "delete from " ~ customer_lifecycle.loaded_files_relation() ~ " where table_name = '"
        ~ relation.identifier | lower | replace("'", "''") ~ "'"
    ) %}
{% endmacro %}


{# record_files(relation, {'/data/orders.csv': header}, states) records files whose rows a raw table has now #}
{% macro record_files(relation, headers, states) %}
    {% set row_count = run_query("select count(*) from " ~ relation).rows[0][0] %}
    {% for files in headers.items() | batch(1000) %}
        {% set rows = [] %}
        {% for file, header in files if file in states %}
            {% set state = states[file] %}
            {% set values = [] %}
            {% for value in [
                relation.identifier | lower, file, state.file_size, state.modified_at, header, state.read_by, state.read_at, row_count
            ] %}
                {% do values.append("'" ~ value | string | replace("'", "''") ~ "'") %}
            {% endfor %}
            {% do rows.append('(' ~ values | join(', ') ~ ')') %}
        {% endfor %}
        {% if rows %}
            {% do run_query("insert into " ~ customer_lifecycle.loaded_files_relation() ~ " values " ~ rows | join(', ')) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
