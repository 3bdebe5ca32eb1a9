"""Entry point: `python -m raymc_drift`, called by `./raymc drift`."""

import sys

from raymc_drift.cli import main

sys.exit(main(sys.argv[1:]))
