"""The project in Apache Superset: ``bi/superset``, made from the descriptions, the semantic layer and the catalogue."""
