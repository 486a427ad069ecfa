"""Command line: ``python -m lifecycle_tools <command>``; ``--help`` lists the commands."""
