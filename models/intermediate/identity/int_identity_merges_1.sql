-- One row per link that is still open in round 1 of three: is it the first of its id, and does it close a cycle?
{{ merge_round('int_identity_merges_1', ref('int_identity_merges')) }}
