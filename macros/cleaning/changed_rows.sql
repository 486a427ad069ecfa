{# Increments of the base models: which raw rows have to be cleaned again.
   A batch, the rows loaded on one day (loaded_at; rows without one are one batch), is cleaned again when the number or the content of
   its rows is not what the base model holds of it: rows are new, late, edited or gone. With the setting raw_compared_by = 'count' only
   loaded_at is read, and an edited row needs a new one to be found. A row of another batch is cleaned again when what it depends on
   has changed: another version of its key, the profile of its customer, or the clock.
   The table <model>__changes lives while the model is built (hooks of models/base in dbt_project.yml): a row without raw_fingerprint
   names a whole batch, a row with one a row of any other batch. #}

{# changed_rows() -> the table of changes of the model that is being built #}
{% macro changed_rows() %}{{ return(this.incorporate(path={'identifier': this.identifier ~ '__changes'}, type='table')) }}{% endmacro %}
{# was_cleaned_by(rules) -> does the model hold rows of an earlier build, all of them cleaned by these rules? Only then changed rows suffice. #}
{% macro was_cleaned_by(rules) %}
    {% if not execute or not is_incremental() %}{{ return(false) }}{% endif %}
    {% set used = customer_lifecycle.answer_of('select min(cleaning_rules), max(cleaning_rules) from ' ~ this).rows[0] %}
    {{ return(used[0] is none or (used[0] == rules and used[1] == rules)) }}
{% endmacro %}
{# cleans_changes_alone() -> was the model that is being built compiled to clean changed rows alone? #}
{% macro cleans_changes_alone() %}{{ return(execute and this.identifier ~ '__changes' in (model.compiled_code or '')) }}{% endmacro %}
{# The first pre-hook and the post-hook: drop the changes, of this build or of an interrupted one. Iceberg leaves their files without `purge`. #}
{% macro drop_changed_rows() %}{{ 'drop table if exists ' ~ customer_lifecycle.changed_rows()
    ~ (' purge' if target.type == 'spark' and config.get('file_format') == 'iceberg' else '') if customer_lifecycle.cleans_changes_alone() }}{% endmacro %}
{# The second pre-hook: find the changes. #}
{% macro find_changed_rows() %}
{%- if customer_lifecycle.cleans_changes_alone() -%}
{%- set table = model.name.split('__')[1] -%}
{%- set contract, raw = customer_lifecycle.raw_table(table), customer_lifecycle.raw_columns(table, with_forms=false) -%}
{%- set compares_content = customer_lifecycle.setting('raw_compared_by') == 'content' -%}
create table {{ customer_lifecycle.changed_rows() }} {{ file_format_clause() if target.type == 'spark' }} as
with raw_table_rows as {{ customer_lifecycle.inlined() }} (
    {{ customer_lifecycle.raw_table_rows(table, raw) }}
),

base_rows as (
    select * from {{ this }}
),

{% for rows in ['raw_table_rows', 'base_rows'] -%}
batches_of_{{ rows }} as (
    select loaded_batch, count(*) as row_count, {{ 'sum(raw_fingerprint)' if compares_content else 'count(*)' }} as fingerprint
    from {{ rows }}
    group by loaded_batch
),

{% endfor -%}
changed_batches as (
    select coalesce(raw_batches.loaded_batch, base_batches.loaded_batch) as loaded_batch
    from batches_of_raw_table_rows as raw_batches
    full outer join batches_of_base_rows as base_batches on raw_batches.loaded_batch = base_batches.loaded_batch
    where
        raw_batches.loaded_batch is null
        or base_batches.loaded_batch is null
        or raw_batches.row_count <> base_batches.row_count
        or raw_batches.fingerprint <> base_batches.fingerprint
),

rows_of_changed_batches as (
    select raw_table_rows.*
    from raw_table_rows
    inner join changed_batches on raw_table_rows.loaded_batch = changed_batches.loaded_batch
),

{{ customer_lifecycle.keyed_rows(table, raw, 'rows_of_changed_batches') }},

touched_keys as (
    select brand, record_key from base_rows
    where loaded_batch in (select changed_batches.loaded_batch from changed_batches)
    union all
    select key_brand, record_key from keyed_rows
    union all
    -- rejected by the clock of an earlier build
    select brand, record_key from base_rows
    where rejection_reason = 'future_timestamp' and loaded_at is null
    {%- if contract.customer %}
    union all
    -- rejected or not by what was known of their customer
    select base_rows.brand, base_rows.record_key
    from base_rows
    left join {{ ref('customer_lifecycle', 'base_shop__rejected_customers') }} as rejected_customers
        on base_rows.brand = rejected_customers.brand and base_rows.{{ contract.customer }} = rejected_customers.customer_id
    where
        rejected_customers.rejection_reason = 'test_account'
        and coalesce(base_rows.rejection_reason, '') in ('', 'orphan_reference', 'bot_traffic')
        or base_rows.rejection_reason = 'test_account' and coalesce(rejected_customers.rejection_reason, '') <> 'test_account'
        {{ 'and not coalesce(base_rows.is_test, false)' if 'is_test' in contract.columns }}
        {%- if not contract.allows_orphans %}
        or rejected_customers.rejection_reason = 'orphan_reference' and base_rows.rejection_reason is null
        or base_rows.rejection_reason = 'orphan_reference' and rejected_customers.rejection_reason is null
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
{# The third pre-hook: delete the rows that are cleaned again, which may be all of them. BigQuery wants a condition, even one that is true. #}
{% macro delete_changed_rows() %}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ 'true' if not customer_lifecycle.cleans_changes_alone() }}
        {%- if customer_lifecycle.cleans_changes_alone() %}
        loaded_batch in (select loaded_batch from {{ customer_lifecycle.changed_rows() }} where raw_fingerprint is null)
        or raw_fingerprint in (select raw_fingerprint from {{ customer_lifecycle.changed_rows() }} where raw_fingerprint is not null)
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
