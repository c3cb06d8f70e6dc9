"""A folder of its own for each test of a command, with nothing of the real environment in it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from bot.commands import ground
from tests.bot.commands.processes import NOWHERE, TOKEN

Wuxue = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in; Telegram cannot be reached, the terminal speaks Chinese."""
    for name in list(os.environ):
        if name.startswith("WUXUE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WUXUE_TELEGRAM__API_BASE_URL", NOWHERE)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    # Whoever imported the commands first has fixed their width already.
    for terminal in (ground.console, ground.errors):
        monkeypatch.setattr(terminal, "width", 200)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wuxue(home: Path) -> Wuxue:
    """Run a command in this process; stdout and stderr are kept apart."""

    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=typed)  # type: ignore[return-value]

    return run


@pytest.fixture
def installed(wuxue: Wuxue, home: Path) -> Path:
    """A folder after `wuxue init`, with a station under the centre."""
    assert wuxue("init", "--token", TOKEN, "--unit", "中心").exit_code == 0
    assert wuxue("unit", "add", "八一站", "--under", "中心").exit_code == 0
    return home
