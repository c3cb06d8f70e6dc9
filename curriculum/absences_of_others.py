"""暂停学习 set or ended for somebody by whoever looks after her, and the message that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import absences, pauses_seen, people
from curriculum.absences import Away
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.people import LEARNER, ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.staffing import Target, person_to_change
from storage import absences as stored
from storage import deliveries
from storage import people as stored_people
from storage.absences import Absence
from storage.deliveries import Claimed

KIND = "pause_told"


def made_on(
    session: Session, speaker: Speaker, person_id: int, *, now: datetime
) -> tuple[str, str]:
    """The learner's name, and the pause (or none) that a change of it is made on; or NotThere."""
    target = _learner(session, speaker, person_id, now=now)
    standing = stored.present_or_coming(session, person_id, on=target.today)
    return target.person.name, pauses_seen.mark(standing)


def pause(
    session: Session,
    speaker: Speaker,
    person_id: int,
    *,
    mark: str,
    since: date,
    back: date | None,
    now: datetime,
) -> None:
    """Let a learner rest from `since` until `back`, her first day again (None: open).

    She is told. Raises NotThere, ChangedMeanwhile when her pause is another than `mark` by now,
    AbsenceNotClear.
    """
    _require_unchanged(session, speaker, person_id, mark, now=now)
    absence = absences.set_pause(
        session,
        person_id,
        bot=speaker.bot,
        since=since,
        back=back,
        set_by=speaker.person_id,
        now=now,
    )
    _owe_word(session, speaker, absence, now=now)


def resume(session: Session, speaker: Speaker, person_id: int, *, mark: str, now: datetime) -> None:
    """A learner is back from today, and told; NotThere, ChangedMeanwhile, NotAway."""
    _require_unchanged(session, speaker, person_id, mark, now=now)
    absence = absences.end_pause(session, person_id, ended_by=speaker.person_id, now=now)
    _owe_word(session, speaker, absence, now=now)


def _learner(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> Target:
    """A learner she may change, locked; only who learns can rest from it."""
    target = person_to_change(session, speaker, person_id, now=now)
    if not any(grant.role == LEARNER for grant in target.grants):
        raise NotThere
    return target


def _require_unchanged(
    session: Session, speaker: Speaker, person_id: int, mark: str, *, now: datetime
) -> None:
    target = _learner(session, speaker, person_id, now=now)
    standing = stored.present_or_coming(session, person_id, on=target.today)
    if pauses_seen.mark(standing) != mark:
        raise ChangedMeanwhile


def _occasion(absence: Absence) -> str:
    """What was done to a pause and when: another one as soon as it is changed again."""
    what, at = ("set", absence.set_at)
    if absence.ended_at is not None:
        what, at = ("ended", absence.ended_at)
    return f"{what}:{pauses_seen.mark(absence)}:{at.timestamp():.6f}"


def _owe_word(session: Session, speaker: Speaker, absence: Absence, *, now: datetime) -> None:
    """Tell her once; whoever did it for herself knows already."""
    person_id = absence.person_id
    account = stored_people.account_of(session, bot=speaker.bot, person_id=person_id)
    if account is None or person_id == speaker.person_id:
        return
    deliveries.add(
        session,
        bot=speaker.bot,
        kind=KIND,
        occasion=_occasion(absence),
        recipient=person_id,
        person_id=person_id,
        subject_id=absence.id,
        urgency=FOLDABLE,
        due_at=now,
        created_at=now,
    )


def line(facts: Facts) -> Mapping[str, Any] | None:
    """A pause as a line of the last lesson before it; 欢迎回来 has buttons and stays a message."""
    away = facts.values.get("away")
    return None if away is None else {"away": away}


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed word says, or that her pause is another one by now.

    Few pauses are set on one day, so each is asked for by itself.
    """
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _verdict(session: Session, row: Claimed, *, now: datetime) -> Verdict:
    absence, today = session.get(Absence, row.subject_id), local_date(now, ZONE)
    if absence is None or _occasion(absence) != row.occasion:
        return NotWanted("pause_changed")
    has_ended = absence.ended_at is not None
    if not has_ended and absence.until is not None and absence.until <= today:
        return NotWanted("pause_over")
    account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
    if account is None or not account.reachable:
        return NotWanted("unreachable")
    learner = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
    if learner is None:
        return NotWanted("left")
    return Facts(
        kind=KIND,
        chat_id=account.chat_id,
        language=learner.language,
        content_key=f"{KIND}/{row.id}/{now.isoformat()}",
        content_version=None,
        values=_return(session, learner, now=now) if has_ended else {"away": _away(absence)},
    )


def _away(absence: Absence) -> Away:
    last = absence.until - timedelta(days=1) if absence.until else None
    return Away(absence.since, last, absence.until)


def _return(session: Session, learner: Speaker, *, now: datetime) -> dict[str, object]:
    found = absences.welcome(session, learner, now=now)
    return {"back": asdict(found) | {"chosen": found.chosen}}
