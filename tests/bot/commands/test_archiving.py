"""`wuxue training-file`: the same file as in chat, for whoever runs the installation."""

import stat
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import text

from storage.engine import Database
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.test_verifying import given


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
