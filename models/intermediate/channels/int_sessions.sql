-- One row per session: web traffic of one visitor without a pause of session_timeout_minutes. A visit by another channel or
-- campaign begins a new session, too. A direct one does not: later pages of a visit say nothing of its origin.
{% set timeout_seconds = setting('session_timeout_minutes') | int * 60 %}
{% set timeline = 'partition by brand, visitor_id order by occurred_at, touchpoint_id' %}
with

touchpoints as (
    select
        *,
        channel || ' ' || coalesce(campaign_id, '') as origin,
        case when channel = 'direct' then 1 else 0 end as direct_count
    from {{ ref('customer_lifecycle', 'int_stitched_touchpoints') }}
    -- visits without any id are no sessions: acquisition_channels_daily counts them apart
    where is_web_visit and visitor_id is not null
),

pauses as (
    select
        *,
        lag(occurred_at) over ({{ timeline }}) as previous_at
    from touchpoints
),

runs as (
    select
        *,
        sum(case
            when {{ seconds_between('previous_at', 'occurred_at') }} < {{ timeout_seconds }} then 0
            else 1
        end) over ({{ timeline }} rows between unbounded preceding and current row) as run_number
    from pauses
),

origins as (
    select
        *,
        row_number() over (
            partition by brand, visitor_id, run_number order by occurred_at, touchpoint_id
        ) as run_position,
        lag(origin) over (
            partition by brand, visitor_id, run_number, direct_count order by occurred_at, touchpoint_id
        ) as previous_origin
    from runs
),

numbered as (
    select
        *,
        sum(case
            when run_position = 1 then 1
            when direct_count = 1 or previous_origin = origin then 0
            else 1
        end) over ({{ timeline }} rows between unbounded preceding and current row) as session_number
    from origins
),

positions as (
    select
        *,
        row_number() over (
            partition by brand, visitor_id, session_number order by occurred_at, touchpoint_id
        ) as session_position,
        count(*) over (partition by brand, visitor_id, session_number) as touchpoint_count,
        max(occurred_at) over (partition by brand, visitor_id, session_number) as ended_at
    from numbered
),

int_sessions as (
    select
        brand,
        touchpoint_id as session_id,
        person_id, customer_key, visitor_id, channel, campaign_id, touchpoint_count,
        occurred_at as started_at,
        occurred_date as started_date,
        ended_at
    from positions
    where session_position = 1
)

select * from int_sessions
