{# Does a text contain a match of the regular expression that another column holds (POSIX, the part that all engines share)?
   'google' with rules.utm_source = '^(google|bing)$' -> true.  matches_pattern_of('utm_source', 'rules.utm_source') #}
{% macro matches_pattern_of(text, pattern) %}{{ return(adapter.dispatch('matches_pattern_of', 'customer_lifecycle')(text, pattern)) }}{% endmacro %}
{% macro default__matches_pattern_of(text, pattern) %}regexp_matches({{ text }}, {{ pattern }}){% endmacro %}
{% macro postgres__matches_pattern_of(text, pattern) %}({{ text }} ~ {{ pattern }}){% endmacro %}
{% macro spark__matches_pattern_of(text, pattern) %}({{ text }} rlike {{ pattern }}){% endmacro %}
{% macro bigquery__matches_pattern_of(text, pattern) %}regexp_contains({{ text }}, {{ pattern }}){% endmacro %}
{% macro snowflake__matches_pattern_of(text, pattern) %}(regexp_instr({{ text }}, {{ pattern }}) > 0){% endmacro %}
{# Redshift's operator takes no pattern from a column; its function counts matches of one. #}
{% macro redshift__matches_pattern_of(text, pattern) %}(regexp_count({{ text }}, {{ pattern }}) > 0){% endmacro %}
{% macro trino__matches_pattern_of(text, pattern) %}regexp_like({{ text }}, {{ pattern }}){% endmacro %}
