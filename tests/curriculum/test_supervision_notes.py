"""Notes of a pair: who reads which kind, what its author can do to one, what is handed on."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from curriculum import supervision_notes as notes
from curriculum import supervision_pairs as pairs
from curriculum import supervision_readers as readers
from curriculum.errors import ChangedMeanwhile, NotThere, TextTooLong
from curriculum.people import SUPERVISOR, Speaker
from curriculum.question_errors import QuestionEmpty
from curriculum.supervision_errors import SupervisionUndoTooLate
from scheduler import chores
from storage.engine import Database
from storage.sealed import NoteKey
from storage.supervision_pairs import SupervisionPair
from tests.county import BOT, join
from tests.curriculum.centre import audited
from tests.curriculum.supervising import DAY, MINUTE, Office

SHARED, OF_SUPERVISOR, OF_WORKER = "两人都看的话", "督导者自己的话", "社工自己的话"


class Notes:
    """A pair's notes as a test writes and reads them."""

    def __init__(self, office: Office, note_key: NoteKey) -> None:
        self.office, self.key = office, note_key
        self.pair: SupervisionPair = office.assign()

    def write(self, who: Speaker, words: str, *, is_shared: bool) -> int:
        """Keep a note; gives its id."""
        made: int = self.office.do(
            notes.write, who, self.pair.id, words, is_shared=is_shared, note_key=self.key
        )
        return made

    def page(self, who: Speaker, pair_id: int | None = None) -> notes.NotesPage:
        """What somebody reads."""
        return self.office.database.read_now(
            notes.page, who, pair_id or self.pair.id or 0, note_key=self.key, now=self.office.now
        )

    def words(self, who: Speaker, pair_id: int | None = None) -> set[str]:
        """The texts somebody reads."""
        return {note.text for note in self.page(who, pair_id).lines}

    def one(self, who: Speaker, note_id: int) -> notes.Note:
        """A note."""
        return self.office.database.read_now(
            notes.one, who, note_id, note_key=self.key, now=self.office.now
        )

    def change(self, act: Any, who: Speaker, note_id: int, *args: Any, **more: Any) -> Any:
        """Change a note as it stands now."""
        query = text(f"SELECT version FROM supervision_note WHERE id = {note_id}")  # noqa: S608
        ((seen,),) = self.office.rows(query)
        return self.office.do(act, who, note_id, *args, seen=seen, **more)

    def end(self, pair: SupervisionPair) -> None:
        """The coordinator ends a pair."""
        coordinator = self.office.centre.coordinator
        row = self.office.row(pair.id)
        self.office.do(pairs.end, coordinator, pair.id, seen=row.version)


@pytest.fixture
def kept(database: Database, tmp_path: Path, start: datetime, note_key: NoteKey) -> Notes:
    """A pair that can write notes."""
    return Notes(Office(database, tmp_path, start), note_key)


def test_each_kind_is_read_by_whom_it_is_for(kept: Notes) -> None:
    """The shared by both, each one's own by herself; in the database no word stands."""
    worker, supervisor = kept.office.worker, kept.office.supervisor
    shared = kept.write(worker, SHARED, is_shared=True)
    own = kept.write(supervisor, OF_SUPERVISOR, is_shared=False)
    kept.office.now += MINUTE
    hers = kept.write(worker, OF_WORKER, is_shared=False)
    assert kept.words(worker) == {SHARED, OF_WORKER}
    assert kept.words(supervisor) == {SHARED, OF_SUPERVISOR}
    assert (kept.one(worker, hers).kind, kept.one(supervisor, own).kind) == ("worker", "supervisor")
    for who, note_id in ((worker, own), (supervisor, hers)):
        with pytest.raises(NotThere):
            kept.one(who, note_id)
    for who in (kept.office.centre.administrator, kept.office.centre.coordinator):
        with pytest.raises(NotThere):
            kept.page(who)
    stored = kept.office.rows(text("SELECT sealed, kind FROM supervision_note"))
    assert not [one for one in stored if "的话".encode() in bytes(one[0])]
    assert [entry.facts["kind"] for entry in audited(kept.office.database, 3)] == [
        "shared",
        "supervisor",
        "worker",
    ]
    assert kept.page(worker).lines[0].text == OF_WORKER
    assert kept.one(supervisor, shared).author == kept.office.worker.name
    for words, refusal in (("  ", QuestionEmpty), ("长" * 1001, TextTooLong)):
        with pytest.raises(refusal):
            kept.write(worker, words, is_shared=False)


