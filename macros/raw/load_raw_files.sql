{#
    Load the files of RAW_DATA_DIR into the raw schema, all or nothing: `<table>.csv`, `<table>.parquet`, or a folder
    `<table>/` of any number of either. Nothing happens when the setting is empty; other engines bring tables.

    load_raw_files() -> nothing. Contract tables without a file are absent afterwards.
#}
{% macro load_raw_files() %}
    {{ return(adapter.dispatch('load_raw_files', 'customer_lifecycle')()) }}
{% endmacro %}

{% macro default__load_raw_files() %}
    {% if customer_lifecycle.setting('raw_data_dir') %}
        {% do customer_lifecycle.stop_build(
            "RAW_DATA_DIR is read on DuckDB only: on " ~ target.type ~ ", load the tables into schema '"
            ~ customer_lifecycle.setting('raw_schema') ~ "' and leave the setting empty."
        ) %}
    {% endif %}
{% endmacro %}

{% macro duckdb__load_raw_files() %}
    {% set directory = customer_lifecycle.setting('raw_data_dir') %}
    {% if directory %}
        {% set files = customer_lifecycle.raw_files(directory) %}
        {% set queries = {} %}
        {% for table in files %}
            {% set parts = customer_lifecycle.csv_parts(files[table]) + customer_lifecycle.parquet_parts(files[table]) %}
            {% if parts %}
                {% set columns = customer_lifecycle.union_columns(parts) %}
                {% do customer_lifecycle.check_required_columns(table, columns.keys() | list, files[table] | join(', ') | truncate(200)) %}
                {% do queries.update({table: customer_lifecycle.union_of_parts(parts, columns)}) %}
            {% endif %}
        {% endfor %}

        {% do run_query("begin transaction") %}
        {% do run_query("create schema if not exists " ~ source('lifecycle_raw', 'orders').without_identifier()) %}
        {% do run_query("drop table if exists reject_errors") %}
        {% do run_query("drop table if exists reject_scans") %}
        {% for table in customer_lifecycle.raw_contract() %}
            {% if table in queries %}
                {% do run_query("create or replace table " ~ source('lifecycle_raw', table) ~ " as " ~ queries[table]) %}
                {% if 'read_csv' in queries[table] %}
                    {% do customer_lifecycle.check_rejects() %}
                {% endif %}
            {% else %}
                {% do run_query("drop table if exists " ~ source('lifecycle_raw', table)) %}
            {% endif %}
        {% endfor %}
        {% set filled = [] %}
        {% for table in ['orders', 'subscriptions'] if table in queries %}
            {% do filled.extend(run_query("select 1 from " ~ source('lifecycle_raw', table) ~ " limit 1").rows) %}
        {% endfor %}
        {% if filled %}
            {% do run_query("commit") %}
        {% else %}
            {% do customer_lifecycle.undo_and_stop(
                "There is nothing to build from: neither orders nor subscriptions has a row in " ~ directory
                ~ "; bring at least one of the two (tables found: " ~ files | join(', ') ~ ")."
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{# undo_and_stop('Sentence.') takes back what was loaded so far and ends the command #}
{% macro undo_and_stop(sentence) %}
    {% do run_query("rollback") %}
    {% do customer_lifecycle.stop_build(sentence) %}
{% endmacro %}


{#
    raw_files('/data') -> {'orders': ['/data/orders.csv'], 'touchpoints': ['/data/touchpoints/a.parquet', ...]}; a name that
    is no table of the contract, or a file of another kind, stops the build.
#}
{% macro raw_files(directory) %}
    {% set tables = customer_lifecycle.raw_contract() %}
    {% set root = directory.rstrip('/\\') %}
    {% set found = run_query("select file from glob('" ~ root | replace("'", "''") ~ "/**') order by file").columns[0].values() %}
    {% set files = {} %}
    {% for file in found %}
        {% set path = file | replace('\\', '/') %}
        {% set parts = path[(root | replace('\\', '/') | length) + 1:].split('/') %}
        {% set file_name = parts[-1] %}
        {% set extension = file_name.rsplit('.', 1)[-1] | lower if '.' in file_name else '' %}
        {% set table = (parts[0] if parts | length > 1 else file_name.rsplit('.', 1)[0]) | lower %}
        {% if modules.re.search('(^|/)[._]', parts | join('/')) or file_name | upper == 'README.MD' %}
            {# hidden files, _SUCCESS markers and a read-me are nobody's data #}
        {% elif table not in tables %}
            {% do customer_lifecycle.stop_build(
                "'" ~ parts[0] ~ "' in " ~ root ~ " is no table of the raw contract: did you mean '"
                ~ customer_lifecycle.nearest_name(table, tables.keys() | list) ~ "'? The tables are " ~ tables | join(', ') ~ "."
            ) %}
        {% elif extension not in ['csv', 'parquet'] %}
            {% do customer_lifecycle.stop_build("File " ~ path ~ " is neither csv nor parquet: export it as one of the two.") %}
        {% else %}
            {% do files.setdefault(table, []).append(file) %}
        {% endif %}
    {% endfor %}
    {% if not files %}
        {% do customer_lifecycle.stop_build(
            "RAW_DATA_DIR is '" ~ directory ~ "', where there is no csv or parquet file: name the directory that holds orders.csv and its like."
        ) %}
    {% endif %}
    {{ return(files) }}
{% endmacro %}


{# nearest_name('order', ['orders', 'refunds']) -> 'orders' #}
{% macro nearest_name(name, names) %}
    {% set distances = [] %}
    {% for candidate in names %}
        {% do distances.append("select '" ~ candidate ~ "' as name, damerau_levenshtein('" ~ candidate ~ "', '" ~ name | replace("'", "''") ~ "') as distance") %}
    {% endfor %}
    {{ return(run_query("select name from (" ~ distances | join(' union all ') ~ ") order by distance, name limit 1").rows[0][0]) }}
{% endmacro %}


{#
    csv_parts(files) -> [{'scan': "read_csv(...)", 'columns': {'order_id': 'VARCHAR', ...}}, ...], one for each header that
    the csv files share. The delimiter is the sign of , ; tab | that the header has most of; everything is text.
#}
{% macro csv_parts(files) %}
    {% set groups = {} %}
    {% for file in files if file.lower().endswith('.csv') %}
        {% set header = customer_lifecycle.csv_header(file) %}
        {% if header %}
            {% do groups.setdefault(header, []).append("'" ~ file | replace("'", "''") ~ "'") %}
        {% endif %}
    {% endfor %}
    {% set parts = [] %}
    {% for header, paths in groups.items() %}
        {% set delimiter = header.split('\n')[0] %}
        {% set names = header.split('\n')[1:] %}
        {% set columns = {} %}
        {% set fields = [] %}
        {% for name in names %}
            {% do columns.update({name: 'VARCHAR'}) %}
            {% do fields.append("'" ~ name | replace("'", "''") ~ "': 'VARCHAR'") %}
        {% endfor %}
        {% do parts.append({
            'columns': columns,
            'scan': "read_csv([" ~ paths | join(', ') ~ "], auto_detect = false, header = true, delim = '" ~ delimiter
                ~ "', quote = '\"', escape = '\"', columns = {" ~ fields | join(', ')
                ~ "}, store_rejects = true, max_line_size = 20000000, buffer_size = 40000000)",
        }) %}
    {% endfor %}
    {{ return(parts) }}
{% endmacro %}


{#
    csv_header('/data/orders.csv') -> the delimiter and the column names, lower case, one a line; none for a file without a byte.
    The line is read leniently, as one value, so that whatever is wrong with it can be told in a sentence.
#}
{% macro csv_header(file) %}
    {% do run_query("drop table if exists header_errors") %}
    {% do run_query("drop table if exists header_scans") %}
    {% set rows = run_query(
        "select line from read_csv('" ~ file | replace("'", "''") ~ "', auto_detect = false, header = false, delim = '\x1f', "
        ~ "quote = '', escape = '', columns = {'line': 'VARCHAR'}, strict_mode = false, store_rejects = true, "
        ~ "rejects_table = 'header_errors', rejects_scan = 'header_scans', max_line_size = 20000000, buffer_size = 40000000) limit 1"
    ).rows %}
    {% set unreadable = run_query("select 1 from header_errors where line = 1").rows %}
    {% if unreadable or (rows and (rows[0][0] is none or '\x00' in rows[0][0])) %}
        {% do customer_lifecycle.stop_build(
            "File " ~ file ~ " line 1 is no text in UTF-8: unpack it if it is packed, and save it as CSV UTF-8 (not UTF-16 or latin-1)."
        ) %}
    {% elif not rows %}
        {{ return(none) }}
    {% endif %}
    {% set line = rows[0][0].lstrip('\ufeff').rstrip('\r\n') %}
    {% set unquoted = modules.re.sub('"[^"]*"', '', line) %}
    {% set best = [',', unquoted.count(',')] %}
    {% for delimiter in [';', '\t', '|'] if unquoted.count(delimiter) > best[1] %}
        {% do best.clear() %}
        {% do best.extend([delimiter, unquoted.count(delimiter)]) %}
    {% endfor %}
    {% set names = [] %}
    {% for field in modules.re.split(modules.re.escape(best[0]) ~ '(?=(?:[^"]*"[^"]*")*[^"]*$)', line) %}
        {% set name = field.strip().strip('"').strip() | lower %}
        {% if name and name in names %}
            {% do customer_lifecycle.stop_build("File " ~ file ~ " line 1 names the column '" ~ name ~ "' twice: rename or remove one of the two.") %}
        {% endif %}
        {% do names.append(name or 'unnamed_' ~ loop.index) %}
    {% endfor %}
    {{ return(best[0] ~ '\n' ~ names | join('\n')) }}
{% endmacro %}


{# parquet_parts(files) -> like csv_parts, one for each set of columns and types that the parquet files share #}
{% macro parquet_parts(files) %}
    {% set groups = {} %}
    {% for file in files if file.lower().endswith('.parquet') %}
        {% set path = "'" ~ file | replace("'", "''") ~ "'" %}
        {% set bad = run_query(
            "select 1 from read_blob(" ~ path ~ ") where size < 12 or (size < 100000000 and (content[1:4] <> 'PAR1'::blob or content[-4:] <> 'PAR1'::blob))"
        ).rows %}
        {% if bad %}
            {% do customer_lifecycle.stop_build("File " ~ file ~ " is no complete parquet file, though its name ends so: export it again.") %}
        {% endif %}
        {% set names = [] %}
        {% for row in run_query("describe select * from read_parquet(" ~ path ~ ")").rows %}
            {% do names.append(row[0] ~ '\n' ~ row[1]) %}
        {% endfor %}
        {% do groups.setdefault(names | join('\r'), []).append(path) %}
    {% endfor %}
    {% set parts = [] %}
    {% for description, paths in groups.items() %}
        {% set columns = {} %}
        {% set spellings = {} %}
        {% for column in description.split('\r') %}
            {% set name, data_type = column.split('\n') %}
            {% if name | lower in columns %}
                {% do customer_lifecycle.stop_build("File " ~ paths[0] ~ " has the column '" ~ name ~ "' twice: rename or remove one of the two.") %}
            {% endif %}
            {% do columns.update({name | lower: data_type}) %}
            {% do spellings.update({name | lower: name}) %}
        {% endfor %}
        {% do parts.append({'columns': columns, 'spellings': spellings, 'scan': "read_parquet([" ~ paths | join(', ') ~ "])"}) %}
    {% endfor %}
    {{ return(parts) }}
{% endmacro %}


{# union_columns(parts) -> {'order_id': 'VARCHAR', ...}: the type on which all parts agree, else VARCHAR #}
{% macro union_columns(parts) %}
    {% set columns = {} %}
    {% for part in parts %}
        {% for name, data_type in part.columns.items() %}
            {% do columns.update({name: data_type if columns.get(name, data_type) == data_type else 'VARCHAR'}) %}
        {% endfor %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{# union_of_parts(parts, columns) -> the query that reads them all, by column name #}
{% macro union_of_parts(parts, columns) %}
    {% set queries = [] %}
    {% for part in parts %}
        {% set expressions = [] %}
        {% for name, data_type in columns.items() %}
            {% set column = adapter.quote((part.spellings or {}).get(name, name)) if name in part.columns else 'null' %}
            {% if part.columns.get(name) != data_type %}
                {% set column = "cast(" ~ column ~ " as " ~ data_type ~ ")" %}
            {% endif %}
            {% do expressions.append(column ~ " as " ~ adapter.quote(name)) %}
        {% endfor %}
        {% do queries.append("select " ~ expressions | join(', ') ~ " from " ~ part.scan) %}
    {% endfor %}
    {{ return(queries | join(' union all ')) }}
{% endmacro %}


{# check_rejects() stops the build at the first line that could not be read as csv #}
{% macro check_rejects() %}
    {% set errors = run_query(
        "select reject_scans.file_path, reject_errors.line, reject_errors.error_type, reject_errors.error_message "
        ~ "from reject_errors inner join reject_scans using (scan_id, file_id) order by 1, 2 limit 1"
    ).rows %}
    {% for file, line, error_type, message in errors %}
        {% set advice = {
            'TOO MANY COLUMNS': "has more values than the header has columns: quote values that hold the delimiter",
            'MISSING COLUMNS': "has fewer values than the header has columns: complete or remove the line",
            'UNQUOTED VALUE': "has a quotation mark that is not closed or stands inside a value: double it inside quoted values",
            'INVALID ENCODING': "is not UTF-8: save the file as CSV UTF-8",
            'LINE SIZE OVER MAXIMUM': "is longer than 20 MB: shorten it",
        } %}
        {% do customer_lifecycle.undo_and_stop(
            "File " ~ file ~ " line " ~ line ~ " " ~ advice.get(error_type | string, "cannot be read (" ~ message ~ ")") ~ "."
        ) %}
    {% endfor %}
{% endmacro %}
