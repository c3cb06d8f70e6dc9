"""`wuxue verify`: a certificate's file against the database, or against the public key alone."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import Session

from bot.training_certificate import certificate_pdf
from curriculum import certificates
from curriculum.certificates import Facts, Statement
from storage.certificates import Certificate
from storage.engine import Database
from storage.people import Person, unit_by_name
from storage.sealed import NoteKey, read_secret
from storage.trainings import TrainingEvent
from tests.bot.commands.conftest import Wuxue

NOW = datetime(2026, 12, 22, 10, 0, tzinfo=UTC)
DAY = date(2026, 12, 22)
BOT = 123456789


def given(home: Path, *, is_revoked: bool = False) -> Path:
    """A certificate of this installation, as a file."""
    secret = read_secret((home / "data" / "note.key").read_text())
    signer = NoteKey(secret).signer

    def write(session: Session) -> Certificate:
        unit = unit_by_name(session, "八一站")[0]
        person = Person(name="卓玛", created_at=NOW)
        event = TrainingEvent(
            bot=BOT,
            unit_id=unit.id or 0,
            title="社工实务培训",
            place="林芝",
            organiser="指导中心",
            places=2,
            deadline=DAY,
            invited={"units": [], "cohorts": [], "roles": []},
            starts_at=NOW,
            ends_at=NOW,
            state="published",
            reminders={},
            changes=[],
            created_at=NOW,
        )
        session.add_all([person, event])
        session.flush()
        facts = Facts(
            *(event.id or 0, person.id or 0, "卓玛", "八一站", "社工实务培训", DAY, DAY),
            540,
            "指导中心",
        )
        row = certificates.issue(
            session,
            facts,
            bot=BOT,
            signer=signer,
            issued_by=None,
            issued_on=DAY,
            size=1,
            now=NOW,
        )
        if is_revoked:
            certificates.revoke(session, row, by=person.id or 0, reason="写错了", now=NOW)
        return row

    row = Database(f"sqlite:///{home / 'data' / 'wuxue.sqlite'}").write_now(write)
    file = home / "证书.pdf"
    statement = Statement.read(row.statement)
    file.write_bytes(certificate_pdf(statement, row.signature, username="wuxue_bot"))
    changed = replace(statement, minutes=720)
    (home / "changed.pdf").write_bytes(
        certificate_pdf(changed, row.signature, username="wuxue_bot")
    )
    return file


def test_a_certificate_is_valid_changed_or_unknown(wuxue: Wuxue, installed: Path) -> None:
    """Each in a sentence and with an exit code of its own."""
    file = given(installed)
    found = wuxue("verify", str(file))
    assert (found.exit_code, found.stdout.splitlines()[0]) == (0, "有效：编号 2026-000001。")
    assert "卓玛，社工实务培训，2026年12月22日，540 分钟，指导中心" in found.stdout
    found = wuxue("verify", "changed.pdf")
    assert (found.exit_code, found.stdout[:4]) == (5, "改动过：")
    assert "卓玛" not in found.stdout
    (installed / "other.pdf").write_bytes(b"%PDF-1.7 nothing")
    assert wuxue("verify", "other.pdf").exit_code == 4


def test_a_revoked_one_is_said_to_be(wuxue: Wuxue, installed: Path) -> None:
    """The signature holds, and the database knows better."""
    found = wuxue("verify", str(given(installed, is_revoked=True)))
    assert found.exit_code == 3
    assert "已撤回：编号 2026-000001，2026-12-22 起不再有效" in found.stdout


def test_without_database_the_public_key_says_it(wuxue: Wuxue, installed: Path) -> None:
    """And that whether it was revoked cannot be known; another key's are not valid."""
    file = given(installed, is_revoked=True)
    key = wuxue("verify", "--show-key").stdout.strip()
    for name in ("config.toml", "data/wuxue.sqlite", "data/note.key"):
        (installed / name).unlink()
    found = wuxue("verify", str(file), "--key", key)
    assert found.exit_code == 0
    assert "后来有没有撤回，这里查不到" in found.stdout
    assert wuxue("verify", "changed.pdf", "--key", key).exit_code == 5
    other = NoteKey(b"o" * 32).signer.public.written
    assert wuxue("verify", str(file), "--key", other).exit_code == 5
    wrong = wuxue("verify", str(file))
    assert (wrong.exit_code, "--key" in wrong.stderr) == (2, True)
    assert wuxue("verify", str(file), "--key", "123").exit_code == 2
    assert wuxue("verify", "nowhere.pdf", "--key", key).exit_code == 1
    assert wuxue("verify").exit_code == 2
