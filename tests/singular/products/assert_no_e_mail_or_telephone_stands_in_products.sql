-- No text of a mart of products has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in(['product_lifecycle', 'product_pairs', 'product_sequences']) }}
