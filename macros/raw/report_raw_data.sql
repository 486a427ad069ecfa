{# What a build says of its raw data once they are cleaned: what was not understood is said, and nothing is a reason to stop but that not
   a single order or subscription can be used. The on-run-end hook; it speaks of the tables whose base models were built in this run.
   With the environment variable CHECK_DATA it also writes what `make check-data` prints. #}
{% macro report_raw_data(results) %}
    {% set built, tables, known_types = [], {}, customer_lifecycle.existing(customer_lifecycle.seed('event_types')) %}
    {% for result in (results if execute and flags.WHICH in ['build', 'run', 'retry'] and not flags.EMPTY else []) %}
        {% if result.status | string == 'success' and result.node.package_name == 'customer_lifecycle' %}{% do built.append(result.node.name) %}{% endif %}
    {% endfor %}
    {% for table in (customer_lifecycle.raw_tables() if built else []) if customer_lifecycle.base_model(table) in built %}
        {% do tables.update({table: customer_lifecycle.raw_table_report(table, 'stg_shop__order_outcomes' in built, known_types)}) %}
    {% endfor %}
    {% for table, columns in customer_lifecycle.nested_columns(tables).items() %}
        {% do tables[table].sentences.append(table ~ ': ' ~ columns | join(', ') ~ (' holds' if columns | length == 1 else ' hold')
            ~ ' more than one plain value in a row, which is read as one text: send one value in each column, such as the id alone.') %}
    {% endfor %}
    {% for table, report in tables.items() %}
        {% for sentence in report.sentences %}{% do exceptions.warn(sentence) %}{% endfor %}
    {% endfor %}
    {% do customer_lifecycle.report_currencies(tables) %}
    {% if 'lifecycle_audiences' in built and not customer_lifecycle.any_consent() %}
        {% do exceptions.warn("No customer is known to consent to marketing (customers.marketing_consent, or engagements of the type newsletter_subscribed), "
            ~ "so lifecycle_audiences is empty: bring one of the two.") %}
    {% endif %}
    {% if env_var('CHECK_DATA', '') %}{% do log('RAW DATA ' ~ tojson(tables), info=true) %}{% endif %}
    {% set sold = [tables.orders, tables.subscriptions] | select('defined') | list %}
    {% if sold | length == 2 and not sold | sum(attribute='usable') and sold | sum(attribute='rows') %}
        {% do customer_lifecycle.stop_build("There is nothing to build from: every row of orders and subscriptions is rejected (staging.base_shop__orders "
            ~ "and staging.base_billing__subscriptions have the reasons).") %}
    {% endif %}
{% endmacro %}
{# rows_of(query) -> its rows; built_relation('base_shop__orders') -> the table of a model #}
{% macro rows_of(query) %}{{ return(run_query(query).rows | list) }}{% endmacro %}
{% macro built_relation(model) %}{{ return(graph.nodes['model.customer_lifecycle.' ~ model].relation_name) }}{% endmacro %}
{# raw_table_report('refunds', true, seed('event_types')) -> {rows, usable, rejected: {reason: count}, nulled: {column: count}, unknown: [columns], sentences} #}
{% macro raw_table_report(table, has_order_outcomes, known_types) %}
    {% set contract, base = customer_lifecycle.raw_table(table), customer_lifecycle.built_relation(customer_lifecycle.base_model(table)) %}
    {% set share, sentences, rejected, nulled, samples = customer_lifecycle.setting('rejected_share') | float, [], {}, {}, {} %}
    {% set as_designed = graph.nodes['seed.customer_lifecycle.rejection_reasons'].config.meta.no_loss + ['conflicting_buyer', 'conflicting_order'] %}
    {% set reason, orders = 'base_rows.rejection_reason', '' %}
    {% if contract.parent and has_order_outcomes %}
        {% set reason = "coalesce(base_rows.rejection_reason, case when parents.order_id is null then 'orphan_reference' end)" %}
        {% set orders = ' left join ' ~ customer_lifecycle.built_relation('stg_shop__order_outcomes')
            ~ ' as parents on base_rows.brand = parents.brand and base_rows.order_id = parents.order_id' %}
    {% endif %}
    {% set from = ' from ' ~ base ~ ' as base_rows' ~ orders %}
    {% set failures = 'case when base_rows.rejection_reason is null then base_rows.cleaning_failures end' %}
    {% set row_count, counts = namespace(all=0, usable=0), {} %}
    {% for row in customer_lifecycle.rows_of('select ' ~ reason ~ ' as reason, ' ~ failures ~ ' as failures, count(*)' ~ from ~ ' group by 1, 2 order by 3 desc, 2, 1') %}
        {% set row_count.all = row_count.all + (row[2] | int) %}
        {% if row[0] is none %}{% set row_count.usable = row_count.usable + (row[2] | int) %}{% else %}{% do counts.update({row[0]: counts.get(row[0], 0) + (row[2] | int)}) %}{% endif %}
        {% for failure in (row[1] or '').strip('|').split('|') if failure %}{% do nulled.update({failure: nulled.get(failure, 0) + (row[2] | int)}) %}{% endfor %}
    {% endfor %}
    {% for name, count in counts.items() | sort | sort(attribute=1, reverse=true) %}{% do rejected.update({name: count}) %}{% endfor %}
    {% set faults = namespace(count=0) %}
    {% for name, count in rejected.items() if name not in as_designed %}{% set faults.count = faults.count + count %}{% endfor %}
    {% do samples.update(customer_lifecycle.rejected_samples(table, rejected | reject('in', as_designed) | list, from, reason) if faults.count else {}) %}
    {% for name, count in rejected.items() if name not in as_designed %}
        {% set is_much = name == 'undated_version' or count > share * row_count.all and (count >= 5 or count > 0.2 * row_count.all or count > 1 and count > 0.1 * row_count.all) %}
        {% if is_much or (not samples.said and faults.count > share * row_count.all and faults.count >= 10) %}
            {% do samples.update({'said': true}) %}
            {% do sentences.append(table ~ ': ' ~ ('every row' if count == row_count.all else count ~ ' of ' ~ row_count.all ~ ' rows') ~ ' rejected, '
                ~ name ~ ' in ' ~ samples[name].column ~ (' (' ~ samples[name]['values'] | join(', ') ~ ')' if samples[name]['values']) ~ samples[name].hint
                ~ '. quality.rejected_records has them.') %}
        {% endif %}
    {% endfor %}
    {% if row_count.all and not row_count.usable and not faults.count %}
        {% do sentences.append(table ~ ': every row is rejected, for ' ~ rejected | join(' or ') ~ '. quality.rejected_records has them.') %}
    {% endif %}
    {% set columns = customer_lifecycle.found_columns(table) if table not in customer_lifecycle.raw_models() else {} %}
    {% set counted = [] %}
    {% for failure in nulled if failure.split(':')[0] in contract.columns %}{% do counted.append(failure.split(':')[0]) %}{% endfor %}
    {% set givens = customer_lifecycle.given_counts(base, counted | unique | list) %}
    {% for failure, count in nulled.items() if failure.split(':')[0] in contract.columns %}
        {% set name = failure.split(':')[0] %}
        {% set given = givens[name] %}
        {% if count > share * (given + count) or failure.split(':')[1] in ['rounded_id', 'above_total'] %}
            {% set raw_values = customer_lifecycle.raw_samples(table, columns[name].spelling) if name in columns and 'unparseable_value' in failure else [] %}
            {% set hinted = customer_lifecycle.with_hint(table, contract.columns[name], raw_values) %}
            {% do sentences.append(table ~ ': ' ~ count ~ ' of ' ~ (given + count) ~ ' values of ' ~ name ~ ' left out, ' ~ failure.split(':')[1]
                ~ (' (' ~ hinted['values'] | join(', ') ~ ')' if hinted.hint) ~ hinted.hint ~ '. quality.cleaning_events counts them.') %}
        {% endif %}
    {% endfor %}
    {% for other in ['buyer', 'order'] if 'conflicting_' ~ other in rejected %}
        {% set conflict, stake, key = 'conflicting_' ~ other, [], contract.key[0] %}
        {% for row in (customer_lifecycle.rows_of('select currency, sum(' ~ contract.money ~ ') from ' ~ base ~ " where rejection_reason = '" ~ conflict ~ "' group by 1 order by 1") if contract.money else []) if row[1] is not none %}
            {% do stake.append((row[0] or '') ~ ' ' ~ row[1]) %}
        {% endfor %}
        {% do sentences.append(table ~ ': ' ~ rejected[conflict] ~ ' rows have the ' ~ key | replace('_', ' ') ~ ' of another ' ~ other ~ ' and are left out' ~ (', worth ' ~ stake | join(', ') if stake)
            ~ ': give each ' ~ key[:-3] | replace('_', ' ') ~ ' an id of its own. quality.rejected_records has them (' ~ conflict ~ ').') %}
    {% endfor %}
    {% if orders and columns %}
        {% set foreign = customer_lifecycle.foreign_amounts(table, columns, base) %}
        {% if foreign.count %}
            {% do sentences.append(table ~ ': ' ~ foreign.count ~ ' rows are in another currency than their order (' ~ foreign.said | unique | join(', ')
                ~ '), and are read as if they were in that of the order: send their amounts in it.') %}
        {% endif %}
    {% endif %}
    {% set types = customer_lifecycle.unknown_event_types(table, base, known_types) %}
    {% if types and types | sum(attribute=1) > share * row_count.usable %}
        {% do sentences.append(table ~ ': ' ~ types | sum(attribute=1) ~ ' of ' ~ row_count.usable ~ " rows are of a type that is not known ('" ~ types[:3] | map(attribute=0) | join("', '")
            ~ "') and count as contacts alone: name them as the seed event_types does, or add them to it. quality.cleaning_events counts them.") %}
    {% endif %}
    {% set unread = customer_lifecycle.unread_columns(table, columns) %}
    {% set meant, known = [], [] %}
    {% for name, said in unread.items() if said %}
        {% if said.startswith('in ') %}{% do known.append(name ~ ' (' ~ said ~ ')') %}{% else %}{% do meant.append(name ~ ' (' ~ said ~ '?)') %}{% endif %}
    {% endfor %}
    {% if meant %}
        {% do sentences.append(table ~ ' has columns that are not read, as the contract calls them otherwise: ' ~ meant | join(', ') ~ '. Rename them.') %}
    {% endif %}
    {% if known %}
        {% do sentences.append(table ~ ' has columns that are not read, as the contract knows them in other tables only: ' ~ known | join(', ') ~ '.') %}
    {% endif %}
    {% do samples.pop('said', none) %}
    {{ return({'rows': row_count.all, 'usable': row_count.usable, 'rejected': rejected, 'samples': samples, 'nulled': nulled,
        'unknown': unread | list, 'sentences': sentences}) }}
{% endmacro %}
{# given_counts(base, ['phone', 'tax_amount']) -> {'phone': 12, 'tax_amount': 7}: in how many usable rows each column has a value #}
{% macro given_counts(base, names) %}
    {% set counts, given = [], {} %}
    {% for name in names %}{% do counts.append('count(' ~ customer_lifecycle.column_name(name) ~ ')') %}{% endfor %}
    {% set row = customer_lifecycle.rows_of('select ' ~ counts | join(', ') ~ ' from ' ~ base ~ ' where rejection_reason is null')[0] if names else [] %}
    {% for name in names %}{% do given.update({name: row[loop.index0] | int}) %}{% endfor %}
    {{ return(given) }}
{% endmacro %}
{# nested_columns(tables) -> {'orders': ['total_amount (STRUCT(net DOUBLE, tax DOUBLE))', 'customer_id (JSON)']}: columns of the contract with lists, maps or
   objects, by their type or as text that looks so in the first thousand rows; one query for all tables #}
{% macro nested_columns(tables) %}
    {% set nested, queries = {}, [] %}
    {% for table in tables if tables[table].rows and table not in customer_lifecycle.raw_models() %}
        {% set looks, contract = [], customer_lifecycle.raw_table(table).columns %}
        {% for name, column in customer_lifecycle.found_columns(table).items() if name in contract and column.family == 'text' %}
            {% set type = column.data_type | lower %}
            {% if '[' in type or type.startswith(('struct', 'map', 'union', 'array', 'record', 'object', 'json', 'variant', 'super')) %}
                {% do nested.setdefault(table, []).append(name ~ ' (' ~ column.data_type[:60] ~ ')') %}
            {% else %}
                {% set text, like = 'cast(' ~ adapter.quote(column.spelling) ~ ' as ' ~ customer_lifecycle.text_type() ~ ')', [] %}
                {% for pattern in ['{"%}', '[{%}]', '["%"]', "{''%}"] %}{% do like.append(text ~ " like '" ~ pattern ~ "'") %}{% endfor %}
                {% do looks.append("case when max(case when " ~ like | join(' or ') ~ " then 1 else 0 end) = 1 then ' " ~ name ~ "' else '' end") %}
            {% endif %}
        {% endfor %}
        {% if looks %}
            {% do queries.append("select '" ~ table ~ "' as name, " ~ looks | join(' || ') ~ ' as found from (select * from '
                ~ customer_lifecycle.raw_relation(table) ~ ' limit 1000) as first_rows') %}
        {% endif %}
    {% endfor %}
    {% for row in (customer_lifecycle.rows_of(queries | join(' union all ')) if queries else []) %}
        {% for name in (row[1] or '').split() %}{% do nested.setdefault(row[0], []).append(name ~ ' (JSON)') %}{% endfor %}
    {% endfor %}
    {{ return(nested) }}
{% endmacro %}
{# unknown_event_types('touchpoints', base, seed('event_types')) -> [['pageview', 12], ...]: what usable rows say has happened and the seed event_types does not know, the
   most frequent first #}
{% macro unknown_event_types(table, base, known) %}
    {% set said = customer_lifecycle.event_sources() | selectattr('table', 'equalto', table) | map(attribute='event_type') | join %}
    {{ return(customer_lifecycle.rows_of('select base_rows.' ~ said ~ ', count(*) from ' ~ base ~ ' as base_rows left join ' ~ known ~ ' as known on base_rows.' ~ said
        ~ " = known.event_type and known.source_table = '" ~ table ~ "' where base_rows.rejection_reason is null and base_rows." ~ said
        ~ ' is not null and known.event_type is null group by 1 order by 2 desc, 1') if known and said and "'" not in said else []) }}
{% endmacro %}
{# foreign_amounts('refunds', columns, base) -> {count, said: ['USD of an order in EUR']}: rows that say another currency than their order, in a column
   currency, which their contract has not, or in an amount. '$' goes with every dollar. #}
{% macro foreign_amounts(table, columns, base) %}
    {% set contract, found, said = customer_lifecycle.raw_table(table), namespace(count=0), [] %}
    {% set key, orders = contract.key[0], customer_lifecycle.built_relation('base_shop__orders') %}
    {% for name, column in columns.items() if name == 'currency' or contract.columns.get(name, {}).type == 'amount' and column.family != 'number' %}
        {% set text = 'trim(cast(raw_rows.' ~ adapter.quote(column.spelling) ~ ' as ' ~ customer_lifecycle.text_type() ~ '))' %}
        {% for row in customer_lifecycle.rows_of('select orders.currency, ' ~ text ~ ', count(*) from ' ~ customer_lifecycle.raw_relation(table) ~ ' as raw_rows inner join '
            ~ base ~ ' as base_rows on trim(cast(raw_rows.' ~ adapter.quote(columns[key].spelling) ~ ' as ' ~ customer_lifecycle.text_type() ~ ')) = base_rows.' ~ key
            ~ ' inner join ' ~ orders ~ ' as orders on base_rows.brand = orders.brand and base_rows.order_id = orders.order_id where base_rows.rejection_reason is null'
            ~ ' and orders.rejection_reason is null and ' ~ customer_lifecycle.matches_pattern(text, '[^-+()0-9., ]') ~ ' group by 1, 2') %}
            {% set sign = modules.re.sub("[-+()0-9.,'\\s]", '', row[1]) | upper %}
            {% set codes = customer_lifecycle.money_signs().get(sign, [sign] if modules.re.fullmatch('[A-Z]{3}', sign) else []) %}
            {% if codes and row[0] not in codes and '' not in codes and sign not in ['NAN', 'N/A'] %}
                {% set found.count = found.count + (row[2] | int) %}{% do said.append(codes[0] ~ ' of an order in ' ~ row[0]) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return({'count': found.count, 'said': said}) }}
{% endmacro %}
{# rejected_samples('orders', ['unparseable_value'], ...) -> {reason: {column, values: up to three of them, hint}}: which column, and what
   stands there, by two hundred rows of each reason and one query for all #}
{% macro rejected_samples(table, reasons, from, reason_expression) %}
    {% set contract, candidates, rows, samples = customer_lifecycle.raw_table(table), {}, {}, {} %}
    {% set main = customer_lifecycle.main_columns(table) %}
    {% for name, column in contract.columns.items() %}
        {% set of_type = {
            'missing_key': name in contract.key, 'undated_version': name in contract.key, 'rounded_id': column.required and column.type in ['id', 'customer_id'],
            'unparseable_value': column.required and column.type not in ['id', 'customer_id', 'text', 'code'],
            'missing_required_value': column.required and name not in contract.key, 'negative_amount': column.required and column.not_negative,
            'implausible_amount': column.required and column.type == 'amount', 'conflicting_currency': column.type == 'amount',
            'unknown_currency': name == 'currency', 'invalid_enum': name in ['status', 'id_type'],
            'orphan_reference': name == ('order_id' if contract.parent else contract.customer),
        } %}
        {% for reason in reasons if of_type.get(reason, name in main) %}{% do candidates.setdefault(reason, []).append(name) %}{% endfor %}
    {% endfor %}
    {% set named = candidates.values() | sum(start=[]) | unique | list %}
    {% set typed = [] %}
    {% for name in named %}{% do typed.append('base_rows.' ~ customer_lifecycle.column_name(name) ~ ' as column_' ~ loop.index) %}{% endfor %}
    {% set query = 'select * from (select ' ~ ([reason_expression ~ ' as reason', 'base_rows.raw_row'] + typed) | join(', ')
        ~ ', row_number() over (partition by ' ~ reason_expression ~ ' order by base_rows.record_key) as place' ~ from
        ~ ' where ' ~ reason_expression ~ " in ('" ~ reasons | join("', '") ~ "')) as placed where place <= 200 order by reason, place" %}
    {% for row in customer_lifecycle.rows_of(query) %}{% do rows.setdefault(row[0], []).append(row) %}{% endfor %}
    {% for reason in reasons %}
        {% set seen, nulls = {}, reason in ['unparseable_value', 'missing_required_value', 'missing_key', 'rounded_id'] %}
        {% for row in rows.get(reason, []) %}
            {% set raw = fromjson(row[1]) if row[1] else {} %}
            {% for name in candidates.get(reason, []) %}
                {% set own = row[2 + named.index(name)] %}
                {% set value = raw.get(name, own) | string %}
                {% set is_given = value | trim and value != 'None' %}
                {% if (not nulls or own is none) and (is_given or reason.startswith('missing')) %}
                    {% do seen.setdefault(name, []).append(value if is_given and '@' not in value else none) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {#- of columns seen equally often the first of the contract, whatever the order of rows -#}
        {% set column = namespace(name=(candidates.get(reason, []) + ['the row'])[0]) %}
        {% for name in candidates.get(reason, []) if seen.get(name, []) | length > seen.get(column.name, []) | length %}{% set column.name = name %}{% endfor %}
        {% set values = seen.get(column.name, []) | reject('none') | unique | list %}
        {% set hinted = customer_lifecycle.with_hint(table, contract.columns.get(column.name, {}), values) %}
        {% set hints = {'unknown_currency': ': add a rate to the seed exchange_rates', 'orphan_reference': ': bring the rows that they belong to',
            'invalid_enum': ': add a row to the seed order_statuses' if table == 'orders', 'rounded_id': ': export the ids as text',
            'undated_version': ': several rows have one key and no date tells which is later, so that one of them counts: add them up, give each a key of its own, or send loaded_at',
            'negative_amount': ': a credit note belongs in refunds' if table == 'orders'} %}
        {% do samples.update({reason: {'column': column.name, 'values': hinted['values'],
            'hint': hints.get(reason) or hinted.hint if reason != 'unparseable_value' else hinted.hint}}) %}
    {% endfor %}
    {{ return(samples) }}
{% endmacro %}
{# with_hint('orders', {type: timestamp}, ['11/8/2018']) -> {values: ["'11/8/2018'"], hint: ': a day or a month first? Set DATE_ORDER=orders:mdy or …'} #}
{% macro with_hint(table, column, values) %}
    {% set shown, hint = [], namespace(text='') %}
    {% set hints = {
        'timestamp': [['^[0-9]{1,2}([/.-])[0-9]{1,2}[/.-][0-9]{4}', ': a day or a month first? Set DATE_ORDER=' ~ table ~ ':dmy or DATE_ORDER=' ~ table ~ ':mdy'],
            ['^[0-9]{5}([.][0-9]+)?$', ': write dates as 2024-01-31, not as the numbers of a spreadsheet'],
            ['^[0-9]{10,13}$', ': write times as 2024-01-31T10:00:00, not as seconds'],
            ['[0-9] ?[A-Za-z/]{3,}$', ': write an offset such as +01:00 for the name of a zone, which may be several']],
        'amount': [['(^|[^0-9.,])[1-9][0-9]{0,2}[.,][0-9]{3}([^0-9.,]|$)', ': decimals or thousands? Set DECIMAL_SEPARATOR=' ~ table ~ ':dot or DECIMAL_SEPARATOR=' ~ table ~ ':comma']],
    } %}
    {% set type = {'date': 'timestamp', 'number': 'amount', 'count': 'amount'}.get(column.type, column.type) %}
    {% for pattern, text in hints.get(type, []) if not shown %}
        {% for value in values if modules.re.search(pattern, value) and shown | length < 3 %}{% do shown.append("'" ~ value[:40] ~ "'") %}{% endfor %}
        {% if shown %}{% set hint.text = text %}{% endif %}
    {% endfor %}
    {% for value in values[:3] if not hint.text %}{% do shown.append("'" ~ value[:40] ~ "'") %}{% endfor %}
    {{ return({'values': shown, 'hint': hint.text}) }}
{% endmacro %}
{# raw_samples('orders', 'cancelled_at') -> up to a hundred of its values, as text #}
{% macro raw_samples(table, spelling) %}
    {% set name, values = adapter.quote(spelling), [] %}
    {% set text = 'cast(' ~ name ~ ' as ' ~ customer_lifecycle.text_type() ~ ')' %}
    {% for row in customer_lifecycle.rows_of('select distinct ' ~ text ~ ' from ' ~ customer_lifecycle.raw_relation(table) ~ ' where ' ~ name ~ ' is not null order by 1 limit 100') %}
        {% do values.append(row[0]) %}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}
{# report_currencies({table: report}) says when amounts are taken for the default currency, or all converted into it, and it was not chosen #}
{% macro report_currencies(tables) %}
    {% set is_chosen = var('reporting_currency', none) is not none or env_var('REPORTING_CURRENCY', '') %}
    {% set currency, stated, silent = customer_lifecycle.setting('reporting_currency') | upper, [], [] %}
    {% for table in ['orders', 'subscriptions'] if not is_chosen and tables.get(table, {}).rows %}
        {% set columns = customer_lifecycle.found_columns(table) if table not in customer_lifecycle.raw_models() else {} %}
        {% for column in columns.values() %}{% do column.update({'is_native': column.family == 'number'}) %}{% endfor %}
        {% if columns %}{% do customer_lifecycle.number_forms(table, columns) %}{% endif %}
        {% set base = customer_lifecycle.built_relation(customer_lifecycle.base_model(table)) %}
        {% set found = customer_lifecycle.rows_of('select distinct currency from ' ~ base ~ ' where rejection_reason is null order by 1 limit 10') | map(attribute=0) | list %}
        {% set in_column = columns.currency and customer_lifecycle.raw_samples(table, columns.currency.spelling) | reject('in', ['', 'NULL', 'null', 'N/A', 'nan']) | list %}
        {% if in_column or found | reject('equalto', currency) | list or customer_lifecycle.marked_amounts(table, columns) %}
            {% do stated.extend(found) %}
        {% else %}{% do silent.append(table) %}{% endif %}
    {% endfor %}
    {% if silent and not stated %}
        {% do exceptions.warn("In which currency are the amounts of " ~ silent | join(' and ') ~ "? No column currency and no amount says it, so they are taken as "
            ~ currency ~ ": set REPORTING_CURRENCY to their currency.") %}
    {% elif stated and currency not in stated %}
        {% do exceptions.warn("No amount is in " ~ currency ~ ", the default, into which all are converted from " ~ stated | unique | join(', ')
            ~ ": set REPORTING_CURRENCY=" ~ stated[0] ~ " to report them as they are, or REPORTING_CURRENCY=" ~ currency ~ " if this is meant.") %}
    {% endif %}
{% endmacro %}
{# any_consent() -> do customers or engagements say of any customer that marketing messages are welcome? #}
{% macro any_consent() %}
    {% set customers = customer_lifecycle.built_relation('base_shop__customers') %}
    {% set engagements = customer_lifecycle.built_relation('base_marketing__engagements') %}
    {{ return(customer_lifecycle.rows_of("select 1 from " ~ customers ~ " where marketing_consent is not null and rejection_reason is null limit 1")
        or customer_lifecycle.rows_of("select 1 from " ~ engagements ~ " where engagement_type = 'newsletter_subscribed' and rejection_reason is null limit 1")) }}
{% endmacro %}
