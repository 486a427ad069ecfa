"""The same project on other engines than DuckDB."""
