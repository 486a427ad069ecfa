"""``python -m dev.generate``: write demo data."""

import sys

from dev.generate import main

sys.exit(main())
