"""`wuxue training-file`: the same file as in chat, for whoever runs the installation."""

import asyncio
import stat
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.rehearsal.strict import Upload
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from scheduler.clock import SystemClock
from storage.engine import Database
from storage.trainings import TrainingDocument
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.processes import TOKEN
from tests.bot.commands.test_verifying import NOW, given


def test_a_trainings_file_is_written_and_noted(wuxue: Wuxue, installed: Path) -> None:
    """Listed by number; what is missing is said; no half file, no file of none, its owner's alone.

    The bot's name is on the certificates, so without it nothing is written.
    """
    assert "还没有通知过的培训" in wuxue("training-file").stdout
    given(installed)
    assert "社工实务培训" in wuxue("training-file").stdout
    assert wuxue("training-file", "1", "档案.xlsx").exit_code == 2
    assert wuxue("training-file", "7", "档案.zip").exit_code == 1
    refused = wuxue("training-file", "1", "档案.zip")
    assert (refused.exit_code, "--bot-name" in refused.stderr) == (1, True)
    assert not (installed / "档案.zip").exists()
    done = wuxue("training-file", "1", "档案.zip", "--bot-name", "wuxue_bot")
    assert done.exit_code == 0, done.output
    assert "一共 7 份文件" in done.stdout
    file = installed / "档案.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with ZipFile(file) as zipped:
        assert "6_证书/证书_2026-000001_卓玛.pdf" in zipped.namelist()
    rows = Database(f"sqlite:///{installed / 'data' / 'wuxue.sqlite'}").read_now(
        lambda session: list(
            session.connection().execute(
                text("SELECT actor_id FROM audit_entry WHERE action = 'take_training_file'")
            )
        )
    )
    assert [tuple(row) for row in rows] == [(None,)]


def _papers(home: Path, *file_ids: str) -> None:
    """Papers of the training, as Telegram keeps them."""

    def write(session: Session) -> None:
        for place, file_id in enumerate(file_ids, start=1):
            session.add(
                TrainingDocument(
                    event_id=1, file_id=file_id, name=f"讲义{place}.pdf", size=9, added_at=NOW
                )
            )

    Database(f"sqlite:///{home / 'data' / 'wuxue.sqlite'}").write_now(write)


@pytest.mark.asyncio
async def test_papers_are_fetched_where_telegram_answers_and_named_where_not(
    wuxue: Wuxue, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the chat's zip; one line says which are missing and how to get them."""
    given(installed)
    world = World(SystemClock().now)
    world.token = TOKEN
    kept = world.files.keep("document", Upload("讲义1.pdf", b"%PDF-1.7 1", "application/pdf"))
    _papers(installed, kept.file_id, "BQACgone")
    wanted = ("training-file", "1")
    away = await asyncio.to_thread(wuxue, *wanted, "没网.zip", "--bot-name", "wuxue_bot")
    assert away.exit_code == 0, away.output
    assert "有 2 份文件没能放进来：讲义1.pdf、讲义2.pdf。连上 Telegram 再运行一次" in away.stdout
    async with RehearsalServer(world) as server:
        monkeypatch.setenv("WUXUE_TELEGRAM__API_BASE_URL", server.base_url)
        done = await asyncio.to_thread(wuxue, *wanted, "档案.zip")
    assert done.exit_code == 0, done.output
    assert "正在从 Telegram 取 2 份文件" in done.stdout
    assert "有 1 份文件没能放进来：讲义2.pdf。" in done.stdout
    with ZipFile(installed / "档案.zip") as zipped:
        assert zipped.read("7_文件/01_讲义1.pdf") == b"%PDF-1.7 1"
