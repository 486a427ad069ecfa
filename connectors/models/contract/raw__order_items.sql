-- One row per line of an order of each vendor that is connected: the table order_items of the raw contract.
{{ config(enabled=filled_by('order_items') != []) }}
{{ union_of_vendors('order_items') }}
