"""What everybody sees of a gathering: one message through its life, and the word of a change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import attendance, gatherings, rooms, share_speakers
from curriculum import gathering_words as words
from curriculum.errors import NotThere
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.gathering_words import AHEAD, CARD, CHANGED, UPDATE
from curriculum.people import Speaker
from storage import gathering_people as people
from storage import gatherings as stored
from storage.deliveries import Claimed
from storage.gathering_people import Addressee
from storage.gatherings import CANCELLED, MERGED, PLANNED, REPLACED, Gathering

COMING, CLOSED, RECORDED, MOVED = "coming", "closed", "recorded", "moved"
FAR, NEAR, BEGUN = "far", "near", "begun"
# Changes of the rooms alone; its time is as it was.
SEATING = (rooms.SPLIT, rooms.JOINED)


@dataclass(frozen=True, slots=True)
class Card:
    """A gathering as one person's message shows it.

    `state` is coming, recorded, to_confirm, apology, absent, made_up, closed, cancelled, replaced
    or moved; `phase` far, near (within the hour before it) or begun; `minutes_recorded` what the
    ledger holds. `points` are (id, kind, text), `speakers` (place, name, minutes). `room` is 0
    where the cohort meets whole; `change` says whether the last change was that it meets in rooms,
    together again, or after all.
    """

    gathering_id: int
    kind: str
    room: int
    change: str
    title: str
    starts_at: datetime
    minutes: int
    place: str
    facilitator: str
    state: str
    reason: str
    is_moved: bool
    minutes_recorded: int
    is_facilitator: bool
    is_confirmed: bool
    phase: str
    learns: bool
    may_make_up: bool
    points: tuple[tuple[int, str, str], ...]
    speakers: tuple[tuple[int, str, int], ...]


@dataclass(eq=False)
class Told:
    """One kind of message about gatherings, as the postman asks for it."""

    KIND: str
    verdict: Callable[["Batch", Claimed, Addressee, Gathering], Facts | NotWanted]
    line: Callable[[Facts], Mapping[str, Any]] | None = None

    def facts(
        self, session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> dict[int, Verdict]:
        """What each claimed message says, in a fixed number of queries per gathering."""
        batch = Batch(session, claimed, now=now)
        return {row.id: batch.ask(row, self.verdict) for row in claimed}


class Batch:
    """What a batch of claimed messages needs to know, read once."""

    def __init__(self, session: Session, claimed: Sequence[Claimed], *, now: datetime) -> None:
        self.now = now
        self._to = people.addressees(session, [row.id for row in claimed])
        ids = {row.subject_id or 0 for row in claimed}
        self._gatherings = {i: stored.gathering(session, i) for i in ids}
        leading = [g.facilitator_id or 0 for g in self._gatherings.values() if g]
        self._names = stored.names_of(session, leading)
        self._points = {i: _points(session, i) for i in ids}
        self._speakers = {
            i: share_speakers.shown(session, g, now=now) for i, g in self._gatherings.items() if g
        }
        # Only an edit asks for the message it changes.
        edited = {_edited(row) for row in claimed if row.kind == UPDATE}
        self._messages = {
            name: people.card_messages(session, kind=CARD, occasion=name) for name in edited
        }

    def ask(
        self,
        row: Claimed,
        verdict: Callable[["Batch", Claimed, Addressee, Gathering], Facts | NotWanted],
    ) -> Verdict:
        """One verdict; whoever left, or cannot be reached, wants none."""
        to, found = self._to.get(row.id), self._gatherings.get(row.subject_id or 0)
        if to is None or found is None:
            return NotWanted("gathering_gone")
        # An edit tells whoever sits in another room now that hers stands below.
        is_hers = to.is_member if row.kind == UPDATE else to.learns
        if not to.is_active or not (is_hers or found.facilitator_id == to.person_id):
            return NotWanted("left")
        if to.chat_id is None or not to.is_reachable:
            return NotWanted("unreachable")
        return verdict(self, row, to, found)

    def card(self, to: Addressee, found: Gathering, *, name: str | None = None) -> Card:
        """The gathering as the addressee's message shows it."""
        return _card(
            found,
            to.person_id,
            to.attendance,
            facilitator=self._names.get(found.facilitator_id or 0, ""),
            learns=to.learns,
            points=self._points[found.id or 0],
            speakers=self._speakers[found.id or 0],
            name=name,
            now=self.now,
        )

    def message_of(self, row: Claimed, to: Addressee) -> int | None:
        """The message an edit changes, if it was ever sent to this chat."""
        chat, message = self._messages[_edited(row)].get(to.person_id, (None, 0))
        return message if chat == to.chat_id else None


def _edited(row: Claimed) -> str:
    """Of an edit's occasion, the name of the message it changes."""
    return row.occasion.rpartition(":")[0]


def _points(session: Session, gathering_id: int) -> tuple[tuple[int, str, str], ...]:
    return tuple(
        (point.id or 0, point.kind, point.text) for point in stored.points(session, gathering_id)
    )


