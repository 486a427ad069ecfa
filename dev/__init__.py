"""Tools for people who work on the project: the data generator, the benchmark, the examples, generated pages of the docs."""
