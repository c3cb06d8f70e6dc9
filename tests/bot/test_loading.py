"""What a process loads before it is asked for anything."""

import subprocess
import sys

HEAVY = ("xlsxwriter", "typst", "PIL", "alembic", "procrastinate", "numpy")


def test_running_loads_no_library_that_only_files_need() -> None:
    """A bot that sends lessons carries no spreadsheet, picture or migration tool in its memory."""
    question = (
        f"import sys, bot.commands.running; print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    answered = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", question], capture_output=True, text=True, check=True
    )
    assert answered.stdout.strip() == "[]"
