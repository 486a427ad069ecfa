{# The post-hook of raw_volumes_daily: one warning for each table that was out of its band in the last seven days, by the last such day. #}
{% macro warn_of_raw_volumes() -%}
    {%- if execute -%}
        {%- set tables = {} -%}
        {%- set query = 'select entity, date_day, measured_by, row_count, lower_count, upper_count, volume_status from ' ~ this ~ ' as volumes'
            ~ " where volume_status in ('silent', 'low', 'high') and date_day > (select " ~ customer_lifecycle.add_days('max(last.date_day)', -7)
            ~ ' from ' ~ this ~ ' as last where last.entity = volumes.entity) order by entity, date_day desc' -%}
        {%- for row in customer_lifecycle.answer_of(query).rows -%}{%- do tables.setdefault(row[0], []).append(row) -%}{%- endfor -%}
        {%- for entity, days in tables.items() -%}
            {%- set day = days[0] -%}
            {%- do exceptions.warn(entity ~ ": " ~ (day[3] | int or 'no') ~ (' row' if day[3] | int < 2 else ' rows') ~ (' loaded on ' if day[2] == 'loaded_at' else ' dated ')
                ~ day[1].strftime('%A, %Y-%m-%d') ~ ", where " ~ (day[4] | int) ~ " to " ~ (day[5] | int) ~ " are usual on that weekday"
                ~ ("" if days | length == 1 else ", and " ~ (days | length - 1) ~ " more of the last seven days out of band")
                ~ ": see whether a file is missing, cut short or loaded twice (quality.raw_volumes_daily).") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
