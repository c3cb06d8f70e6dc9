"""Private text: sealed for one place with one key, and gone when it is done."""

import os
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from storage import audit, drafts, inbox, inbox_parts
from storage.drafts import OpenDraft, StaleDraft
from storage.engine import Database, sqlite_path
from storage.inbox import InboxUpdate
from storage.sealed import NoteKey, WrongKey, new_secret, read_secret, write_key_file

BOT = 7
SECRET = "只有她自己知道的一句话"


def test_a_sealed_text_opens_only_with_its_key_and_in_its_place(note_key: NoteKey) -> None:
    """Another key, another place, or one changed bit: nothing is read."""
    sealed = note_key.seal(SECRET, about="note:1")
    assert note_key.open(sealed, about="note:1") == SECRET
    with pytest.raises(WrongKey):
        note_key.open(sealed, about="note:2")
    with pytest.raises(WrongKey):
        NoteKey(os.urandom(32)).open(sealed, about="note:1")
    with pytest.raises(WrongKey):
        note_key.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), about="note:1")
    assert note_key.seal(SECRET, about="note:1") != sealed


def test_a_key_file_is_private_and_never_overwritten(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Losing the key loses the notes, so a second writing is refused."""
    path = tmp_path / "keys" / "note.key"
    secret = new_secret()
    write_key_file(path, secret)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_secret(path.read_text()) == secret
    with pytest.raises(FileExistsError):
        write_key_file(path, new_secret())


def test_an_update_is_stored_once_sealed_and_blanked_when_done(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """Telegram may send an update again; its text is readable to nobody else and then gone."""
    for expected in (1, 0):
        added = database.write_now(
            inbox.store, [(1, 100, f'{{"t":"{SECRET}"}}')], bot=BOT, note_key=note_key, now=start
        )
        assert added == expected
    (row,) = database.read_now(inbox.waiting, bot=BOT, note_key=note_key, real=start)
    assert row.payload is not None
    assert SECRET in row.payload
    if database.is_sqlite:
        path = sqlite_path(database.url)
        files = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert SECRET.encode() not in files
    database.write_now(inbox.mark_done, row.row_id, at=start)
    stored = database.read_now(lambda session: session.exec(select(InboxUpdate)).one())
    assert (stored.status, stored.payload) == ("done", None)


def test_an_update_put_off_waits_for_its_time(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """An answer to a quiz we do not know yet is looked at again later, not at once."""
    database.write_now(inbox.store, [(1, 100, "{}")], bot=BOT, note_key=note_key, now=start)
    (row,) = database.read_now(inbox.waiting, bot=BOT, note_key=note_key, real=start)
    later = start + timedelta(seconds=5)
    database.write_now(inbox.postpone, row.row_id, until=later)
    assert database.read_now(inbox.waiting, bot=BOT, note_key=note_key, real=start) == []
    (again,) = database.read_now(inbox.waiting, bot=BOT, note_key=note_key, real=later)
    assert again.attempts == 1


def test_parts_of_a_text_are_processed_together(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """One sender's updates stand in her order, put off or not; marked together, or none at all."""
    keep = {"bot": BOT, "note_key": note_key}
    sent = [(1, 100, "one"), (2, 7, "another's"), (3, 100, "two")]
    database.write_now(inbox.store, sent, now=start, **keep)

    def waiting() -> list[inbox.Waiting]:
        return database.read_now(inbox_parts.waiting_of, sender=100, **keep)

    first, second = waiting()
    assert (first.payload, second.payload) == ("one", "two")
    database.write_now(inbox.postpone, first.row_id, until=start + timedelta(seconds=3))
    assert [(row.payload, row.attempts) for row in waiting()] == [("one", 1), ("two", 0)]
    with pytest.raises(inbox.TakenOver):
        database.write_now(inbox_parts.mark_joined, [first.row_id, 999], at=start)
    database.write_now(inbox_parts.mark_joined, [first.row_id, second.row_id], at=start)
    assert waiting() == []
    rows = select(InboxUpdate).order_by(col(InboxUpdate.update_id))
    stored = database.read_now(lambda session: session.exec(rows).all())
    assert [row.payload is None for row in stored] == [True, False, True]


def test_an_unreadable_update_is_kept_sealed_for_its_time(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """What broke us can be looked at for seven days, then it is blanked."""
    database.write_now(inbox.store, [(1, 100, SECRET)], bot=BOT, note_key=note_key, now=start)
    (row,) = database.read_now(inbox.waiting, bot=BOT, note_key=note_key, real=start)
    database.write_now(inbox.mark_unparsable, row.row_id, at=start, error="KeyError")
    assert database.write_now(inbox.forget_unparsable, before=start) == 0
    assert database.write_now(inbox.forget_unparsable, before=start + timedelta(days=7)) == 1
    stored = database.read_now(lambda session: session.exec(select(InboxUpdate)).one())
    assert (stored.status, stored.payload) == ("unparsable", None)


def test_an_old_number_may_come_again_as_another_update(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """What was processed a week ago is forgotten, so that a reused id is no repetition."""
    keep = {"bot": BOT, "note_key": note_key}
    database.write_now(inbox.store, [(1, 100, "{}")], now=start, **keep)
    (row,) = database.read_now(inbox.waiting, real=start, **keep)
    database.write_now(inbox.mark_done, row.row_id, at=start)
    assert database.write_now(inbox.forget_done, before=start) == 0
    later = start + timedelta(days=7)
    assert database.write_now(inbox.forget_done, before=later) == 1
    assert database.write_now(inbox.store, [(1, 100, "{}")], now=later, **keep) == 1


def test_a_draft_keeps_its_answers_and_refuses_a_stale_step(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """A half-filled form outlives a restart; a tap on a step that has passed changes nothing."""
    where = {"bot": BOT, "chat_id": 5, "note_key": note_key, "now": start}
    ends = start + timedelta(days=7)
    first = database.write_now(
        drafts.save, OpenDraft("enrolment", "name", {"name": SECRET}, 41), expires_at=ends, **where
    )
    assert (first.version, first.answers) == (42, {"name": SECRET})
    assert database.read_now(drafts.current, **where) == first
    database.write_now(
        drafts.save, OpenDraft("enrolment", "check", first.answers, 42), expires_at=ends, **where
    )
    with pytest.raises(StaleDraft):
        database.write_now(drafts.save, first, expires_at=ends, **where)
    assert database.read_now(drafts.current, **where).step == "check"  # type: ignore[union-attr]


def test_a_draft_nobody_came_back_to_is_forgotten(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """After its time a form is neither offered nor kept."""
    where = {"bot": BOT, "chat_id": 5, "note_key": note_key}
    database.write_now(
        drafts.save, OpenDraft("question", "text", {}, 0), now=start, expires_at=start, **where
    )
    assert database.read_now(drafts.current, now=start, **where) is None
    assert database.write_now(drafts.drop_expired, now=start) == 1


def test_the_audit_chain_tells_when_an_entry_was_changed(
    sqlite_database: Database, start: datetime
) -> None:
    """Whoever gets past the triggers still cannot change an act unnoticed."""
    database = sqlite_database
    for action in ("invite", "enrol"):
        database.write_now(
            audit.add, at=start, actor_id=None, action=action, object_kind="invite", object_id=1
        )
        assert database.write_now(audit.seal, at=start) == 1
    assert database.write_now(audit.seal, at=start) == 0
    assert database.read_now(audit.first_broken_seal) is None
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_entry_no_update")
        connection.exec_driver_sql("UPDATE audit_entry SET action = 'nothing' WHERE id = 2")
    assert database.read_now(audit.first_broken_seal) == 2
