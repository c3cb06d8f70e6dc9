"""`wuxue key rotate`: another key for all private text, and nothing lost on the way."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from filelock import FileLock
from sqlalchemy import text
from sqlmodel import Session, update

from bot.commands import keys, running
from bot.config import load_config
from storage import inbox, key_files
from storage.certificates import Certificate
from storage.engine import Database
from storage.sealed import NoteKey, new_secret, read_secret
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.test_verifying import given

NOW = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
BOT = 123456789
WAITING = 450


def _key(home: Path) -> bytes:
    return read_secret((home / "data" / "note.key").read_text())


def _fill(database: Database, secret: bytes, *, first: int = 1, count: int = WAITING) -> None:
    rows = [(number, 1, f"话{number}") for number in range(first, first + count)]
    database.write_now(inbox.store, rows, bot=BOT, note_key=NoteKey(secret), now=NOW)


def _read(database: Database, key: NoteKey) -> list[str | None]:
    rows = database.read_now(inbox.waiting, bot=BOT, note_key=key, real=NOW)
    return [one.payload for one in rows]


WORDS = [f"话{number}" for number in range(1, WAITING + 1)]


def test_where_nothing_is_sealed_any_key_will_do(installed: Path) -> None:
    """A new installation, or one without private text; the first text makes the key its own."""
    config = load_config(installed / "config.toml", environ={})
    database = Database(config.database.url.get_secret_value())
    other = new_secret()
    running.refuse_strange_key(config, NoteKey(other), database)
    _fill(database, _key(installed), count=1)
    with pytest.raises(typer.Exit):
        running.refuse_strange_key(config, NoteKey(other), database)
    beside = NoteKey(other, former=[NoteKey(_key(installed))])
    running.refuse_strange_key(config, beside, database)


@pytest.fixture
def file(installed: Path) -> Database:
    """The installation's database, with private text in it."""
    database = Database(f"sqlite:///{installed / 'data' / 'wuxue.sqlite'}")
    _fill(database, _key(installed))
    return database


def test_the_key_is_changed_and_the_old_one_set_aside(
    wuxue: Wuxue, installed: Path, file: Database
) -> None:
    """Every text opens with the new key alone; the old one opens backups and may be destroyed."""
    old = _key(installed)
    with FileLock(installed / "data" / "wuxue.sqlite.lock"):
        refused = wuxue("key", "rotate")
    assert (refused.exit_code, _key(installed)) == (1, old)
    assert "已经有一个 wuxue 在用" in refused.stderr
    done = wuxue("key", "rotate")
    assert done.exit_code == 0, done.output
    assert "重新加密 450 条，450 条都用新密钥打得开" in done.stdout
    assert "可以销毁" in done.stdout
    assert "以前做的备份" in done.stdout
    assert "话1" not in done.output, "numbers alone"
    new = _key(installed)
    assert new != old
    assert _read(file, NoteKey(new)) == WORDS
    assert _read(file, NoteKey(old)) == [None] * WAITING
    (retired,) = (installed / "data").glob("note.key-*")
    assert read_secret(retired.read_text()) == old
    for one in (retired, installed / "data" / "note.key"):
        assert one.stat().st_mode & 0o777 == 0o600
    assert "都打不开" not in wuxue("doctor").stdout
    # A machine that was forgotten has the former key alone, and its doctor says so.
    present = (installed / "data" / "note.key").read_bytes()
    retired.replace(installed / "data" / "note.key")
    assert "有 450 条私密文字，这里的密钥都打不开" in wuxue("doctor").stdout.replace("\n", "")
    refused = wuxue("run")
    assert (refused.exit_code, refused.stdout) == (1, ""), "nothing is taken from Telegram"
    assert "没有开始：有 450 条私密文字" in refused.stderr
    assert f"存成 {installed / 'data' / 'note.key-old'}" in refused.stderr
    (installed / "data" / "note.key").rename(retired)
    (installed / "data" / "note.key").write_bytes(present)
    # A backup of before is put back: read as it is, and sealed anew by the next rotation.
    _fill(file, old, first=WAITING + 1, count=1)
    again = wuxue("key", "rotate")
    assert "重新加密 451 条，451 条都用新密钥打得开" in again.stdout
    assert len(list((installed / "data").glob("note.key-old-*"))) == 2


