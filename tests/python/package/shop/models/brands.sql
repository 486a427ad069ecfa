-- One row per brand of goods on the shelves: nothing that the package means by the word.
select 'Acme' as label
