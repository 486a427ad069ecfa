"""``python -m lifecycle_tools.generate``: write demo data."""

import sys

from lifecycle_tools.generate import main

sys.exit(main())
