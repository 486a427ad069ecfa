-- No text of a mart of audiences has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'customer_profile', 'lifecycle_audiences', 'message_uplift'
]) }}
