"""Every sealed text there is goes over to another key, and can be read all the while."""

import os
from pathlib import Path
from typing import Any

from sqlmodel import Session

from curriculum import (
    stories,
    story_library,
    story_reviews,
    supervision_actions,
    supervision_agenda,
    supervision_confirming,
    supervision_notes,
    supervision_record_view,
    supervision_sealing,
)
from storage import drafts, inbox, resealing
from storage.drafts import OpenDraft
from storage.engine import Database
from storage.resealing import NOT_SEALED, SEALED, SealedColumn
from storage.sealed import NoteKey
from tests.county import BOT
from tests.curriculum.story_desk import NOON
from tests.curriculum.story_desk import Desk as StoryDesk
from tests.curriculum.supervising import DAY
from tests.curriculum.test_supervision_records import Desk, _written

OLD, NEW = os.urandom(32), os.urandom(32)
CHAT = 77


def test_every_column_of_bytes_is_known_to_the_rotation() -> None:
    """A new one is named in storage/resealing.py: among the sealed ones, or as no text at all."""
    sealed = {(one.table, one.column) for one in SEALED}
    assert resealing.columns_of_bytes() == sealed | NOT_SEALED
    assert not sealed & NOT_SEALED


class Everything:
    """One text in each sealed column, put there by the rules, and how each is read again."""

    def __init__(self, database: Database, folder: Path, start: Any) -> None:
        self.desk = desk = Desk(database, folder, start)
        desk.key = NoteKey(OLD)
        desk.publish("周三 14:00-17:00")
        pair, self.record_id = _written(desk)
        desk.submit(self.record_id)
        desk.sealed(supervision_confirming.reflect, desk.worker, self.record_id, "我先听再说")
        desk.now += 8 * DAY
        desk.keep_up()
        desk.sealed(supervision_sealing.add, desk.worker, self.record_id, "后来试了")
        self.pair_id = pair.id or 0
        note = {"is_shared": True, "note_key": desk.key}
        self.note_id = desk.do(
            supervision_notes.write, desk.supervisor, self.pair_id, "写给两人的", **note
        )
        desk.sealed(supervision_agenda.write, desk.worker, self.pair_id, text="想谈入户")
        self.told = told = StoryDesk(database, desk.centre, desk.key)
        self.author, self.reader = desk.centre.county.learners[:2]
        self.shelved = told.published(self.author)
        more = {"stars": 5, "words": "用上了"}
        told.write(story_library.rate, self.reader, self.shelved, **more)
        self.story = told.handed_in(self.author)
        seen = {"version": self.story.version}
        told.write(story_reviews.comment, desk.supervisor, self.story.story_id, "再短些", **seen)
        self.drafted = OpenDraft("question", "text", {"text": "写了一半"}, 1)
        database.write_now(self._half_done)

    def _half_done(self, session: Session) -> None:
        kept = {"bot": BOT, "note_key": NoteKey(OLD), "now": NOON}
        drafts.save(session, self.drafted, chat_id=CHAT, expires_at=NOON + DAY, **kept)
        inbox.store(session, [(number, 100, f"更新{number}") for number in range(1, 451)], **kept)

    def read(self, key: NoteKey) -> str:
        """Everything, as its own pages open it with a key."""
        desk, database = self.desk, self.desk.database
        told = StoryDesk(database, desk.centre, key)
        desk.key = key

        def rest(session: Session) -> list[Any]:
            given = {"bot": BOT, "note_key": key}
            drafted = drafts.current(session, chat_id=CHAT, now=NOON, **given)
            waiting = inbox.waiting(session, real=NOON, limit=500, **given)
            now = {"note_key": key, "now": desk.now}
            return [
                *(drafted.answers if drafted else {}).values(),
                *(one.payload for one in waiting),
                supervision_record_view.view(session, desk.worker, self.record_id, **now),
                supervision_actions.open_of_pair(session, desk.worker, self.pair_id, **now),
                supervision_notes.one(session, desk.worker, self.note_id, **now),
                supervision_agenda.own(session, desk.worker, self.pair_id, **now),
            ]

        return str(
            [
                *database.read_now(rest),
                told.read(stories.one, self.author, self.story.story_id),
                told.read(story_library.rated, self.author, self.shelved),
            ]
        )


SAID = (
    *("我先听再说", "后来试了", "写给两人的", "想谈入户", "用上了", "再短些", "写了一半"),
    *("更新1'", "更新450", "先写提纲再去", "写三句开场白", "请同村的人一起入户"),
)


def _all(database: Database, sealed: SealedColumn, key: NoteKey) -> int:
    """Every batch of a column, each in a transaction of its own."""
    done, after = 0, 0
    while True:
        batch = database.write_now(resealing.reseal, sealed, key, after=after)
        done += batch.done
        assert batch.not_opened == ()
        if batch.last_id is None:
            return done
        after = batch.last_id


def test_what_is_sealed_goes_over_batch_by_batch_and_stays_readable(
    database: Database, tmp_path: Path, start: Any
) -> None:
    """Interrupted anywhere, both keys read it; at the end the new one alone does."""
    kept = Everything(database, tmp_path, start)
    old, alone = NoteKey(OLD), NoteKey(NEW)
    both = NoteKey(NEW, former=[old])
    counted = database.read_now(resealing.count, old)
    assert counted == database.read_now(resealing.count)
    assert min(counted.values()) > 0, "each column has something, or nothing is proved of it"
    before = kept.read(old)
    assert [words for words in SAID if words not in before] == []

    first = database.write_now(resealing.reseal, SEALED[0], both, after=0)
    assert (first.done, first.last_id is None) == (resealing.BATCH, False)
    assert kept.read(both) == before, "half of the updates are under either key"
    # Begun anew from the start after a crash: what is done is not done again.
    assert _all(database, SEALED[0], both) == counted[SEALED[0]] - resealing.BATCH
    for sealed in SEALED[1:]:
        assert _all(database, sealed, both) == counted[sealed]
        assert _all(database, sealed, both) == 0
    assert sum(database.read_now(resealing.count, old).values()) == 0
    assert database.read_now(resealing.count) == database.read_now(resealing.count, alone)
    assert kept.read(alone) == before


def test_what_no_key_opens_is_named_and_left(
    database: Database, start: Any, note_key: NoteKey
) -> None:
    """By its id; the others go on."""
    old, key = NoteKey(OLD), NoteKey(NEW, former=[NoteKey(OLD)])

    def fill(session: Session) -> None:
        for number, sealer in enumerate((old, note_key, old), start=1):
            inbox.store(session, [(number, 1, "字")], bot=BOT, note_key=sealer, now=start)
        # Sealed for one place and put into another.
        session.add(
            drafts.Draft(
                bot=BOT, chat_id=1, form="a", step="b", updated_at=start, expires_at=start,
                answers=old.seal("{}", about="draft:1"),
            )
        )  # fmt: skip

    database.write_now(fill)
    updates, forms = SEALED[:2]
    assert database.write_now(resealing.reseal, updates, key, after=0).done == 2
    assert len(database.write_now(resealing.reseal, forms, key, after=0).not_opened) == 1
    proved = database.read_now(resealing.prove, updates, NoteKey(NEW), after=0)
    assert (proved.done, len(proved.not_opened), proved.last_id) == (2, 1, None)
    assert len(database.read_now(resealing.prove, forms, NoteKey(NEW), after=0).not_opened) == 1
