"""Command line of the project: ``python -m lifecycle_tools <command> --help``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "build": ("lifecycle_tools.commands.build", "build and check the warehouse"),
    "expectations": ("lifecycle_tools.commands.expectations", "ask whether the data look as they usually do"),
    "predict": ("lifecycle_tools.predictions", "fit the value models and write their predictions"),
    "generate": ("lifecycle_tools.generate", "write raw data of any size"),
    "benchmark": ("lifecycle_tools.benchmark", "measure what the lifecycle steps cost"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Hand the arguments after the command's name to its module's ``main``; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lifecycle_tools", description=__doc__)
    listing = "; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items())
    parser.add_argument("command", choices=COMMANDS, help=listing)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the command")
    options = parser.parse_args(argv)
    module, _ = COMMANDS[options.command]
    return importlib.import_module(module).main(options.arguments)


if __name__ == "__main__":
    sys.exit(main())
