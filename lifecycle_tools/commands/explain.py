"""``explain``: why a customer is in its stage, or what a number is made of.

Reads what is published, and the working tables while no build has them. Prints no e-mail address, name or telephone number.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from lifecycle_tools.explaining import ExplainError, source_of
from lifecycle_tools.publishing import serving_directory, working_file

USAGE = "Say what to explain: make explain CUSTOMER=<id>, or make explain METRIC=churn_rate MONTH=2026-05 (docs/explain.md)."


def main(argv: Sequence[str] | None = None) -> int:
    """Print the explanation; return 0, or 1 with a sentence when there is none."""
    parser = argparse.ArgumentParser(prog="explain", description=__doc__)
    parser.add_argument("--target", choices=("duckdb", "postgres"), default="duckdb", help="of the profile")
    for name, what in (
        ("customer", "an id: as published, as it stands in raw data, or one that was merged"),
        ("metric", "a metric of docs/metrics.md"),
        ("month", "of the metric, as 2026-05"),
        ("brand", "where several brands have the id or the metric"),
        ("segment", "of the metric"),
    ):
        parser.add_argument(f"--{name}", default=os.environ.get(name.upper(), ""), help=what)
    options = parser.parse_args(argv)
    warehouse = working_file()
    try:
        if bool(options.customer.strip()) == bool(options.metric.strip()):
            raise ExplainError(USAGE)
        source = source_of(options.target, warehouse, serving_directory(warehouse))
        if options.customer.strip():
            from lifecycle_tools.explaining.customer import explain_customer

            lines = explain_customer(source, options.customer, options.brand or None)
        else:
            from lifecycle_tools.explaining.metric import explain_metric

            lines = explain_metric(
                source, options.metric.strip(), options.month, options.brand or None, options.segment or None
            )
    except ExplainError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0
