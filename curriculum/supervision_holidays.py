"""Sessions on days that became days off: the two are asked 照常 or 改时间, nothing is moved.

Where not both say so it stays as it is, and the supervisor hears of that before it.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from curriculum import supervision_words as words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import FOLDABLE, URGENT, Facts, NotWanted
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_notices import NEAR, view
from curriculum.supervision_words import TAKE_BACK, Now, Told
from storage import audit
from storage import supervision_bookings as booked
from storage import supervision_holidays as stored
from storage import supervision_pairs as stored_pairs
from storage.supervision_bookings import BOOKED, SupervisionBooking
from storage.supervision_holidays import SupervisionHoliday

HOLIDAY, HOLIDAY_OPEN = "supervision_holiday", "supervision_holiday_open"
ASKED, KEPT, WORKED = "asked", "kept", "worked"
RIGHT = "schedule"
# So long before a session its supervisor hears that not both have answered.
TOLD_OPEN = timedelta(hours=48)
_MIDNIGHT = datetime.min.time()


def affected(
    session: Session, speaker: Speaker, days: Collection[date], *, now: datetime
) -> list[SupervisionBooking]:
    """The sessions to come on these days, of workers whose calendar she sets; raises NotThere."""
    speaker.require(RIGHT)
    if not days:
        return []
    since, until = span_of(days, now=now)
    found = stored.booked_under(
        session, list(speaker.reach(RIGHT)), bot=speaker.bot, since=since, until=until
    )
    return [one for one in found if local_date(one.starts_at, ZONE) in days]


def span_of(days: Collection[date], *, now: datetime) -> tuple[datetime, datetime]:
    """From the first of these days, or from now, to the end of the last."""
    since = max(now, moment_at(min(days), _MIDNIGHT, ZONE))
    return since, moment_at(max(days) + timedelta(days=1), _MIDNIGHT, ZONE)


def count(session: Session, speaker: Speaker, days: Collection[date], *, now: datetime) -> int:
    """How many sessions lie on these days; raises NotThere."""
    return len(affected(session, speaker, days, now=now))


def ask(session: Session, speaker: Speaker, days: Collection[date], *, now: datetime) -> int:
    """Ask both of every session on these days, once; how many sessions. Raises NotThere."""
    asked = 0
    for booking in affected(session, speaker, days, now=now):
        row = stored.asked_of(session, booking)
        if row is not None and row.withdrawn_at is None:
            continue
        if row is None:
            day = local_date(booking.starts_at, ZONE)
            row = SupervisionHoliday(
                bot=booking.bot,
                booking_id=booking.id or 0,
                day=day,
                moves=booking.moves,
                asked_at=now,
            )
        row.asked_at = now
        row.withdrawn_at = row.told_open_at = None
        row.supervisor_keeps = row.worker_keeps = None
        session.add(row)
        session.flush()
        _write_down(session, speaker, row, "ask_supervision_holiday", now=now)
        _owe(session, row, booking, ASKED, now=now)
        asked += 1
    return asked


def answer(
    session: Session, speaker: Speaker, holiday_id: int, *, now: datetime
) -> SupervisionHoliday:
    """照常 by one of the two; by both it stays, and who said so first hears it.

    Raises NotThere; ChangedMeanwhile where it was moved, cancelled or has begun.
    """
    row = stored.asked(session, holiday_id)
    booking = booked.booking(session, row.booking_id) if row else None
    if row is None or booking is None:
        raise NotThere
    people = (booking.supervisor_id, booking.worker_id)
    if speaker.person_id not in people:
        raise NotThere
    stored_pairs.locked_people(session, people)
    session.refresh(row)
    session.refresh(booking)
    if row.withdrawn_at is not None or not _is_open(row, booking, now=now):
        raise ChangedMeanwhile
    is_supervisor = speaker.person_id == booking.supervisor_id
    if row.supervisor_keeps if is_supervisor else row.worker_keeps:
        return row
    if is_supervisor:
        row.supervisor_keeps = True
    else:
        row.worker_keeps = True
    session.add(row)
    _write_down(session, speaker, row, "keep_supervision_holiday", now=now)
    if row.supervisor_keeps and row.worker_keeps:
        _owe(session, row, booking, KEPT, now=now, without=speaker.person_id)
    return row


def _is_open(row: SupervisionHoliday, booking: SupervisionBooking, *, now: datetime) -> bool:
    return booking.state == BOOKED and booking.moves == row.moves and booking.starts_at > now


def withdraw(session: Session, speaker: Speaker, asked_at: datetime, *, now: datetime) -> None:
    """What was asked at a moment is no question: the days are worked after all.

    Who was told is told that.
    """
    rows = session.exec(
        select(SupervisionHoliday).where(
            SupervisionHoliday.bot == speaker.bot, SupervisionHoliday.asked_at == asked_at
        )
    ).all()
    for row in rows:
        if row.withdrawn_at is not None:
            continue
        booking = booked.booking(session, row.booking_id)
        row.withdrawn_at = now
        session.add(row)
        if booking is not None and words.is_told(session, HOLIDAY, _name(row, ASKED)):
            _owe(session, row, booking, WORKED, now=now)
        _write_down(session, speaker, row, "withdraw_supervision_holiday", now=now)


def _name(row: SupervisionHoliday, what: str) -> str:
    return f"{row.id}:{what}:{int(row.asked_at.timestamp())}"


def tell_open(session: Session, *, bot: int, now: datetime) -> int:
    """Tell supervisors of sessions on days off to which not both have said 照常; how many."""
    found = stored.open_before(session, bot=bot, now=now, until=now + TOLD_OPEN)
    for row, booking in found:
        # Nobody is hurried who was asked a moment ago.
        if now - row.asked_at < timedelta(hours=1):
            continue
        row.told_open_at = now
        session.add(row)
        words.owe(
            session,
            HOLIDAY_OPEN,
            booking.supervisor_id,
            bot=bot,
            occasion=str(row.id),
            subject_id=row.id,
            urgency=FOLDABLE,
            due_at=now,
            not_after=booking.starts_at,
            now=now,
        )
    session.flush()
    return len(found)


def _owe(
    session: Session,
    row: SupervisionHoliday,
    booking: SupervisionBooking,
    what: str,
    *,
    now: datetime,
    without: int | None = None,
) -> None:
    is_near = booking.starts_at - now < NEAR
    for person_id in (booking.supervisor_id, booking.worker_id):
        if person_id == without:
            continue
        words.owe(
            session,
            HOLIDAY,
            person_id,
            bot=row.bot,
            occasion=_name(row, what),
            subject_id=row.id,
            urgency=URGENT if is_near else FOLDABLE,
            due_at=now + TAKE_BACK,
            not_after=booking.starts_at,
            now=now,
        )


def _write_down(
    session: Session, speaker: Speaker, row: SupervisionHoliday, action: str, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_booking",
        object_id=row.booking_id,
        day=row.day.isoformat(),
    )


def _verdict(at: Now) -> Facts | NotWanted:
    row = stored.asked(at.session, at.row.subject_id or 0)
    booking = booked.booking(at.session, row.booking_id) if row else None
    if row is None or booking is None or not _is_open(row, booking, now=at.now):
        return NotWanted("booking_changed")
    what = at.row.occasion.split(":")[1]
    if at.row.occasion != _name(row, what) or (row.withdrawn_at is not None) != (what == WORKED):
        return NotWanted("withdrawn")
    if what == ASKED and row.supervisor_keeps and row.worker_keeps:
        return NotWanted("answered")
    return at.facts(
        holiday_id=row.id or 0,
        what=what,
        view=view(at.session, booking, at.reader.person_id, now=at.now),
    )


def _open_verdict(at: Now) -> Facts | NotWanted:
    row = stored.asked(at.session, at.row.subject_id or 0)
    booking = booked.booking(at.session, row.booking_id) if row else None
    if row is None or booking is None or not _is_open(row, booking, now=at.now):
        return NotWanted("booking_changed")
    if row.withdrawn_at is not None or (row.supervisor_keeps and row.worker_keeps):
        return NotWanted("answered")
    return at.facts(
        supervisor_keeps=bool(row.supervisor_keeps),
        worker_keeps=bool(row.worker_keeps),
        view=view(at.session, booking, at.reader.person_id, now=at.now),
    )


NOTICES = (Told(HOLIDAY, _verdict), Told(HOLIDAY_OPEN, _open_verdict))
