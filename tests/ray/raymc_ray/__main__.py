"""Entry point: `python -m raymc_ray`, called by `./raymc ray`."""

import sys

from raymc_ray.cli import main

sys.exit(main(sys.argv[1:]))
