{#
    The one reader of the seed channel_rules: two CTEs, <name>_ranked and <name>, that give each row of clues the channel of the
    first rule it matches. Rows of the CTE `clues` are distinct, lower case, '' for what is not known; `rules` is a CTE of the seed.

    channel_matches('matches', clues='clues', rules='rules')
        ('click', 'google', 'cpc', '', '')  ->  ('click', 'google', 'cpc', '', '', 'paid_search')
#}
{% macro channel_matches(name, clues, rules) -%}
{%- set columns = customer_lifecycle.channel_clues() | join(', ') -%}
{{ name }}_ranked as (
    select
        {{ columns }},
        {{ rules }}.channel,
        row_number() over (partition by {{ columns }} order by {{ rules }}.priority) as match_number
    from {{ clues }}
    inner join {{ rules }}
        on
            {%- for column in customer_lifecycle.channel_clues() %}
            {%- set pattern = rules ~ '.' ~ column | replace('clue_', '') %}
            ({{ pattern }} is null or {{ customer_lifecycle.matches_pattern_of(column, pattern) }})
            {{- ' and' if not loop.last }}
            {%- endfor %}
),

{{ name }} as (
    select
        {{ columns }},
        channel
    from {{ name }}_ranked
    where match_number = 1
)
{%- endmacro %}


{# channel_clues() -> the columns by which a channel is told, in the order of the seed channel_rules #}
{% macro channel_clues() -%}
    {{ return(['clue_touch_type', 'clue_utm_source', 'clue_utm_medium', 'clue_referrer_host', 'clue_campaign_channel']) }}
{%- endmacro %}
