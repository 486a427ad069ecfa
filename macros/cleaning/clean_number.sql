{# A number written in any of the usual ways; null when it is none, or when it could be two. The grammar reads a text whole or not at all:
     [sign] [currency] digits [currency] [sign], with the sign on one side only, or brackets around it for a number below zero;
     digits in groups of three by comma, dot, blank or apostrophe (or as in India), and decimals after the other of comma and dot.
   '1234.5', '1 234,50', '1.234,50', "1'234.50", '12,5 €', 'EUR 12', '12,-', '(12.50)', '−12.50' -> the number; '10 20', '3 pcs' -> null.
   '1,234' and '1.234' (three digits after the only mark) are a factor of a thousand apart: what else the brand's rows of this table hold, or
   the setting decimal_separator, decides, else null (see number_forms). A count has no decimals: there '1,234' is 1234. A small number,
   such as a rating, has no thousands. Call: clean_number(raw.quantity), see clean_text.sql #}
{% macro clean_number(column, data_type='decimal(18, 4)', is_count=false, is_small=false) -%}
    {%- if not column -%} cast(null as {{ data_type }})
    {%- elif column.is_native -%} {{ customer_lifecycle.safe_cast_to(column.value, data_type) }}
    {%- else -%}
    {%- set text, money = column.as_text, '[^-+()0-9.,\' ]+' if column.has_marks else 'X' -%}
    {%- set before, digits, after = '(' ~ money ~ ' ?)?', "[.,]?[0-9]([0-9.,' ]*[0-9.,])?", '( ?' ~ money ~ ')?' -%}
    {%- set shapes = ['[+-]? ?' ~ before ~ digits ~ after, money ~ ' ?[+-]' ~ digits, before ~ digits ~ '-' ~ after,
        '[(]' ~ before ~ digits ~ after ~ '[)]', money ~ ' ?[(]' ~ digits ~ '[)]'] -%}
    {#- a dash in the place of the decimals, as in '12,-', is no sign -#}
    {%- set sign = "case when " ~ text ~ " like '%(%' or " ~ text ~ " like '%-%' and " ~ text ~ " not like '%,-%' and " ~ text ~ " not like '%.-%' then '-' else '' end || " -%}
    {%- set number = "trim(" ~ customer_lifecycle.remove_pattern(text, "[^0-9.,' ]") ~ ")" -%}
    {%- set by_dot = customer_lifecycle.safe_cast_to(sign ~ customer_lifecycle.remove_pattern(number, "[,' ]"), data_type) -%}
    {%- set by_comma = customer_lifecycle.safe_cast_to(sign ~ "replace(" ~ customer_lifecycle.remove_pattern(number, "[.' ]") ~ ", ',', '.')", data_type) -%}
    {%- set groups = "[0-9]*|[1-9][0-9]{0,2}(( [0-9]{3})+|('[0-9]{3})+" -%}
    case
        when {{ customer_lifecycle.matches_pattern(column.as_text, '^[+-]?([0-9]*[.]?[0-9]{0,2}|[0-9]+[.][0-9]{4,}|(0[0-9]*|[0-9]{4,})?[.][0-9]{3}|([0-9]+[.]?[0-9]*|[.][0-9]+)[eE][+-]?[0-9]+)$') }}
        then {{ customer_lifecycle.safe_cast_to(column.as_text, data_type) }}
        when not {{ customer_lifecycle.matches_pattern(text, '^(' ~ shapes | join('|') ~ ')$') }} then null
        {%- if column.has_marks %} when {{ column.sign }} is null then null{% endif %}
        when {{ customer_lifecycle.matches_pattern(number, '^[1-9][0-9]{0,2}[.,][0-9]{3}$') }}
        then
            {%- if is_small %} {{ customer_lifecycle.safe_cast_to(sign ~ "replace(" ~ number ~ ", ',', '.')", data_type) }}
            {%- elif column.decimal_marks or is_count %} case
                {%- for brand, mark in column.decimal_marks.items() %}
                when {{ column.brand ~ " = '" ~ brand | replace("'", "''") ~ "'" if brand else 'true' }} then {{ by_dot if mark == '.' else by_comma }}
                {%- endfor %}
                {{ 'when ' ~ number ~ " like '%,%' then " ~ by_dot if is_count }}
            end
            {%- else %} null {%- endif %}
        when {{ customer_lifecycle.matches_pattern(number, '^(' ~ groups ~ "|(,[0-9]{3})+)|[1-9][0-9]?(,[0-9]{2})+,[0-9]{3})([.][0-9]*)?$") }} then {{ by_dot }}
        when {{ customer_lifecycle.matches_pattern(number, '^(' ~ groups ~ "|([.][0-9]{3})+))(,[0-9]*)?$") }} then {{ by_comma }}
    end
    {%- endif -%}
{%- endmacro %}
{# An amount of money, with two decimals #}
{% macro clean_amount(column) -%} {{ customer_lifecycle.clean_number(column, 'decimal(18, 2)') }} {%- endmacro %}
{# A whole number: '3', '3.0' -> 3; '1,234' -> 1234; '2.5' -> null #}
{% macro clean_count(column) -%}
    {%- set number = customer_lifecycle.clean_number(column, 'decimal(22, 4)', is_count=true) -%}
    cast(case when {{ number }} = floor({{ number }}) then floor({{ number }}) end as bigint)
{%- endmacro %}
{# The text of a number with one sign for minus, one blank, one apostrophe, and digits as ASCII has them: '−１２' -> '-12' (raw_rows does it) #}
{% macro plain_signs(text) -%}
    translate({{ text }}, '{{ "\u2212\u2013\u2012\ufe63\uff0d\u2019\u00a0\u2007\u2009\u202f．，０１２３４５６７８９" }}', {{ customer_lifecycle.text_literal("-----'    .,0123456789") | trim }})
{%- endmacro %}
{# number_forms('orders', columns) adds to each column that holds numbers as text how they are written in this table:
     has_marks       does any of them hold more than ASCII digits and their signs? If not, nothing is looked for
     decimal_marks   {brand: '.' or ','}: the sign before decimals, for brands with a value that leaves it open. Other values of the
                     brand decide if they agree ('12,50' -> ','; '0.125' -> '.'), or for all brands ('') the setting decimal_separator.
   It asks the raw table, so that a later load that decides otherwise cleans the table again (cleaning_rules). #}
{% macro number_forms(table, columns) %}
    {% set contract, texts, values, forms = customer_lifecycle.raw_table(table).columns, [], [], {'has_marks': true, 'decimal_marks': {}} %}
    {% set set_mark = {'comma': ',', ',': ',', 'dot': '.', '.': '.'}.get(customer_lifecycle.setting_of('decimal_separator', table)) %}
    {% set relation = customer_lifecycle.existing(customer_lifecycle.raw_relation(table)) if flags.INTROSPECT else none %}
    {% set brand = adapter.quote(columns.brand.spelling) if 'brand' in columns else "'default'" %}
    {% for name, column in columns.items() if name in contract and contract[name].type in ['amount', 'number', 'count'] and not column.is_native %}
        {% do texts.append(column) %}
        {% do values.append("select " ~ brand ~ " as brand, cast(" ~ adapter.quote(column.spelling) ~ " as " ~ customer_lifecycle.text_type()
            ~ ") as text from " ~ relation) %}
    {% endfor %}
    {% if texts and relation %}
        {% set begins, ends, forms = '(^|[^0-9.,])', '($|[^0-9.,])', {'has_marks': false, 'decimal_marks': {}} %}
        {% set tests = [begins ~ '[1-9][0-9]{0,2}[.,][0-9]{3}' ~ ends, "[^-+0-9.,eE() ']"] %}
        {% for mark, other in [('.', ','), (',', '.')] %}
            {% do tests.append(begins ~ '([1-9][0-9]{0,2}([X][0-9]{3})+[Y][0-9]+|[1-9][0-9]{0,2}([X][0-9]{3}){2,}|([0-9]+([X][0-9]{3})*)?[Y]([0-9]{1,2}|[0-9]{4,})|(0[0-9]*|[0-9]{4,})?[Y][0-9]{3})'.replace('X', other).replace('Y', mark) ~ ends) %}
        {% endfor %}
        {% set found = customer_lifecycle.found_forms(values, tests[:2]) %}
        {% if found | selectattr(2, 'equalto', 1) | list %}{% do forms.update({'has_marks': true}) %}{% endif %}
        {% if set_mark %}{% do forms.decimal_marks.update({'': set_mark}) %}
        {% elif found | selectattr(1, 'equalto', 1) | list %}
            {% for row in customer_lifecycle.found_forms(values, tests) if row[1] == 1 and row[3] != row[4] %}
                {% do forms.decimal_marks.update({row[0]: '.' if row[3] == 1 else ','}) %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {% for column in texts %}{% do column.update(forms, sign=column.as_text | replace('text__', 'sign__')) %}{% endfor %}
{% endmacro %}
{# found_forms(queries of brand and text, patterns) -> rows: a brand, and for each pattern 1 if one of its texts matches it #}
{% macro found_forms(values, patterns) %}
    {% set text = customer_lifecycle.trim_whitespace('cast(brand as ' ~ customer_lifecycle.text_type() ~ ')') %}
    {% set query %}
        select coalesce({{ customer_lifecycle.null_words_as_null(text) }}, 'default') as brand
        {%- for pattern in patterns %}, max(case when {{ customer_lifecycle.matches_pattern('text', pattern) }} then 1 else 0 end) as found_{{ loop.index }}{% endfor %}
        from ({{ values | join(' union all ') }}) as texts where text is not null group by 1 order by 1
    {% endset %}
    {{ return(customer_lifecycle.answer_of(query).rows | list) }}
{% endmacro %}
