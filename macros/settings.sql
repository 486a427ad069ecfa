{# The one home of every setting: name, environment variable, default, and what it may say: a pattern, and the words for it.
   setting('business_time_zone') -> the var of that name, else its environment variable, else its default.
   Some vars are maps and read where they are needed: raw_identifiers {contract table: its name in the raw schema}, raw_models {contract
   table: the model that presents it}, replacements {seed or model: the one of the installing project that is read instead}.
   SPARK_FILE_FORMAT is an environment variable alone, as dbt_project.yml, which cannot call a macro, reads it too. #}
{% macro settings() -%}
    {% set name = 'a name of letters, digits, _, $ and -' %}
    {% set count, any = ['0*[1-9][0-9]{0,8}', 'a whole number of at least 1, such as 30'], ['(?s).*', ''] %}
    {{ return({
        'raw_data_dir':              ['RAW_DATA_DIR', ''] + any,
        'raw_database':              ['RAW_DATABASE', '', '[\\w$-]*', name],
        'raw_schema':                ['RAW_SCHEMA', 'raw', '[\\w$-]+', name],
        'raw_compared_by':           ['RAW_COMPARED_BY', 'content', 'content|count', 'content or count'],
        'as_of_date':                ['AS_OF_DATE', '', '|(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', 'a date such as 2024-12-31'],
        'business_time_zone':        ['BUSINESS_TIME_ZONE', 'UTC'] + any,
        'reporting_currency':        ['REPORTING_CURRENCY', 'EUR', '[A-Za-z]{3}', 'an ISO 4217 code such as EUR'],
        'date_order':                ['DATE_ORDER', '', '([a-z_]+: *)?(dmy|mdy|none)( *, *[a-z_]+: *(dmy|mdy|none))*|',
                                      'dmy, mdy or none (ISO dates only), or one of them by table: orders:mdy,refunds:dmy'],
        'decimal_separator':         ['DECIMAL_SEPARATOR', '', '[.,]|([a-z_]+: *)?(dot|comma|none)( *, *[a-z_]+: *(dot|comma|none))*|',
                                      'dot or comma, or one of them by table: orders:comma,refunds:dot'],
        'rejected_share':            ['REJECTED_SHARE', '0.05', '0|1|0?[.][0-9]+|1[.]0*', 'a share between 0 and 1, such as 0.05'],
        'identity_salt':             ['IDENTITY_SALT', ''] + any,
        'identity_max_cluster_size': ['IDENTITY_MAX_CLUSTER_SIZE', 5] + count,
        'nobody_ids':                ['NOBODY_IDS', '', '[^;\\n]*', 'ids with commas between them'],
        'link_depth':                ['LINK_DEPTH', '', '|recursive|[0-9]{1,4}', 'recursive, or a number of joins'],
        'subscription_revenue':      ['SUBSCRIPTION_REVENUE', 'none', 'none|accrued', 'none or accrued'],
        'trial_default_days':        ['TRIAL_DEFAULT_DAYS', 30] + count,
        'trial_conversion_days':     ['TRIAL_CONVERSION_DAYS', 30] + count,
        'full_refresh_share':        ['FULL_REFRESH_SHARE', '0.33', '0|1|0?[.][0-9]+|1[.]0*', 'a share between 0 and 1, such as 0.33'],
        'customer_stages_daily_as':  ['CUSTOMER_STAGES_DAILY_AS', 'incremental', 'incremental|table|view', 'incremental, table or view'],
        'session_timeout_minutes':   ['SESSION_TIMEOUT_MINUTES', 30] + count,
        'profile_value_days':        ['PROFILE_VALUE_DAYS', 90] + count,
        'prediction_holdout_days':   ['PREDICTION_HOLDOUT_DAYS', 90] + count,
        'prediction_error_limit':    ['PREDICTION_ERROR_LIMIT', '0.5', '[0-9]{1,6}([.][0-9]{1,9})?', 'a share of what came, such as 0.5'],
        'own_domains':               ['OWN_DOMAINS', '', '[^;|*\\s]*(\\s*,\\s*[^;|*\\s]*)*', 'domains with commas between them, such as shop.example,help.example; each stands for its subdomains, too'],
        'scanner_click_seconds':     ['SCANNER_CLICK_SECONDS', 0, '0*[0-9]{1,9}', 'a whole number of seconds, such as 10, or 0'],
        'touchpoint_conversion_days': ['TOUCHPOINT_CONVERSION_DAYS', 30] + count,
        'attribution_lookback_days': ['ATTRIBUTION_LOOKBACK_DAYS', 30] + count,
        'attribution_half_life_days': ['ATTRIBUTION_HALF_LIFE_DAYS', 7] + count,
        'build_started_at':          ['BUILD_STARTED_AT', '', '|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]?[0-9:.+Z-]*', 'a time such as 2024-12-31T10:00:00'],
    }) }}
{%- endmacro %}
{% macro setting(name) -%}
    {%- set settings = customer_lifecycle.settings() -%}
    {%- if name not in settings -%}
        {{ exceptions.raise_compiler_error("There is no setting called '" ~ name ~ "': choose one of " ~ settings | join(', ') ~ ".") }}
    {%- endif -%}
    {%- set value = var(name, none) -%}
    {%- if value is none -%}{%- set value = env_var(settings[name][0], settings[name][1] | string) -%}{%- endif -%}
    {{ return(value | string | trim) }}
{%- endmacro %}
{# setting_of('date_order', 'orders') -> what a setting says of one table: 'dmy, orders:mdy' -> 'mdy', and of any other table 'dmy' #}
{% macro setting_of(name, table) -%}
    {%- set value, by_table = customer_lifecycle.setting(name), {} -%}
    {%- for part in (value.split(',') if value | length > 1 else [value]) -%}
        {%- do by_table.update({(part.split(':')[0] | trim if ':' in part else ''): part.split(':')[-1] | trim}) -%}
    {%- endfor -%}
    {{ return(by_table.get(table, by_table.get('', ''))) }}
{%- endmacro %}
