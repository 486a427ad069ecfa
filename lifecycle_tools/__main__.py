"""Command line of the project: ``python -m lifecycle_tools <command> --help``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

COMMANDS = {
    "build": ("lifecycle_tools.commands.build", "build, check and publish the warehouse"),
    "board": ("lifecycle_tools.commands.board", "write the board from what is published"),
    "calibrate": (
        "lifecycle_tools.commands.calibrate",
        "propose RFM cut-offs and churn windows that fit the customers",
    ),
    "check-data": ("lifecycle_tools.commands.check_data", "read and judge the raw files, and nothing more"),
    "expectations": ("lifecycle_tools.commands.expectations", "ask whether the data look as they usually do"),
    "export": ("lifecycle_tools.commands.export", "write an audience with contact data to a file"),
    "publish": ("lifecycle_tools.commands.publish", "check the warehouse as built and publish it"),
    "explain": ("lifecycle_tools.commands.explain", "say why a customer is in its stage, or what a number is made of"),
    "whatif": ("lifecycle_tools.commands.whatif", "say who would be in which stage under other thresholds"),
    "predict": ("lifecycle_tools.predictions", "fit the value models and write their predictions"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Hand the arguments after the command's name to its module's ``main``; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lifecycle_tools", description=__doc__)
    listing = "; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items())
    parser.add_argument("command", choices=COMMANDS, help=listing)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the command")
    options = parser.parse_args(argv)
    module, _ = COMMANDS[options.command]
    try:
        return importlib.import_module(module).main(options.arguments)
    except BrokenPipeError:  # as of make check-data | head: Python would still flush into the pipe, and say so
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
