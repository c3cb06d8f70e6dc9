"""Whether the long forms of tests run (`make prove`), or the short ones of every day."""

import os

IS_LONG = os.environ.get("WUXUE_PROVE") == "1"
