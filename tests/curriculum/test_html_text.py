"""What starting costs: the text converter brings no framework with it."""

import subprocess
import sys

ASK = "import sys, curriculum.rich_text; print(*({'sulguk', 'aiogram'} & set(sys.modules)))"


def test_the_converter_brings_no_framework_where_one_is_installed() -> None:
    """Every start of `wuxue` would wait 3 s for aiogram, which only the benchmarks use."""
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["sulguk"]
