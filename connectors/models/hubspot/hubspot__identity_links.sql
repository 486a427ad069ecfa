-- One row per contact that was merged into another, from the day of the merge on. Several statements of one merge agree on
-- the contacts; the audit comes first, as the lists of a contact also name what was merged into those merged into it. A merge
-- without a time holds from the later of the two records on, as of two vendors' records of one person.
{{ config(enabled=fills('hubspot', 'identity_links')) }}

with

merges as (
    select * from {{ ref('customer_lifecycle_connectors', 'hubspot__merges') }}
),

contacts as (
    {{ vendor_rows('hubspot', 'contacts') }}
),

ranked_merges as (
    select
        merges.*,
        row_number() over (
            partition by brand, vid_to_merge
            order by
                case when is_audited then 0 when merged_at is not null then 1 else 2 end,
                merged_at, canonical_vid
        ) as place
    from merges
),

hubspot__identity_links as (
    select
        ranked_merges.brand,
        {{ vendor_id('hubspot', "'merge-' || ranked_merges.vid_to_merge") }} as link_id,
        coalesce(
            ranked_merges.merged_at,
            case when duplicates.createdate > survivors.createdate then duplicates.createdate end,
            survivors.createdate
        ) as linked_at,
        'customer_id' as id_type,
        {{ vendor_id('hubspot', 'ranked_merges.vid_to_merge') }} as id_value,
        {{ vendor_id('hubspot', 'ranked_merges.canonical_vid') }} as customer_id,
        ranked_merges.loaded_at
    from ranked_merges
    left join contacts as survivors
        on ranked_merges.brand = survivors.brand and ranked_merges.canonical_vid = survivors.id
    left join contacts as duplicates
        on ranked_merges.brand = duplicates.brand and ranked_merges.vid_to_merge = duplicates.id
    where ranked_merges.place = 1
)

select * from hubspot__identity_links
