{# The 95 % score interval of a proportion (Wilson 1927), a double; null without trials. It stays within 0 and 1, and keeps a width
   where no trial or every trial succeeds. Both are numbers or columns, successes never more than trials.
   wilson_lower('satisfied_count', 'response_count')   81, 263 -> 0.2553   0, 20 -> 0   0, 0 -> null
   wilson_upper('satisfied_count', 'response_count')   81, 263 -> 0.3662   0, 20 -> 0.1611   0, 0 -> null #}
{% macro wilson_lower(successes, trials) -%}
    {%- set type = customer_lifecycle.double_type() -%}
    {%- set hits = 'cast(' ~ successes ~ ' as ' ~ type ~ ')' -%}
    {%- set count = 'cast(' ~ trials ~ ' as ' ~ type ~ ')' -%}
    {#- the square of 1.959963984540054: so many standard errors a 95 % interval reaches to either side -#}
    {%- set squared = 'cast(1.959963984540054 * 1.959963984540054 as ' ~ type ~ ')' -%}
    case
        when {{ trials }} > 0 and {{ successes }} = 0 then cast(0 as {{ type }})
        when {{ trials }} > 0 then (
            {{ hits }} + {{ squared }} / 2
            - sqrt({{ squared }} * ({{ squared }} / 4 + {{ hits }} * ({{ count }} - {{ hits }}) / {{ count }}))
        ) / ({{ count }} + {{ squared }})
    end
{%- endmacro %}
{# What the lower bound of the failures leaves of 1: the interval is symmetric in both. #}
{% macro wilson_upper(successes, trials) -%}
    (1 - {{ customer_lifecycle.wilson_lower('((' ~ trials ~ ') - (' ~ successes ~ '))', trials) }})
{%- endmacro %}
