"""The project's own Python: demo data, builds, examples and benchmarks around the dbt models."""
