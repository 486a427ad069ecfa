"""The commands behind the Makefile that are no package of their own."""
