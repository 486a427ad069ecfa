{# The one reader of the seed channel_rules: two CTEs, <name>_ranked and <name>, that give each row of clues the channel of the
   first rule it matches. Rows of the CTE `clues` are distinct, lower case, '' for what is not known; `rules` is a CTE of the seed.
   channel_matches('matches', clues='clues', rules='rules')
   ('click', 'google', 'cpc', '', '', '')  ->  ('click', 'google', 'cpc', '', '', '', 'paid_search') #}
{% macro channel_matches(name, clues, rules) -%}
{%- set columns = customer_lifecycle.channel_clues() | join(', ') -%}
{{ name }}_ranked as (
    select
        {{ columns }},
        {{ rules }}.channel,
        row_number() over (partition by {{ columns }} order by {{ rules }}.priority) as match_number
    from {{ clues }}
    inner join {{ rules }}
        on {% for column in customer_lifecycle.channel_clues() %}
        {%- set pattern = rules ~ '.' ~ column | replace('clue_', '') %}
        ({{ pattern }} is null or {{ customer_lifecycle.matches_pattern_of(column, pattern) }}) {{- ' and' if not loop.last }}
        {%- endfor %}
),

{{ name }} as (
    select {{ columns }}, channel
    from {{ name }}_ranked
    where match_number = 1
)
{%- endmacro %}
{# channel_clues() -> the columns by which a channel is told, in the order of the seed channel_rules #}
{% macro channel_clues() -%}
    {{ return(['clue_touch_type', 'clue_utm_source', 'clue_utm_medium', 'clue_referrer_host', 'clue_click_id', 'clue_campaign_channel']) }}
{%- endmacro %}
{# '' for a host of the setting OWN_DOMAINS or a host within one of them, which is no origin, else the host: without_own_domains('referrer_host') #}
{% macro without_own_domains(host) -%}
    {%- set domains = [] -%}
    {%- for domain in customer_lifecycle.setting('own_domains').lower().split(',') -%}
        {%- set name = modules.re.sub('^[a-z]*:?//', '', domain | trim).split('/')[0] -%}
        {%- do domains.append(modules.re.sub('^www[.]', '', name) | replace('.', '[.]')) if name -%}
    {%- endfor -%}
    {{ 'case when ' ~ customer_lifecycle.matches_pattern(host, '(^|[.])(' ~ domains | join('|') ~ ')$') ~ " then '' else " ~ host ~ ' end' if domains else host }}
{%- endmacro %}
