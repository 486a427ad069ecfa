{#
    Load the files of RAW_DATA_DIR into the raw schema, all or nothing: `<table>.csv`, `<table>.parquet`, or a folder
    `<table>/` of any number of either. Nothing happens when the setting is empty; other engines bring tables.
    Rows of files that were loaded before and are unchanged stay where they are (macros/raw/loaded_files.sql); the
    raw tables have the rows, columns and types that loading everything would give.

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
        {% set states = customer_lifecycle.file_states(files) %}
        {% set loaded = customer_lifecycle.loaded_tables(states) %}
        {% set plans = {} %}
        {% for table in files %}
            {% set relation = source('lifecycle_raw', table) %}
            {% set before = (loaded or {}).get(relation.identifier | lower, {'headers': {}, 'is_whole': false}) %}
            {% set plan = customer_lifecycle.loading_plan(table, files[table], before, states) %}
            {% if plan %}
                {% do plans.update({table: plan}) %}
            {% endif %}
        {% endfor %}

        {% do run_query("begin transaction") %}
        {% do run_query("create schema if not exists " ~ source('lifecycle_raw', 'orders').without_identifier()) %}
        {% if loaded is none %}
            {% do customer_lifecycle.start_record() %}
        {% endif %}
        {% do run_query("drop table if exists reject_errors") %}
        {% do run_query("drop table if exists reject_scans") %}
        {% for table in customer_lifecycle.raw_contract() %}
            {% do customer_lifecycle.carry_out_plan(source('lifecycle_raw', table), plans.get(table), states) %}
        {% endfor %}
        {% set filled = [] %}
        {% for table in ['orders', 'subscriptions'] if table in plans %}
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


{#
    loading_plan('orders', files, before, states) -> {'is_replaced': false, 'headers': {file: header}, 'query': ...}: whether the table is
    written anew or keeps its rows, which of its files are read, and by which query. None when no file has a column.
    Where the table is whole (see loaded_tables) and all files together have its very columns, new files are enough.
#}
{% macro loading_plan(table, files, before, states) %}
    {% set headers = customer_lifecycle.file_headers(files, before.headers, states) %}
    {% set columns = customer_lifecycle.union_columns(customer_lifecycle.file_parts(headers)) %}
    {% if not columns %}
        {{ return(none) }}
    {% endif %}
    {% do customer_lifecycle.check_required_columns(table, columns.keys() | list, files | join(', ') | truncate(200)) %}
    {% set is_replaced = not before.is_whole or columns.items() | list != before.columns.items() | list %}
    {% set to_read = {} %}
    {% for file, header in headers.items() if is_replaced or file not in before.headers %}
        {% do to_read.update({file: header}) %}
    {% endfor %}
    {% set parts = customer_lifecycle.file_parts(to_read) %}
    {{ return({'is_replaced': is_replaced, 'headers': to_read, 'query': customer_lifecycle.union_of_parts(parts, columns)}) }}
{% endmacro %}


{# carry_out_plan(relation, plan, states) makes a raw table what its plan says, none = absent, and records the files read #}
{% macro carry_out_plan(relation, plan, states) %}
    {% if not plan %}
        {% do run_query("drop table if exists " ~ relation) %}
        {% do customer_lifecycle.forget_files(relation) %}
    {% elif plan.headers %}
        {% if plan.is_replaced %}
            {% do run_query("create or replace table " ~ relation ~ " as " ~ plan.query) %}
            {% do customer_lifecycle.forget_files(relation) %}
        {% elif plan.query %}
            {% do run_query("insert into " ~ relation ~ " by name " ~ plan.query) %}
        {% endif %}
        {% if 'read_csv' in plan.query %}
            {% do customer_lifecycle.check_rejects() %}
        {% endif %}
        {% do customer_lifecycle.record_files(relation, plan.headers, states) %}
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
    file_headers(files, known, states) -> {file: header}, as known or else as read: what csv_header and parquet_header say, ''
    for a file without a byte
#}
{% macro file_headers(files, known, states) %}
    {% set headers = {} %}
    {% set small = [] %}
    {% for file in files if file not in known and file.lower().endswith('.csv') and file in states %}
        {% if states[file].file_size | int < 100000 %}
            {% do small.append(file) %}
        {% endif %}
    {% endfor %}
    {% set lines = customer_lifecycle.first_lines(small) %}
    {% for file in files %}
        {% if file in known %}
            {% do headers.update({file: known[file]}) %}
        {% elif file.lower().endswith('.csv') %}
            {% do headers.update({file: customer_lifecycle.csv_header(file, lines.get(file)) or ''}) %}
        {% else %}
            {% do headers.update({file: customer_lifecycle.parquet_header(file)}) %}
        {% endif %}
    {% endfor %}
    {{ return(headers) }}
{% endmacro %}


{# file_parts(headers) -> what csv_parts and parquet_parts say of these files #}
{% macro file_parts(headers) %}
    {{ return(customer_lifecycle.csv_parts(headers) + customer_lifecycle.parquet_parts(headers)) }}
{% endmacro %}


{#
    csv_parts(headers) -> [{'scan': "read_csv(...)", 'columns': {'order_id': 'VARCHAR', ...}}, ...], one for each header that
    the csv files share. The delimiter is the sign of , ; tab | that the header has most of; everything is text.
#}
{% macro csv_parts(headers) %}
    {% set groups = {} %}
    {% for file, header in headers.items() if header and file.lower().endswith('.csv') %}
        {% do groups.setdefault(header, []).append("'" ~ file | replace("'", "''") ~ "'") %}
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
    first_lines(files) -> {file: line} for those of these small files whose first line is one of plain ASCII. Read many at a time,
    because a query for each would take most of the time that loading a thousand small files takes. What a line may not
    hold here (other letters, control characters, no end) is what DuckDB writes with a backslash; csv_header reads such lines.
#}
{% macro first_lines(files) %}
    {% set lines = {} %}
    {% for some in files | batch(200) %}
        {% set paths = [] %}
        {% for file in some %}
            {% do paths.append("'" ~ file | replace("'", "''") ~ "'") %}
        {% endfor %}
        {% for file, line in run_query(
            "select filename, regexp_extract(cast(content[1:10000] as varchar), "
            ~ "'^((?:[^\\\\]|\\\\x09|\\\\x22|\\\\x27)+?)(?:\\\\x0D)?\\\\x0A', 1) "
            ~ "from read_blob([" ~ paths | join(', ') ~ "])"
        ).rows if line %}
            {% do lines.update({file: line | replace('\\x09', '\t') | replace('\\x22', '"') | replace('\\x27', "'")}) %}
        {% endfor %}
    {% endfor %}
    {{ return(lines) }}
{% endmacro %}


{#
    csv_header('/data/orders.csv') -> the delimiter and the column names, lower case, one a line; none for a file without a byte.
    The line, unless it is known, is read leniently, as one value, so that whatever is wrong with it can be told in a sentence.
#}
{% macro csv_header(file, line=none) %}
    {% set line = line or customer_lifecycle.csv_first_line(file) %}
    {% if not line %}
        {{ return(none) }}
    {% endif %}
    {% set line = line.lstrip('\ufeff').rstrip('\r\n') %}
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


{# csv_first_line('/data/orders.csv') -> the line, never empty; none for a file without a byte #}
{% macro csv_first_line(file) %}
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
    {% endif %}
    {{ return(rows[0][0] if rows else none) }}
{% endmacro %}


{# parquet_header('/data/orders.parquet') -> each column's name, a line break and its type, with carriage returns between them #}
{% macro parquet_header(file) %}
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
    {{ return(names | join('\r')) }}
{% endmacro %}


{# parquet_parts(headers) -> like csv_parts, one for each set of columns and types that the parquet files share #}
{% macro parquet_parts(headers) %}
    {% set groups = {} %}
    {% for file, header in headers.items() if file.lower().endswith('.parquet') %}
        {% do groups.setdefault(header, []).append("'" ~ file | replace("'", "''") ~ "'") %}
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
