{#
    The one home of every setting: name, environment variable, default, meaning.

    setting('business_time_zone') -> the var of that name, else its environment variable, else its default.

    Beside these, some vars are maps and read where they are needed: raw_identifiers {contract table: its name in the raw
    schema}, raw_models {contract table: the model that presents it}, replacements {seed or model of this project: the seed or
    model of the installing project that is read instead}. SPARK_FILE_FORMAT is an environment variable alone, as dbt_project.yml,
    which cannot call a macro, reads it too.
#}
{% macro setting(name) -%}
    {%- set settings = {
        'raw_data_dir':              ['RAW_DATA_DIR', ''],
        'raw_database':              ['RAW_DATABASE', ''],
        'raw_schema':                ['RAW_SCHEMA', 'raw'],
        'raw_compared_by':           ['RAW_COMPARED_BY', 'content'],
        'as_of_date':                ['AS_OF_DATE', ''],
        'business_time_zone':        ['BUSINESS_TIME_ZONE', 'UTC'],
        'reporting_currency':        ['REPORTING_CURRENCY', 'EUR'],
        'identity_salt':             ['IDENTITY_SALT', ''],
        'identity_max_cluster_size': ['IDENTITY_MAX_CLUSTER_SIZE', 5],
        'link_depth':                ['LINK_DEPTH', ''],
        'subscription_revenue':      ['SUBSCRIPTION_REVENUE', 'none'],
        'trial_default_days':        ['TRIAL_DEFAULT_DAYS', 30],
        'customer_stages_daily_as':  ['CUSTOMER_STAGES_DAILY_AS', 'incremental'],
        'session_timeout_minutes':   ['SESSION_TIMEOUT_MINUTES', 30],
        'profile_value_days':        ['PROFILE_VALUE_DAYS', 90],
        'touchpoint_conversion_days': ['TOUCHPOINT_CONVERSION_DAYS', 30],
        'attribution_lookback_days': ['ATTRIBUTION_LOOKBACK_DAYS', 30],
        'attribution_half_life_days': ['ATTRIBUTION_HALF_LIFE_DAYS', 7],
        'build_started_at':          ['BUILD_STARTED_AT', ''],
    } -%}
    {%- if name not in settings -%}
        {{ exceptions.raise_compiler_error("There is no setting called '" ~ name ~ "': choose one of " ~ settings | join(', ') ~ ".") }}
    {%- endif -%}
    {%- set value = var(name, none) -%}
    {%- if value is none -%}
        {%- set value = env_var(settings[name][0], settings[name][1] | string) -%}
    {%- endif -%}
    {{ return(value | string | trim) }}
{%- endmacro %}
