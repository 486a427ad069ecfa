"""The documentation site, ``make site``: the pages of the repository at their own paths, and a page for each published table."""
