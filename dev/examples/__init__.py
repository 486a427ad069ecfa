"""Real data sets mapped to the raw contract, built by the project as it is, and held against published results."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence

EXAMPLES = {
    "online-retail": "dev.examples.online_retail",
    "cdnow": "dev.examples.cdnow",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Hand the arguments after the example's name to its module's ``main``; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lifecycle_tools example", description=__doc__)
    parser.add_argument("name", choices=EXAMPLES)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the example; --help lists them")
    options = parser.parse_args(arguments)
    return importlib.import_module(EXAMPLES[options.name]).main(options.arguments)
