{# The 95 % interval of (promoters - detractors) / respondents, a double from -1 to 1; null without respondents. An adjusted Wald interval:
   3/4 promoters, 3/4 detractors and 3/2 passives are added (Rocks, Interval Estimation for the Net Promoter Score, The American Statistician
   70, 2016, 365-372: the best of six in small samples). It leans towards 0, so that a score at the very end is added.
   nps_lower('promoter_count', 'detractor_count', 'respondent_count')   50, 20, 100 -> 0.1405   1, 0, 1 -> -0.4850   0, 0, 0 -> null
   nps_upper('promoter_count', 'detractor_count', 'respondent_count')   50, 20, 100 -> 0.4420   1, 0, 1 -> 1         0, 0, 0 -> null #}
{% macro nps_lower(promoters, detractors, respondents, sign='-') -%}
    {%- set type = customer_lifecycle.double_type() -%}
    {%- set count = 'cast(' ~ respondents ~ ' as ' ~ type ~ ')' -%}
    {%- set gained, lost = 'cast(' ~ promoters ~ ' as ' ~ type ~ ')', 'cast(' ~ detractors ~ ' as ' ~ type ~ ')' -%}
    {%- set net, adjusted = '(' ~ gained ~ ' - ' ~ lost ~ ')', '(' ~ count ~ ' + 3)' -%}
    {%- set variance = '(' ~ gained ~ ' + ' ~ lost ~ ' + 1.5) - ' ~ net ~ ' * ' ~ net ~ ' / ' ~ adjusted -%}
    {%- set outer, inner = ('greatest', 'least') if sign == '-' else ('least', 'greatest') -%}
    case when {{ respondents }} > 0 then {{ outer }}(
        {{ inner }}(
            ({{ net }} {{ sign }} 1.959963984540054 * sqrt({{ variance }})) / {{ adjusted }},
            {{ net }} / {{ count }}
        ),
        cast({{ sign }}1 as {{ type }})
    ) end
{%- endmacro %}
{% macro nps_upper(promoters, detractors, respondents) %}{{ customer_lifecycle.nps_lower(promoters, detractors, respondents, '+') }}{% endmacro %}