def test_an_author_changes_shares_and_deletes_a_note(kept: Notes) -> None:
    """Sharing can be taken back for ten minutes and not later; a deleted note goes for good then.

    Nobody else changes it, and one that was changed since it was shown is refused.
    """
    worker, supervisor = kept.office.worker, kept.office.supervisor
    note_id = kept.write(worker, OF_WORKER, is_shared=False)
    with pytest.raises(ChangedMeanwhile):
        kept.office.do(notes.edit, worker, note_id, "新的话", seen=7, note_key=kept.key)
    kept.change(notes.edit, worker, note_id, "新的话", note_key=kept.key)
    assert (kept.one(worker, note_id).text, kept.one(worker, note_id).edited_at) == (
        "新的话",
        kept.office.now,
    )
    for act in (notes.share, notes.drop, notes.take_back):
        with pytest.raises(NotThere):
            kept.change(act, supervisor, note_id)
    kept.change(notes.share, worker, note_id)
    assert kept.words(supervisor) == {"新的话"}
    kept.change(notes.take_back, worker, note_id)
    assert kept.words(supervisor) == set()
    kept.change(notes.share, worker, note_id)
    kept.office.now += 11 * MINUTE
    assert not kept.one(worker, note_id).may_undo
    with pytest.raises(SupervisionUndoTooLate):
        kept.change(notes.take_back, worker, note_id)
    # What the two share stays shared, whatever its author presses.
    with pytest.raises(NotThere):
        kept.change(notes.share, worker, note_id)
    kept.change(notes.drop, worker, note_id)
    assert kept.words(worker) == kept.words(supervisor) == set()
    kept.change(notes.take_back, worker, note_id)
    assert kept.words(supervisor) == {"新的话"}
    kept.change(notes.drop, worker, note_id)
    kept.office.now += 11 * MINUTE
    kept.office.database.write_now(chores.do, chores.SUPERVISION, bot=BOT, now=kept.office.now)
    assert kept.office.rows(text("SELECT count(*) FROM supervision_note")) == [(0,)]


def test_notes_are_read_page_by_page(kept: Notes) -> None:
    """Four at a time, the newest first; a page beyond the last is the last."""
    for number in range(9):
        kept.office.now += MINUTE
        kept.write(kept.office.worker, f"第{number}条", is_shared=True)
    found = kept.office.database.read_now(
        notes.page,
        kept.office.supervisor,
        kept.pair.id or 0,
        99,
        note_key=kept.key,
        now=kept.office.now,
    )
    assert (found.page, found.pages, found.count) == (2, 3, 9)
    assert [note.text for note in found.lines] == ["第0条"]


def test_what_was_shared_is_handed_on_only_if_the_worker_agrees(kept: Notes) -> None:
    """A former supervisor keeps what she wrote; her successor reads the shared ones by consent."""
    office, centre = kept.office, kept.office.centre
    worker, former = office.worker, office.supervisor
    kept.write(worker, SHARED, is_shared=True)
    kept.write(former, "督导者写给两人的", is_shared=True)
    kept.write(former, OF_SUPERVISOR, is_shared=False)
    kept.write(worker, OF_WORKER, is_shared=False)
    new = office.database.write_now(
        join,
        centre.county,
        chat_id=906,
        name="新督导",
        role=SUPERVISOR,
        unit=centre.county.top,
        now=office.now,
    )
    stranger = office.database.write_now(
        join,
        centre.county,
        chat_id=907,
        name="别的督导",
        role=SUPERVISOR,
        unit=centre.county.top,
        now=office.now,
    )
    office.now += DAY
    second = office.assign(supervisor_id=new.person_id)
    # Agreeing beforehand shows nothing while the first pair stands.
    office.do(readers.set_consent, worker, kept.pair.id, is_given=True)
    with pytest.raises(NotThere):
        kept.page(new, kept.pair.id)
    office.do(readers.set_consent, worker, kept.pair.id, is_given=False)
    kept.end(kept.pair)
    assert kept.page(worker, kept.pair.id).asks
    assert kept.words(worker, kept.pair.id) == {SHARED, "督导者写给两人的", OF_WORKER}
    assert kept.words(former, kept.pair.id) == {"督导者写给两人的", OF_SUPERVISOR}
    with pytest.raises(NotThere):
        kept.write(worker, "结束以后", is_shared=True)
    for who in (new, stranger):
        with pytest.raises(NotThere):
            kept.page(who, kept.pair.id)
    for who in (former, new, centre.coordinator):
        with pytest.raises(NotThere):
            office.do(readers.set_consent, who, kept.pair.id, is_given=True)
    office.do(readers.set_consent, worker, kept.pair.id, is_given=True)
    assert kept.words(new, kept.pair.id) == {SHARED, "督导者写给两人的"}
    assert kept.page(new, kept.pair.id).reader == "successor"
    assert kept.page(new, second.id).has_earlier
    with pytest.raises(NotThere):
        kept.page(stranger, kept.pair.id)
    assert office.database.read_now(readers.consent, kept.pair.id or 0)
    office.do(readers.set_consent, worker, kept.pair.id, is_given=False)
    with pytest.raises(NotThere):
        kept.page(new, kept.pair.id)
    # Nor when she accompanies the worker no more.
    office.do(readers.set_consent, worker, kept.pair.id, is_given=True)
    kept.end(second)
    with pytest.raises(NotThere):
        kept.page(new, kept.pair.id)
