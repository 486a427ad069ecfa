-- One row per contact and statement that it was merged into another: from the audit of merges, and from the two lists that
-- the other contact keeps, of which one has no times.
{{ config(enabled=fills('hubspot', 'identity_links')) }}

with

audited_merges as (
    {{ vendor_rows('hubspot', 'merges') }}
),

contacts as (
    {{ vendor_rows('hubspot', 'contacts') }}
),

-- 'id:milliseconds;id:milliseconds' and 'id;id'
merged_lists as (
    select
        brand, id, loaded_at,
        replace(
            coalesce(calculated_merged_vids, '') || ';' || coalesce(merged_object_ids, ''), ' ', ''
        ) as merged
    from contacts
    where calculated_merged_vids is not null or merged_object_ids is not null
),

-- as JSON, from which every engine makes rows
merged_arrays as (
    select
        brand, id, loaded_at,
        '[{"id":"' || replace(replace(merged, ':', '","at":"'), ';', '"},{"id":"') || '"}]' as merged
    from merged_lists
),

listed_merges as (
    select
        merged_arrays.brand,
        merged_arrays.id as canonical_vid,
        {{ json_text('elements.element', ['id']) }} as vid_to_merge,
        {{ as_timestamp({'value': json_text('elements.element', ['at']), 'family': 'text'}) }} as merged_at,
        merged_arrays.loaded_at
    from merged_arrays
    {{ join_elements('merged_arrays.merged') }}
),

hubspot__merges as (
    select brand, canonical_vid, vid_to_merge, merged_at, loaded_at, true as is_audited
    from audited_merges
    union all
    select brand, canonical_vid, vid_to_merge, merged_at, loaded_at, false as is_audited
    from listed_merges
    where vid_to_merge <> ''
)

select * from hubspot__merges
where vid_to_merge <> canonical_vid
