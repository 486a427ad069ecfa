"""Other engines than DuckDB: a server to test on, and raw files brought into it.

``python -m lifecycle_tools.engines --help`` lists the commands; docs/engines.md explains them.
"""
