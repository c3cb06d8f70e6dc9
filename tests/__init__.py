"""The tests; what is imported here is compiled once, for them and for the processes they start."""

import os
import sys

# Compiling the tree anew cost every process that a test starts a second of its two, and both
# workers of a run five each.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
