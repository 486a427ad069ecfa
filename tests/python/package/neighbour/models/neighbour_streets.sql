-- One row per street.
select {{ neighbour.street_name('Rue Haute') }} as street
