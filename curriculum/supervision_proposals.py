"""Times a supervisor proposes, up to three, of which the worker picks one or none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.clean_text import clean
from curriculum.errors import DateNotUnderstood, HourNotUnderstood, NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import moment_at
from curriculum.supervision_booking import make, possible_moment, within
from curriculum.supervision_errors import AlreadyBooked, ProposalAnswered, ProposalNotClear
from curriculum.supervision_free import pair_for
from curriculum.supervision_pairs import IN_PERSON, MODES, ONLINE
from curriculum.supervision_times import terms_of, usable_place
from curriculum.supervision_words import PROPOSAL, TAKE_BACK, Now, Told
from curriculum.written_times import read_moment
from storage import audit
from storage import gatherings as names
from storage import supervision_bookings as stored
from storage.supervision_bookings import SupervisionBooking, SupervisionProposal

ASKED, TAKEN, DECLINED, WITHDRAWN = "asked", "taken", "declined", "withdrawn"
MOST = 3
_BETWEEN = re.compile("[、，,；;]")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it is shown."""

    proposal_id: int
    moments: tuple[datetime, ...]
    mode: str
    place: str
    state: str
    other: str


def read_moments(written: str, *, today: date, now: datetime) -> list[datetime]:
    """One to three moments, one a line or 、 by 、, as they may be proposed.

    Raises ProposalNotClear, DateNotUnderstood, HourNotUnderstood, MomentNotPossible.
    """
    lines = [line for line in clean(written).splitlines() if line.strip()]
    found = {moment for line in lines for moment in _of_line(line, today=today, now=now)}
    if not 1 <= len(found) <= MOST:
        raise ProposalNotClear
    return sorted(found)


def _of_line(line: str, *, today: date, now: datetime) -> list[datetime]:
    """The moments of a line: a comma may stand within one moment, or between two."""
    try:
        return [read_one(line, today=today, now=now)]
    except (DateNotUnderstood, HourNotUnderstood):
        parts = [part for part in _BETWEEN.split(line) if part.strip()]
        if len(parts) == 1:
            raise
        return [read_one(part, today=today, now=now) for part in parts]


def read_one(written: str, *, today: date, now: datetime) -> datetime:
    """A moment as it may be named; raises as `read_moments`."""
    day, hour = read_moment(written.strip(), today=today)
    if hour is None:
        raise HourNotUnderstood
    return possible_moment(moment_at(day, hour, ZONE), now=now)


def propose(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    moments: Sequence[datetime],
    *,
    mode: str,
    place: str,
    now: datetime,
) -> SupervisionProposal:
    """The supervisor of a pair proposes times; the worker is asked, once for the newest.

    Raises NotThere, AlreadyBooked, ProposalNotClear, MomentNotPossible.
    """
    pair = pair_for(session, speaker, pair_id, now=now, lock=True)
    if pair.supervisor_id != speaker.person_id or mode not in MODES:
        raise NotThere
    if not 1 <= len(moments) <= MOST:
        raise ProposalNotClear
    if ahead := stored.ahead_of_pair(session, pair_id, now=now):
        raise AlreadyBooked(at=ahead[0].starts_at)
    for old in stored.proposals_of(session, pair_id, state=ASKED):
        old.state, old.answered_at = WITHDRAWN, now
        session.add(old)
    is_online = mode == ONLINE
    made = SupervisionProposal(
        bot=pair.bot,
        pair_id=pair_id,
        proposed_by=speaker.person_id,
        moments=[within(pair, possible_moment(moment, now=now)).isoformat() for moment in moments],
        mode=ONLINE if is_online else IN_PERSON,
        place=terms_of(session, pair.supervisor_id).place if is_online else usable_place(place),
        state=ASKED,
        asked_at=now,
    )
    session.add(made)
    session.flush()
    _write_down(session, speaker, made, "propose_supervision", now=now)
    _owe(session, made, pair.worker_id, now=now)
    return made


def answer(
    session: Session, speaker: Speaker, proposal_id: int, place: int | None, *, now: datetime
) -> SupervisionBooking | None:
    """The worker takes one of the times by its place, or (None) none; the supervisor is told.

    Raises NotThere, ProposalAnswered, AlreadyBooked, SlotTaken where it has gone meanwhile, after
    which the others can still be taken; MomentNotPossible when it is past.
    """
    found = stored.proposal(session, proposal_id)
    if found is None:
        raise NotThere
    pair = pair_for(session, speaker, found.pair_id, now=now, lock=True)
    found = stored.proposal(session, proposal_id, lock=True)
    if found is None or pair.worker_id != speaker.person_id:
        raise NotThere
    if found.state != ASKED:
        raise ProposalAnswered
    found.state, found.answered_at = (DECLINED if place is None else TAKEN), now
    session.add(found)
    session.flush()
    _write_down(session, speaker, found, f"proposal_{found.state}", now=now)
    if place is None:
        _owe(session, found, pair.supervisor_id, now=now)
        return None
    if not 0 <= place < len(found.moments):
        raise NotThere
    starts_at = possible_moment(datetime.fromisoformat(found.moments[place]), now=now)
    return make(session, speaker, pair, starts_at, mode=found.mode, place=found.place, now=now)


def withdraw(session: Session, speaker: Speaker, proposal_id: int, *, now: datetime) -> None:
    """The supervisor takes her times back while nobody answered; NotThere, ProposalAnswered."""
    found = stored.proposal(session, proposal_id, lock=True)
    if found is None or found.proposed_by != speaker.person_id:
        raise NotThere
    if found.state != ASKED:
        raise ProposalAnswered
    found.state, found.answered_at = WITHDRAWN, now
    session.add(found)
    session.flush()
    _write_down(session, speaker, found, "withdraw_supervision_proposal", now=now)


def shown(session: Session, speaker: Speaker, proposal_id: int) -> Proposed:
    """A proposal as either of the two sees it; raises NotThere."""
    found = stored.proposal(session, proposal_id)
    if found is None:
        raise NotThere
    pair = words.pair_with(session, speaker.person_id, found.pair_id)
    accompanies = pair.supervisor_id == speaker.person_id
    other = pair.worker_id if accompanies else pair.supervisor_id
    return Proposed(
        found.id or 0,
        tuple(datetime.fromisoformat(moment) for moment in found.moments),
        found.mode,
        found.place,
        found.state,
        names.names_of(session, [other]).get(other, ""),
    )


def _owe(session: Session, found: SupervisionProposal, person_id: int, *, now: datetime) -> None:
    words.owe(
        session,
        PROPOSAL,
        person_id,
        bot=found.bot,
        occasion=f"{found.id}:{found.state}",
        subject_id=found.id,
        urgency=FOLDABLE,
        due_at=now + TAKE_BACK,
        now=now,
    )


def _write_down(
    session: Session,
    speaker: Speaker,
    found: SupervisionProposal,
    action: str,
    *,
    now: datetime,
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_proposal",
        object_id=found.id,
        pair=found.pair_id,
        moments=found.moments,
    )


def _verdict(at: Now) -> Facts | NotWanted:
    found = stored.proposal(at.session, at.row.subject_id or 0)
    if found is None or f"{found.id}:{found.state}" != at.row.occasion:
        return NotWanted("proposal_answered")
    shown_now = shown(at.session, at.reader, found.id or 0)
    if found.state == ASKED and max(shown_now.moments) <= at.now:
        return NotWanted("proposal_over")
    return at.facts(proposed=shown_now)


NOTICES = (Told(PROPOSAL, _verdict),)
