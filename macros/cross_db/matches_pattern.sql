{# Does a text contain a match of a regular expression (POSIX, the part that all engines share)? See matches_pattern_of.
   'A-12' with '[0-9]$' -> true. Call: matches_pattern('text_column', '[0-9]$') #}
{% macro matches_pattern(text, pattern) %}{{ customer_lifecycle.matches_pattern_of(text, customer_lifecycle.text_literal(pattern) | trim) }}{% endmacro %}