def test_after_a_crash_it_goes_on_and_meanwhile_all_is_read(
    wuxue: Wuxue, installed: Path, file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whatever moment it ended: the files that are there open everything."""
    old, path = _key(installed), installed / "data" / "note.key"
    # Before the new key took its place, it has sealed nothing; the next one begins anew.
    with monkeypatch.context() as patch:
        patch.setattr(key_files, "_on_disk", _crash)
        assert isinstance(wuxue("key", "rotate").exception, MemoryError)
    assert _key(installed) == old
    assert key_files.old_of(path).exists()
    assert _read(file, NoteKey(old)) == WORDS
    with monkeypatch.context() as patch:
        patch.setattr(keys, "_prove", _crash)
        patch.setattr(keys.resealing, "BATCH", 200)
        assert isinstance(wuxue("key", "rotate").exception, MemoryError)
    new = _key(installed)
    assert read_secret(key_files.old_of(path).read_text()) == old
    _fill(file, old, first=WAITING + 1, count=1)
    both = NoteKey(new, former=[NoteKey(old)])
    assert _read(file, both) == [*WORDS, f"话{WAITING + 1}"]
    assert "更换密钥没有做完" in wuxue("doctor").stdout
    (installed / "own.key").write_text(new_secret().hex())
    assert wuxue("key", "rotate", "--to", "own.key").exit_code == 2
    done = wuxue("key", "rotate")
    assert done.exit_code == 0, done.output
    assert "接着上一次没做完的换密钥" in done.stdout
    assert "重新加密 1 条，451 条都用新密钥打得开" in done.stdout
    assert _key(installed) == new
    assert not key_files.old_of(path).exists()


def _crash(*_: object) -> None:
    raise MemoryError


def test_a_key_of_ones_own_and_one_in_the_environment(
    wuxue: Wuxue, installed: Path, file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may bring the key; what stands in the environment only its owner can change."""
    own, later = new_secret(), new_secret()
    (installed / "own.key").write_text(own.hex())
    assert wuxue("key", "rotate", "--to", "nowhere.key").exit_code == 2
    assert wuxue("key", "rotate", "--to", "data/note.key").exit_code == 2
    assert wuxue("key", "rotate", "--to", "own.key").exit_code == 0
    assert _read(file, NoteKey(own)) == WORDS
    (installed / "data" / "note.key").unlink()
    monkeypatch.setenv("WUXUE_SECRETS__NOTE_KEY", own.hex())
    refused = wuxue("key", "rotate")
    assert refused.exit_code == 2
    assert "note.key-old" in refused.stderr
    monkeypatch.setenv("WUXUE_SECRETS__NOTE_KEY", later.hex())
    (installed / "data" / "note.key-old").write_text(own.hex())
    done = wuxue("key", "rotate")
    assert done.exit_code == 0, done.output
    assert _read(file, NoteKey(later)) == WORDS
    assert NoteKey(own).signer.public.written in wuxue("verify", "--show-key").stdout


def test_what_no_key_opens_is_named_by_its_number(
    wuxue: Wuxue, installed: Path, file: Database
) -> None:
    """Exit code 1; the key it needs can be laid beside and the command run again."""
    lost = new_secret()
    _fill(file, lost, first=WAITING + 1, count=1)
    left = wuxue("key", "rotate")
    assert left.exit_code == 1
    assert f"inbox_update 里有 1 条用手上的密钥都打不开，没有动：{WAITING + 1}" in left.stderr
    (installed / "data" / "note.key-old").write_text(lost.hex())
    found = wuxue("key", "rotate")
    assert found.exit_code == 0, found.output
    assert "重新加密 1 条，451 条都用新密钥打得开" in found.stdout


def test_certificates_of_the_former_key_stay_valid(wuxue: Wuxue, installed: Path) -> None:
    """Word for word by the database; without her words by the former public key, which is kept."""
    certificate = str(given(installed))
    former = wuxue("verify", "--show-key").stdout.strip()
    assert wuxue("key", "rotate").exit_code == 0
    assert wuxue("verify", certificate).exit_code == 0
    assert wuxue("verify", "changed.pdf").exit_code == 5
    shown = wuxue("verify", "--show-key").stdout
    assert shown.splitlines()[0] != former
    assert former in shown
    assert wuxue("verify", certificate, "--key", former).exit_code == 0

    def forget(session: Session) -> None:
        session.exec(update(Certificate).values(statement={}, signature=""))

    Database(f"sqlite:///{installed / 'data' / 'wuxue.sqlite'}").write_now(forget)
    public = installed / "data" / "certificate-keys.txt"
    signed = NoteKey(_key(installed)).signer.public.written
    # The certificate is of 22 December: what says that it was signed until long before is a forger.
    public.write_text(f"{former} 2027-01-05T00:00:00+00:00\n")
    assert wuxue("verify", certificate).exit_code == 0
    assert wuxue("verify", "changed.pdf").exit_code == 5
    public.write_text(f"{former} 2026-11-05T00:00:00+00:00\n")
    assert wuxue("verify", certificate).exit_code == 5
    public.write_text(f"{signed} 2027-01-05T00:00:00+00:00\n")
    assert wuxue("verify", certificate).exit_code == 5
    public.write_text("nothing\n")
    assert wuxue("verify", certificate).exit_code == 1


def test_on_postgresql_it_is_the_same(
    wuxue: Wuxue, installed: Path, empty_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is connected is noticed, and the texts go over."""
    assert wuxue("db", "copy", "--to", empty_postgresql.url).exit_code == 0
    _fill(empty_postgresql, _key(installed))
    monkeypatch.setenv("WUXUE_DATABASE__URL", empty_postgresql.url)
    with empty_postgresql.engine.connect() as bot:
        bot.execute(text("SELECT 1"))
        refused = wuxue("key", "rotate")
    assert refused.exit_code == 1
    assert "个程序连着数据库" in refused.stderr
    empty_postgresql.engine.dispose()
    done = wuxue("key", "rotate")
    assert done.exit_code == 0, done.output
    assert "重新加密 450 条，450 条都用新密钥打得开" in done.stdout
    assert _read(empty_postgresql, NoteKey(_key(installed))) == WORDS
