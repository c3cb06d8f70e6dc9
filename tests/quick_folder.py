"""Where tests' databases lie: in memory where the machine offers enough of it, else on disk.

On a slow disk, starting PostgreSQL took 5 s instead of 1, a database from a template 0.9 s
instead of 0.08, and deleting them at the end half a minute.
"""

import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  what is made in it has a name of its own
# A run of every test leaves half of that; containers often offer 64 MB.
ENOUGH = 4 * 1024**3


def quick_folder() -> str | None:
    """A folder in memory for `tempfile` and pytest, None where there is none or too little."""
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return None
    return str(MEMORY) if free >= ENOUGH else None
