"""Sessions with several workers: a supervisor's group, and peers of a unit among themselves."""

import re
from datetime import datetime

from sqlmodel import Session

from curriculum import supervision_lists as lists
from curriculum.clean_text import clean
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.records import OFFLINE, ONLINE
from curriculum.rhythm import local_date
from curriculum.supervision_errors import RecordPeopleNotClear
from curriculum.supervision_held_groups import held
from curriculum.supervision_pairs import IN_PERSON, one_named
from curriculum.supervision_records import add
from curriculum.supervision_texts import ACTIONS
from curriculum.supervision_times import terms_of
from storage import supervision_held as stored
from storage.sealed import NoteKey
from storage.supervision_pairs import locked_people
from storage.supervision_records import DRAFT, GROUP, PEER, SupervisionRecord

MOST = 12
_BETWEEN = re.compile(r"[、,，;；\s]+")
PEER_MINUTES = 60


def choices(session: Session, speaker: Speaker, form: str, *, now: datetime) -> dict[int, str]:
    """Whom she may name, by id: those she accompanies, or her unit's other workers.

    Raises NotThere.
    """
    if form == GROUP:
        speaker.require("supervise")
        return {row.worker_id: row.worker for row in lists.accompanied(session, speaker, now=now)}
    if form != PEER or speaker.unit_id is None:
        raise NotThere
    speaker.require("be_supervised")
    found = stored.colleagues(session, speaker.unit_id, on=local_date(now, ZONE))
    return {person_id: name for person_id, name in found if person_id != speaker.person_id}


def named(
    session: Session, speaker: Speaker, form: str, written: str, *, now: datetime
) -> dict[int, str]:
    """The people whom these words name; raises NotThere, PersonNotClear, RecordPeopleNotClear."""
    may_be = choices(session, speaker, form, now=now)
    ids = [one_named(may_be, word) for word in _BETWEEN.split(clean(written).strip()) if word]
    least = 2 if form == GROUP else 1
    if not least <= len(ids) <= MOST or len(set(ids)) < len(ids):
        raise RecordPeopleNotClear(limit=MOST)
    return {person_id: may_be[person_id] for person_id in ids}


def begin(
    session: Session,
    speaker: Speaker,
    form: str,
    person_ids: list[int],
    *,
    note_key: NoteKey,
    now: datetime,
    group_id: int | None = None,
) -> int:
    """Begin the record of such a session with these people; gives its id. Raises NotThere.

    One of a session that was set (`group_id`) has its date and length from there; what is written
    of it already is gone on with. Raises ChangedMeanwhile before it began.
    """
    may_be = choices(session, speaker, form, now=now)
    if not person_ids or not set(person_ids) <= may_be.keys():
        raise NotThere
    is_group = form == GROUP
    pairs = {
        row.worker_id: row.pair_id
        for row in (lists.accompanied(session, speaker, now=now) if is_group else ())
    }
    minutes = terms_of(session, speaker.person_id).minutes if is_group else PEER_MINUTES
    day, mode = local_date(now, ZONE), ONLINE if is_group else OFFLINE
    if is_group and group_id is not None:
        # Who presses twice writes once.
        locked_people(session, [speaker.person_id])
        met = held(session, speaker, group_id, now=now)
        if met.record_id is not None:
            return met.record_id
        minutes, day = met.minutes, local_date(met.starts_at, ZONE)
        mode = OFFLINE if met.mode == IN_PERSON else ONLINE
    record = SupervisionRecord(
        bot=speaker.bot,
        form=form,
        supervisor_id=speaker.person_id if is_group else None,
        unit_id=None if is_group else speaker.unit_id,
        occurred_on=day,
        minutes=minutes,
        counted_minutes=minutes,
        mode=mode,
        functions=[],
        state=DRAFT,
        version=1,
        written_by=speaker.person_id,
        changed_at=now,
        created_at=now,
    )
    ids = person_ids if is_group else [speaker.person_id, *person_ids]
    workers = {person_id: pairs.get(person_id) for person_id in ids}
    add(session, speaker, record, workers, {ACTIONS: []}, note_key=note_key, now=now)
    return record.id or 0
