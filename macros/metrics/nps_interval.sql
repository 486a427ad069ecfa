{#
    The 95 % interval of (promoters - detractors) / respondents, a double between -1 and 1; null without respondents.

    Adjusted Wald interval for the difference of two shares of one sample: three answers are added, 3/4 promoters, 3/4
    detractors and 3/2 passives (Rocks, Interval Estimation for the Net Promoter Score, The American Statistician 70, 2016,
    pages 365-372, found it the best of six in small samples). So it keeps a width where all answers are alike, which the
    plain one loses; and it leans towards 0, so that a score at the very end is taken in by hand.

    nps_lower('promoter_count', 'detractor_count', 'respondent_count')
        50, 20, 100 -> 0.1405   10, 0, 10 -> 0.4750   1, 0, 1 -> -0.4850   0, 0, 0 -> null
    nps_upper('promoter_count', 'detractor_count', 'respondent_count')
        50, 20, 100 -> 0.4420   10, 0, 10 -> 1        1, 0, 1 -> 1         0, 0, 0 -> null
#}
{% macro nps_lower(promoters, detractors, respondents) -%}
    {{ customer_lifecycle.nps_bound(promoters, detractors, respondents, '-') }}
{%- endmacro %}

{% macro nps_upper(promoters, detractors, respondents) -%}
    {{ customer_lifecycle.nps_bound(promoters, detractors, respondents, '+') }}
{%- endmacro %}

{% macro nps_bound(promoters, detractors, respondents, sign) -%}
    {%- set type = customer_lifecycle.double_type() -%}
    {%- set count = 'cast(' ~ respondents ~ ' as ' ~ type ~ ')' -%}
    {%- set net = '(cast(' ~ promoters ~ ' as ' ~ type ~ ') - cast(' ~ detractors ~ ' as ' ~ type ~ '))' -%}
    {%- set either = '(cast(' ~ promoters ~ ' as ' ~ type ~ ') + cast(' ~ detractors ~ ' as ' ~ type ~ ') + 1.5)' -%}
    {%- set adjusted = '(' ~ count ~ ' + 3)' -%}
    {%- set variance = either ~ ' - ' ~ net ~ ' * ' ~ net ~ ' / ' ~ adjusted -%}
    {%- set reach = customer_lifecycle.normal_quantile() ~ " * sqrt(" ~ variance ~ ")" -%}
    {%- set outer, inner = ('greatest', 'least') if sign == '-' else ('least', 'greatest') -%}
    case
        when {{ respondents }} > 0
            then {{ outer }}(
                {{ inner }}(
                    ({{ net }} {{ sign }} {{ reach }}) / {{ adjusted }},
                    {{ net }} / {{ count }}
                ),
                cast({{ sign }}1 as {{ type }})
            )
    end
{%- endmacro %}
