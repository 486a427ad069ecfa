-- One row per acquisition source of profiles as it is written there, with the channel that the rules of visits make of it,
-- so that customers stand beside the visits and the cost of their source. A source that no rule knows stays as it is.
with

written_sources as (
    select distinct acquisition_source from {{ ref('customer_lifecycle', 'stg_shop__customers') }}
    where acquisition_source is not null
),

{{ origin_names('sources', rows='written_sources', names={'name': 'acquisition_source'}) }},

rules as (
    select * from {{ seed('channel_rules') }}
    -- what only the rule for everything else would know stays in the profile's words
    where
        {% for column in channel_clues() %}
        coalesce({{ column | replace('clue_', '') }}, '') {{ '||' if not loop.last }}
        {% endfor %}
        <> ''
),

channels as (
    select distinct channel from {{ seed('channel_rules') }}
),

-- a profile may name a channel or a source ('Facebook'), source and medium ('google / cpc'), or a medium alone
readings as (
    select
        name,
        trim({{ dbt.split_part('name', "'/'", 1) }}) as clue_utm_source,
        trim(coalesce({{ dbt.split_part('name', "'/'", 2) }}, '')) as clue_utm_medium
    from sources
    union all
    select
        name,
        '' as clue_utm_source,
        name as clue_utm_medium
    from sources
),

clues as (
    select distinct
        '' as clue_touch_type,
        clue_utm_source,
        clue_utm_medium,
        '' as clue_referrer_host,
        '' as clue_click_id,
        name as clue_campaign_channel
    from readings
    where name is not null
),

{{ channel_matches('matches', clues='clues', rules='rules') }},

named_channels as (
    select
        clue_campaign_channel as name,
        max(case when clue_utm_source <> '' then channel end) as source_channel,
        max(case when clue_utm_source = '' then channel end) as medium_channel
    from matches
    group by clue_campaign_channel
),

int_profile_channels as (
    select
        sources.acquisition_source,
        coalesce(
            channels.channel, named_channels.source_channel, named_channels.medium_channel, sources.name
        ) as channel
    from sources
    left join channels on {{ spelling_of('sources.name') }} = channels.channel
    left join named_channels on sources.name = named_channels.name
    where sources.name is not null
)

select * from int_profile_channels
