"""The same project on Apache Spark, in local mode."""
