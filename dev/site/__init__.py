"""The documentation site, ``make site``: the pages of the repository at their own paths, and the files that they link to."""
