"""Pairs of a supervisor and a worker: assigned, agreed upon and ended by a coordinator.

Frequency is agreed for each pair, every three months unless said otherwise (EXPERIENCE section 8).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlmodel import Session

from curriculum import supervision_words
from curriculum.clean_text import clean
from curriculum.directory import folded
from curriculum.errors import ChangedMeanwhile, NotThere, PersonNotClear
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import PairEndNotPossible, PairStands, SupervisionUndoTooLate
from curriculum.supervision_pair_words import occasion_of, owe
from curriculum.supervision_pairing import supervisors_for, unit_of
from curriculum.supervision_words import PAIR, UNDO
from storage import audit
from storage import supervision_pairs as stored
from storage import supervision_wishes as wishes
from storage.directory import rows_of
from storage.supervision_pairs import SupervisionPair

ONLINE, IN_PERSON, EITHER = "online", "in_person", "either"
MODES = (ONLINE, IN_PERSON, EITHER)
FREQUENCIES = (1, 2, 3, 6)
DEFAULT_MONTHS = 3
# Whoever is newly paired should meet soon, however seldom they meet later.
FIRST_WITHIN_MONTHS = 1
LONGEST = timedelta(days=3 * 366)
# How the trail calls the ending of a pair.
END = "end_supervision"


def months_on(day: date, months: int) -> date:
    """The same day so many months later, the last of a shorter month."""
    return day + relativedelta(months=months)


def due_of(pair: SupervisionPair) -> date:
    """By which local date its next session should be."""
    if pair.last_on is None:
        return months_on(pair.since, min(FIRST_WITHIN_MONTHS, pair.every_months))
    return months_on(pair.last_on, pair.every_months)


def one_named(names: Mapping[int, str], written: str) -> int:
    """Of these people the one of this name, or whose name alone holds it; raises PersonNotClear."""
    looked_for = folded(" ".join(clean(written).split()))
    same = [person_id for person_id, name in names.items() if folded(name) == looked_for]
    found = same or [i for i, name in names.items() if looked_for and looked_for in folded(name)]
    if len(found) != 1:
        raise PersonNotClear(count=len(found))
    return found[0]


def usable_end(until: date | None, *, today: date) -> date | None:
    """The last day of a pair as it may be set; raises PairEndNotPossible."""
    if until is not None and not today < until <= today + LONGEST:
        raise PairEndNotPossible
    return until


def assign(
    session: Session,
    speaker: Speaker,
    *,
    worker_id: int,
    supervisor_id: int,
    every_months: int,
    mode: str,
    last_day: date | None,
    now: datetime,
    since: date | None = None,
    is_told: bool = True,
) -> SupervisionPair:
    """Make two people a pair from today, or a later date, until `last_day` where it is known.

    Both are told. Raises NotThere, NoSupervisor, PairStands, PairEndNotPossible.
    """
    today = local_date(now, ZONE)
    names = {one.person_id: one for one in supervisors_for(session, speaker, worker_id, now=now)}
    if supervisor_id not in names or every_months not in FREQUENCIES or mode not in MODES:
        raise NotThere
    last_day = usable_end(last_day, today=today)
    _make_room(session, speaker, worker_id, supervisor_id, names[supervisor_id].name, now=now)
    made = SupervisionPair(
        bot=speaker.bot,
        supervisor_id=supervisor_id,
        worker_id=worker_id,
        since=since or today,
        until=last_day + timedelta(days=1) if last_day else None,
        every_months=every_months,
        mode=mode,
        due_on=today,
        version=1,
        changed_by=speaker.person_id,
        changed_at=now,
        created_at=now,
    )
    made.due_on = due_of(made)
    session.add(made)
    session.flush()
    wishes.end(session, bot=made.bot, worker_id=worker_id, by=speaker.person_id, now=now)
    write_down(session, speaker, "pair_supervision", made, now=now)
    if is_told:
        owe(session, PAIR, made, now=now)
    return made


def _make_room(
    session: Session,
    speaker: Speaker,
    worker_id: int,
    supervisor_id: int,
    supervisor: str,
    *,
    now: datetime,
) -> None:
    """One pair of the same two that is over by its date is closed; one that stands is no news."""
    # Two who pair the same two at once come after one another here.
    stored.locked_people(session, [worker_id, supervisor_id])
    old = stored.open_between(
        session, bot=speaker.bot, supervisor_id=supervisor_id, worker_id=worker_id
    )
    if old is None:
        return
    if old.until is None or old.until > local_date(now, ZONE):
        worker = rows_of(session, [worker_id], bot=speaker.bot)[0].name
        raise PairStands(supervisor=supervisor, worker=worker)
    old.ended_at = now
    session.add(old)
    session.flush()


def end(
    session: Session, speaker: Speaker, pair_id: int, *, seen: int, now: datetime
) -> SupervisionPair:
    """End a pair today; both are told. What they have booked is called off ten minutes later.

    Raises NotThere, ChangedMeanwhile.
    """
    pair = to_change(session, speaker, pair_id, seen=seen)
    # Until when it was to hold anyway: taken back, it holds as long again.
    until = pair.until.isoformat() if pair.until is not None else None
    pair.until, pair.ended_at = max(pair.since, local_date(now, ZONE)), now
    changed(session, speaker, pair, END, now=now, until=until)
    owe(session, PAIR, pair, now=now)
    return pair


def set_frequency(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    every_months: int,
    *,
    seen: int,
    now: datetime,
) -> None:
    """Agree on another frequency; raises NotThere, ChangedMeanwhile."""
    if every_months not in FREQUENCIES:
        raise NotThere
    pair = to_change(session, speaker, pair_id, seen=seen)
    pair.every_months = every_months
    pair.due_on = due_of(pair)
    changed(session, speaker, pair, "set_supervision_frequency", now=now)


def take_back(
    session: Session, speaker: Speaker, pair_id: int, *, seen: int, now: datetime
) -> None:
    """撤销 of an assignment or an ending, for ten minutes, by whoever did it.

    Who was told already is told again. Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate.
    """
    pair = stored.pair(session, pair_id, lock=True)
    if pair is None or pair.changed_by != speaker.person_id:
        raise NotThere
    unit_of(session, speaker, pair.worker_id)
    if pair.version != seen:
        raise ChangedMeanwhile
    if now - pair.changed_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    was_told = supervision_words.is_told(session, PAIR, occasion_of(pair))
    if pair.ended_at is None:
        pair.until, pair.ended_at = pair.since, now
        wishes.reopen(session, bot=pair.bot, worker_id=pair.worker_id, ended_at=pair.created_at)
    else:
        other = stored.open_between(
            session, bot=pair.bot, supervisor_id=pair.supervisor_id, worker_id=pair.worker_id
        )
        if other is not None:
            raise ChangedMeanwhile
        pair.until, pair.ended_at = _until_before(session, pair), None
    changed(session, speaker, pair, "undo_supervision_pair", now=now)
    if was_told:
        owe(session, PAIR, pair, now=now)


def _until_before(session: Session, pair: SupervisionPair) -> date | None:
    """Until when a pair was to hold before it was ended, the first date without it."""
    entry = audit.last(
        session, object_kind="supervision_pair", object_id=pair.id or 0, actions=(END,)
    )
    until = entry.facts.get("until") if entry is not None else None
    return date.fromisoformat(until) if until else None


def ask_for_another(
    session: Session, speaker: Speaker, pair_id: int, *, wants: bool, now: datetime
) -> None:
    """换督导: a worker privately asks for somebody else, or takes that back; her coordinator sees.

    The supervisor is not told. Raises NotThere.
    """
    pair = stored.pair(session, pair_id, lock=True)
    if pair is None or pair.worker_id != speaker.person_id or pair.ended_at is not None:
        raise NotThere
    pair.change_asked_at = now if wants else None
    session.add(pair)
    session.flush()
    action = "ask_other_supervisor" if wants else "take_back_other_supervisor"
    write_down(session, speaker, action, pair, now=now)


def to_change(session: Session, speaker: Speaker, pair_id: int, *, seen: int) -> SupervisionPair:
    """A pair that stands, locked, as she saw it; raises NotThere, ChangedMeanwhile."""
    pair = stored.pair(session, pair_id, lock=True)
    if pair is None:
        raise NotThere
    unit_of(session, speaker, pair.worker_id)
    if pair.version != seen or pair.ended_at is not None:
        raise ChangedMeanwhile
    return pair


def changed(
    session: Session,
    speaker: Speaker,
    pair: SupervisionPair,
    action: str,
    *,
    now: datetime,
    **facts: str | None,
) -> None:
    """Store what was changed in a pair: another version, by whom, and the act in the trail."""
    pair.version += 1
    pair.changed_by, pair.changed_at = speaker.person_id, now
    session.add(pair)
    session.flush()
    write_down(session, speaker, action, pair, now=now, **facts)


def write_down(
    session: Session,
    speaker: Speaker,
    action: str,
    pair: SupervisionPair,
    *,
    now: datetime,
    **facts: str | None,
) -> None:
    """Keep in the audit trail what was done to a pair: ids and codes only."""
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_pair",
        object_id=pair.id,
        supervisor=pair.supervisor_id,
        worker=pair.worker_id,
        every_months=pair.every_months,
        mode=pair.mode,
        **facts,
    )
