-- In no text of a mart of audiences an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'lifecycle_audiences'
]) }}
