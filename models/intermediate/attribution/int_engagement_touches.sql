-- One row per engagement that may be credited with a conversion (seed event_types), such as a click in an e-mail, with its
-- campaign and the channel of the first rule that it matches. Clicks that follow each other within a session's time-out are
-- one touch; a click that the website saw, too, as a session of that channel at that time, is that session's.
{% set timeout_seconds = setting('session_timeout_minutes') | int * 60 %}
{% set touch = "partition by brand, customer_key, channel, coalesce(campaign_id, '')" %}
with

rules as (
    select * from {{ seed('channel_rules') }}
),

engagements as (
    select
        engagements.brand, engagements.engagement_id, engagements.engagement_type, engagements.channel,
        engagements.campaign_id, engagements.occurred_at, identity_map.customer_key
    from {{ ref('customer_lifecycle', 'stg_marketing__engagements') }} as engagements
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    inner join {{ seed('event_types') }} as event_types
        on engagements.engagement_type = event_types.event_type and event_types.source_table = 'engagements'
    {{ join_shared_ids('engagements', 'occurred_date') }}
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on engagements.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
    where
        event_types.is_path_touch and shared_ids.person_id is null
        and {{ known_until('engagements.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

{{ origin_names('spellings', rows='engagements', names={'named_campaign_id': 'campaign_id', 'medium': 'channel'}) }},

origins as (
    select
        spellings.brand, spellings.engagement_id, spellings.customer_key, spellings.occurred_at,
        coalesce(campaigns.campaign_id, spellings.named_campaign_id) as campaign_id,
        coalesce(spellings.engagement_type, '') as clue_touch_type, '' as clue_utm_source,
        coalesce(spellings.medium, '') as clue_utm_medium, '' as clue_referrer_host, '' as clue_click_id,
        coalesce(campaigns.channel, '') as clue_campaign_channel
    from spellings
    left join {{ ref('customer_lifecycle', 'int_campaign_spellings') }} as campaigns
        on spellings.brand = campaigns.brand and spellings.named_campaign_id = campaigns.spelling
),

clues as (
    select distinct {{ channel_clues() | join(', ') }} from origins
),

{{ channel_matches('matches', clues='clues', rules='rules') }},

touches as (
    select origins.*, matches.channel
    from origins
    inner join matches
        on
            origins.clue_touch_type = matches.clue_touch_type
            {% for clue in channel_clues()[1:] %}
            and origins.{{ clue }} = matches.{{ clue }}
            {% endfor %}
),

pauses as (
    select *, lag(occurred_at) over ({{ touch }} order by occurred_at, engagement_id) as previous_at
    from touches
),

seen as (
    select distinct pauses.brand, pauses.engagement_id
    from pauses
    inner join {{ ref('customer_lifecycle', 'int_sessions') }} as sessions
        on
            pauses.brand = sessions.brand and pauses.customer_key = sessions.customer_key
            and pauses.channel = sessions.channel
            and coalesce(pauses.campaign_id = sessions.campaign_id, true)
            and {{ seconds_between('pauses.occurred_at', 'sessions.started_at') }} < {{ timeout_seconds }}
            and {{ seconds_between('sessions.ended_at', 'pauses.occurred_at') }} < {{ timeout_seconds }}
),

int_engagement_touches as (
    select
        pauses.brand, pauses.engagement_id, pauses.customer_key, pauses.channel, pauses.campaign_id, pauses.occurred_at
    from pauses
    left join seen on pauses.brand = seen.brand and pauses.engagement_id = seen.engagement_id
    where
        seen.engagement_id is null
        and (
            pauses.previous_at is null
            or {{ seconds_between('pauses.previous_at', 'pauses.occurred_at') }} >= {{ timeout_seconds }}
        )
)

select * from int_engagement_touches