def _card(
    found: Gathering,
    person_id: int,
    state: str | None,
    *,
    facilitator: str,
    learns: bool,
    points: tuple[tuple[int, str, str], ...],
    speakers: tuple[tuple[int, str, int], ...],
    name: str | None,
    now: datetime,
) -> Card:
    shown = _shown(found, state, name=name, now=now)
    recorded = {
        RECORDED: found.minutes,
        attendance.MADE_UP: attendance.MADE_UP_MINUTES,
    }
    return Card(
        gathering_id=found.id or 0,
        kind=found.kind,
        room=found.room,
        change=found.reason if found.reason in (*SEATING, words.STANDS) else "",
        title=found.title,
        starts_at=found.starts_at,
        minutes=found.minutes,
        place=found.place,
        facilitator=facilitator if found.is_confirmed else "",
        state=shown,
        reason=found.reason,
        is_moved=found.moves > 0 and found.reason not in SEATING,
        minutes_recorded=recorded.get(shown, 0),
        is_facilitator=found.facilitator_id == person_id,
        is_confirmed=found.is_confirmed,
        phase=_phase(found, now=now),
        learns=learns,
        may_make_up=learns and bool(points) and attendance.may_make_up(found, state, now=now),
        points=points,
        speakers=speakers,
    )


def _phase(found: Gathering, *, now: datetime) -> str:
    if now >= found.starts_at:
        return BEGUN
    return NEAR if now >= found.starts_at - words.REMINDED_BEFORE else FAR


def _shown(found: Gathering, state: str | None, *, name: str | None, now: datetime) -> str:
    if name is not None and name != words.occasion(found):
        return MOVED
    if found.state == MERGED:
        return MOVED
    if found.state in (CANCELLED, REPLACED):
        return found.state
    if state in attendance.PRESENT:
        return RECORDED
    if state is not None:
        return state
    return COMING if now <= attendance.closes_at(found) else CLOSED


def card(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Card:
    """A gathering as she sees it now; NotThere for who neither learns there nor leads it.

    Of a session in rooms it is her own, or the one she leads.
    """
    found = rooms.standing(session, gatherings.read(session, gathering_id, bot=speaker.bot))
    learns = people.learns_in(session, speaker.person_id, found.cohort_id)
    if not learns and not gatherings.leads(session, speaker, found):
        raise NotThere
    own = rooms.hers(session, speaker.person_id, found)
    if learns and found.facilitator_id != speaker.person_id:
        found = own
    learns = learns and own.id == found.id
    standing = stored.attendance_of(session, found.id or 0, speaker.person_id)
    leading = found.facilitator_id or 0
    return _card(
        found,
        speaker.person_id,
        standing.state if standing else None,
        facilitator=stored.names_of(session, [leading]).get(leading, ""),
        learns=learns,
        points=_points(session, found.id or 0),
        speakers=share_speakers.shown(session, found, now=now),
        name=None,
        now=now,
    )


def _facts(row: Claimed, to: Addressee, values: Mapping[str, Any]) -> Facts:
    return Facts(
        kind=row.kind,
        chat_id=to.chat_id or 0,
        language=to.language,
        # The same values, the same words.
        content_key=f"{row.kind}/{row.subject_id}/{values!r}",
        content_version=None,
        values=values,
    )


def _reminder(batch: Batch, row: Claimed, to: Addressee, found: Gathering) -> Facts | NotWanted:
    if found.state != PLANNED:
        return NotWanted(words.CALLED_OFF)
    if row.occasion != words.occasion(found):
        return NotWanted("moved")
    if to.attendance == attendance.APOLOGY and found.facilitator_id != to.person_id:
        return NotWanted("apologised")
    return _facts(row, to, asdict(batch.card(to, found)))


def _ahead(batch: Batch, row: Claimed, to: Addressee, found: Gathering) -> Facts | NotWanted:
    verdict = _reminder(batch, row, to, found)
    if isinstance(verdict, NotWanted):
        return verdict
    values = {"kind": found.kind, "starts_at": found.starts_at, "room": found.room}
    return _facts(row, to, values)


def _changed(batch: Batch, row: Claimed, to: Addressee, found: Gathering) -> Facts | NotWanted:
    if row.occasion != words.changed_name(found):
        return NotWanted("changed_again")
    return _facts(row, to, asdict(batch.card(to, found)))


def _update(batch: Batch, row: Claimed, to: Addressee, found: Gathering) -> Facts | NotWanted:
    message_id = batch.message_of(row, to)
    shown = batch.card(to, found, name=_edited(row))
    if not to.learns and found.facilitator_id != to.person_id:
        # She sits in another room by now, whose message stands below.
        shown = replace(shown, state=MOVED, change=rooms.SPLIT)
    if message_id is None and shown.state == MOVED:
        return NotWanted("not_sent")
    return _facts(row, to, asdict(shown) | {"message_id": message_id})


def _line(facts: Facts) -> Mapping[str, Any]:
    """The day before as a line of the lesson."""
    return facts.values


def _changed_line(facts: Facts) -> Mapping[str, Any]:
    """A change that is not near as a line of the lesson."""
    return {name: facts.values[name] for name in ("kind", "starts_at", "state", "room", "change")}


NOTICES = (
    Told(AHEAD, _ahead, _line),
    Told(CARD, _reminder),
    Told(CHANGED, _changed, _changed_line),
    Told(UPDATE, _update),
)
