"""A folder of its own for each test of a command, with nothing of the real environment in it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from bot.commands import ground, setting_up
from tests.bot.commands.processes import NOWHERE, TOKEN
from tests.county import read_once

Wuxue = Callable[..., Result]


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder; Telegram cannot be reached, the terminal speaks Chinese."""
    for name in list(os.environ):
        if name.startswith("WUXUE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WUXUE_TELEGRAM__API_BASE_URL", NOWHERE)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    # Whoever imported the commands first has fixed their width already.
    for terminal in (ground.console, ground.errors):
        monkeypatch.setattr(terminal, "width", 200)
    # The starter pack takes 0.7 s to read, and nearly every test here begins with init.
    monkeypatch.setattr(setting_up, "read_pack", read_once)
    monkeypatch.chdir(folder)


def run(*arguments: str, typed: str | None = None) -> Result:
    """Run a command in this process; stdout and stderr are kept apart."""
    return CliRunner().invoke(app, arguments, input=typed)  # type: ignore[return-value]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in; Telegram cannot be reached, the terminal speaks Chinese."""
    stand_in(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def wuxue(home: Path) -> Wuxue:
    """Run a command in this process, in that folder."""
    return run


@pytest.fixture(scope="session")
def installed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after `wuxue init`, with a station under the centre; to be copied, not used."""
    folder = tmp_path_factory.mktemp("installed")
    with pytest.MonkeyPatch.context() as patch:
        stand_in(folder, patch)
        assert run("init", "--token", TOKEN, "--unit", "中心").exit_code == 0
        assert run("unit", "add", "八一站", "--under", "中心").exit_code == 0
    return folder


@pytest.fixture
def installed(installed_once: Path, wuxue: Wuxue, home: Path) -> Path:
    """A folder after `wuxue init`, with a station under the centre."""
    shutil.copytree(installed_once, home, dirs_exist_ok=True)
    return home
