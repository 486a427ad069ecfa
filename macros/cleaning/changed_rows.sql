{#
    Increments of the base models: which raw rows have to be cleaned again.

    Raw rows are compared by batch, the day on which they were loaded (loaded_at; rows without one are one batch): a batch
    that has another number of rows, or rows of other content, than the base model holds of it is cleaned again. So a new day's
    rows are found, and so are rows that come late, that were edited in place, or that are gone. The comparison reads every raw
    row, which costs a small fraction of cleaning it; with the setting raw_compared_by = 'count' it reads loaded_at alone, and an
    edited row is only found if its loaded_at is new.

    Rows of other batches are cleaned again when their verdict hangs on something else that changed: another version of
    their key, what is said of their customer, or the clock.

    The table <model>__changes, which lives as long as the model is being built, has one row per
      loaded_batch       with a null for raw_fingerprint: the whole batch
      raw_fingerprint    of a row in any other batch
#}

{# loaded_batch({'loaded_at': 'Loaded_At'}) -> the day of loading as text, '' without one; of whatever else stands there the first ten characters #}
{% macro loaded_batch(found_names) -%}
    {%- if 'loaded_at' in found_names -%}
        coalesce(substr(cast({{ adapter.quote(found_names.loaded_at) }} as {{ customer_lifecycle.text_type() }}), 1, 10), '')
    {%- else -%}
        ''
    {%- endif -%}
{%- endmacro %}


{# raw_row_fingerprint({'order_id': 'Order_ID', ...}) -> a number that changes with any column of the raw row #}
{% macro raw_row_fingerprint(found_names) -%}
    {%- set columns = [] -%}
    {%- for spelling in found_names.values() -%}{%- do columns.append(adapter.quote(spelling)) -%}{%- endfor -%}
    {{ customer_lifecycle.row_fingerprint(columns) }}
{%- endmacro %}


{#
    cleaning_rules('orders', query) -> a whole number that changes with whatever makes the cleaning come out differently for the
    same raw rows: the query itself, with the settings and the columns it was written for, and the seeds it joins.
#}
{% macro cleaning_rules(table, query) %}
    {% set contract = customer_lifecycle.raw_contract()[table] %}
    {% set parts = [query | replace(customer_lifecycle.build_started_at(), '')] %}
    {% if execute and flags.INTROSPECT and customer_lifecycle.can_increment() %}
        {% set seeds = {} %}
        {% if 'country_code' in contract.columns %}{% do seeds.update({'country_aliases': ['alias', 'country_code']}) %}{% endif %}
        {% if table == 'orders' %}{% do seeds.update({'order_statuses': ['status', 'effect', 'is_engagement']}) %}{% endif %}
        {% if contract.money %}{% do seeds.update({'base_calendar__exchange_rates': ['currency', 'date_day', 'rate']}) %}{% endif %}
        {% for seed, columns in seeds.items() %}
            {% set row = run_query(
                "select count(*), sum(" ~ customer_lifecycle.row_fingerprint(columns) ~ ") from " ~ ref(seed)
            ).rows[0] %}
            {% do parts.append(row[0] ~ ' ' ~ row[1]) %}
        {% endfor %}
    {% endif %}
    {{ return(local_md5(parts | join(' '))[:7] | int(base=16)) }}
{% endmacro %}


{# can_clean_changes_alone(rules) -> does the model hold rows of an earlier build, all of them cleaned by these rules? #}
{% macro can_clean_changes_alone(rules) %}
    {% if not execute or not is_incremental() %}
        {{ return(false) }}
    {% endif %}
    {% set columns = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list %}
    {% if 'cleaning_rules' not in columns %}
        {{ return(false) }}
    {% endif %}
    {% set used = run_query("select min(cleaning_rules), max(cleaning_rules) from " ~ this).rows[0] %}
    {{ return(used[0] is none or (used[0] == rules and used[1] == rules)) }}
{% endmacro %}


{# changed_rows() -> the table of changes of the model that is being built #}
{% macro changed_rows() %}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__changes'}, type='table')) }}
{% endmacro %}


{# cleans_changes_alone() -> was the model that is being built compiled to clean changed rows alone? #}
{% macro cleans_changes_alone() %}
    {{ return(execute and this.identifier ~ '__changes' in (model.compiled_code or '')) }}
{% endmacro %}


{# rows_to_clean() -> the CTE of that name: the rows of raw_rows that the changes name #}
{% macro rows_to_clean() %}
rows_to_clean as (
    select raw_rows.*
    from raw_rows
    inner join {{ customer_lifecycle.changed_rows() }} as changes on raw_rows.loaded_batch = changes.loaded_batch
    where changes.raw_fingerprint is null

    union all

    select raw_rows.*
    from raw_rows
    inner join {{ customer_lifecycle.changed_rows() }} as changes on raw_rows.raw_fingerprint = changes.raw_fingerprint
),

{% endmacro %}


{# The first pre-hook and the post-hook: away with the changes, this build's or an interrupted one's. #}
{% macro drop_changed_rows() %}
    {%- if customer_lifecycle.cleans_changes_alone() -%}
        drop table if exists {{ customer_lifecycle.changed_rows() }}
    {%- endif -%}
{% endmacro %}


{# The second pre-hook: find the changes. #}
{% macro find_changed_rows(table) %}
{%- if customer_lifecycle.cleans_changes_alone() -%}
{%- set contract = customer_lifecycle.raw_contract()[table] -%}
{%- set rows_of_batches -%}
rows_of_changed_batches as (
    select raw_rows.*
    from raw_rows
    inner join changed_batches on raw_rows.loaded_batch = changed_batches.loaded_batch
),

{% endset -%}
create table {{ customer_lifecycle.changed_rows() }} as
with base_rows as (
    select * from {{ this }}
),

base_batches as (
    select loaded_batch, count(*) as row_count{{ customer_lifecycle.batch_fingerprint() }}
    from base_rows
    group by loaded_batch
),

{{ customer_lifecycle.keyed_rows(table, 'rows_of_changed_batches', customer_lifecycle.changed_batches() ~ rows_of_batches) }},

touched_keys as (
    select brand, record_key from base_rows
    where loaded_batch in (select changed_batches.loaded_batch from changed_batches)

    union all

    select brand, {{ customer_lifecycle.record_key(table) }} as record_key from keyed_rows
    {%- if contract.main %}

    union all

    -- judged by the clock of the build
    select brand, record_key from base_rows
    where rejection_reason = 'future_timestamp' and loaded_at is null
    {%- endif %}
    {%- if contract.customers and table != 'customers' %}

    union all

    -- judged by what was said of their customer
    select versioned_rows.brand, versioned_rows.record_key
    from base_rows as versioned_rows
    {{ customer_lifecycle.join_rejected_customers(table) }}
    where
        rejected_customers.rejection_reason = 'test_account'
        and coalesce(versioned_rows.rejection_reason, '') in ('', 'orphan_reference', 'bot_traffic')
        or versioned_rows.rejection_reason = 'test_account'
        and coalesce(rejected_customers.rejection_reason, '') <> 'test_account'
        {%- if 'is_test' in contract.columns %}
        and not coalesce(versioned_rows.is_test, false)
        {%- endif %}
        {%- if table != 'identity_links' %}
        or rejected_customers.rejection_reason = 'orphan_reference' and versioned_rows.rejection_reason is null
        or versioned_rows.rejection_reason = 'orphan_reference' and rejected_customers.rejection_reason is null
        {%- endif %}
    {%- endif %}
),

keys_to_clean as (
    select distinct brand, record_key from touched_keys
    where record_key is not null
)

select distinct base_rows.loaded_batch, base_rows.raw_fingerprint
from base_rows
inner join keys_to_clean on base_rows.brand = keys_to_clean.brand and base_rows.record_key = keys_to_clean.record_key
where base_rows.loaded_batch not in (select changed_batches.loaded_batch from changed_batches)

union all

select loaded_batch, null from changed_batches
{%- endif -%}
{% endmacro %}


{# changed_batches() -> CTEs, the last of that name: the batches that raw_rows and base_batches do not agree on #}
{% macro changed_batches() %}
raw_batches as (
    select loaded_batch, count(*) as row_count{{ customer_lifecycle.batch_fingerprint() }}
    from raw_rows
    group by loaded_batch
),

changed_batches as (
    select coalesce(raw_batches.loaded_batch, base_batches.loaded_batch) as loaded_batch
    from raw_batches
    full outer join base_batches on raw_batches.loaded_batch = base_batches.loaded_batch
    where
        raw_batches.loaded_batch is null
        or base_batches.loaded_batch is null
        or raw_batches.row_count <> base_batches.row_count
        {%- if customer_lifecycle.setting('raw_compared_by') == 'content' %}
        or raw_batches.fingerprint <> base_batches.fingerprint
        {%- endif %}
),

{% endmacro %}


{# batch_fingerprint() -> ', sum(raw_fingerprint) as fingerprint', where contents are compared #}
{% macro batch_fingerprint() -%}
    {{ ', sum(raw_fingerprint) as fingerprint' if customer_lifecycle.setting('raw_compared_by') == 'content' }}
{%- endmacro %}


{# The third pre-hook: away with the rows that are cleaned again, be it all of them. #}
{% macro forget_changed_rows() %}
    {%- if is_incremental() -%}
        {#- BigQuery wants a condition, be it true -#}
        delete from {{ this }}
        where
        {% if customer_lifecycle.cleans_changes_alone() -%}
            loaded_batch in (select loaded_batch from {{ customer_lifecycle.changed_rows() }} where raw_fingerprint is null)
            or raw_fingerprint in (select raw_fingerprint from {{ customer_lifecycle.changed_rows() }} where raw_fingerprint is not null)
        {%- else -%}
            true
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
