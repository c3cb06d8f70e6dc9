"""Sample sessions of supervision: what was recorded, agreed and noted of earlier ones, one booked.

All of it goes through the rules of a real one, at the times at which it would have happened.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from curriculum import (
    supervision_booking,
    supervision_confirming,
    supervision_free,
    supervision_notes,
    supervision_record_view,
    supervision_records,
    supervision_sealing,
    supervision_submitting,
)
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_words import RECORD, UNDO
from storage.deliveries import Delivery
from storage.sealed import NoteKey

# How long ago each session was, and when its record was handed on and confirmed after it.
FIRST_AGO, VISIT_AGO, SECOND_AGO = timedelta(days=96), timedelta(days=40), timedelta(days=26)
WRITTEN_AFTER, CONFIRMED_AFTER = timedelta(days=1), timedelta(hours=15)
# What was agreed for a fortnight is done; one action of the newest comes due soon.
DUE_AFTER, DUE_IN = timedelta(days=14), timedelta(days=3)
# The coming session is not tomorrow yet.
BOOKED_IN = timedelta(days=2)
FIRST = """时长：60
方式：线上
功能：教育、支持
情况：接手家访三个月，记录常常拖到周末写
困难：不知道一次家访要记多少
建议：回到站里先写三句话：看到什么、听到什么、下一步
行动：社工 {due} 试写两份家访记录，已做完"""
SECOND = """时长：60
方式：线上
功能：教育、支持
情况：家访记录能当天写完了，写得比以前清楚
困难：遇到不愿意谈的家庭，不知道怎样开口
不足：还没有和同事一起去过
建议：先谈日常生活，不急着谈问题；下次请同事一起去
行动：社工 {due} 和同事一起家访一次"""
VISIT = """时长：90
方式：线下
功能：行政、支持
情况：一个人值守，事情多，排不出家访的时间
建议：每周固定半天出去，先和站长说好
行动：督导者 {due} 和站长谈一次排班，已做完"""
REFLECTION = "先谈日常这一条很有用，我试了一次。"
NOTE = "下次一起看一份家访记录，看看三句话够不够。"


@dataclass(frozen=True, slots=True)
class Two:
    """A supervisor and one of her workers, of whom there are records."""

    pair_id: int
    teacher: Speaker
    worker: Speaker


def set_up(session: Session, first: Two, visited: Two, *, note_key: NoteKey, now: datetime) -> None:
    """Two records, a note and a booked session of the first two; one record of the others."""
    today = local_date(now, ZONE)
    _handed_on(session, first, FIRST, today - FIRST_AGO, note_key=note_key)
    record_id = _handed_on(session, visited, VISIT, today - VISIT_AGO, note_key=note_key)
    _confirmed(session, visited, record_id, today - VISIT_AGO, note_key=note_key)
    day = today - SECOND_AGO
    record_id = _handed_on(session, first, SECOND, day, today + DUE_IN, note_key=note_key)
    _confirmed(session, first, record_id, day, REFLECTION, note_key=note_key)
    supervision_notes.write(
        session,
        first.teacher,
        first.pair_id,
        NOTE,
        is_shared=True,
        note_key=note_key,
        now=_evening(day),
    )
    # Who was told of a record heard of it in its time.
    session.connection().execute(delete(Delivery).where(col(Delivery.kind) == RECORD))
    _book(session, first, now=now)


def _evening(day: date) -> datetime:
    return moment_at(day, time(18), ZONE)


def _handed_on(
    session: Session,
    two: Two,
    words: str,
    day: date,
    due_on: date | None = None,
    *,
    note_key: NoteKey,
) -> int:
    """A record as its supervisor filled it in and handed it on; whatever waited long is sealed."""
    due_on = due_on or day + DUE_AFTER
    form = f"日期：{day.isoformat()}\n" + words.format(due=due_on.isoformat())
    at, teacher = _evening(day) + WRITTEN_AFTER, two.teacher
    supervision_sealing.settle(session, bot=teacher.bot, now=at)
    record_id = supervision_records.begin(
        session, teacher, two.pair_id, None, note_key=note_key, now=at
    )
    supervision_records.save_written(
        session, teacher, record_id, form, "", note_key=note_key, now=at
    )
    seen = _version(session, teacher, record_id, note_key=note_key, now=at)
    supervision_submitting.submit(session, teacher, record_id, seen=seen, note_key=note_key, now=at)
    return record_id


def _version(
    session: Session, reader: Speaker, record_id: int, *, note_key: NoteKey, now: datetime
) -> int:
    """The record as somebody has it before her when she presses."""
    return supervision_record_view.view(
        session, reader, record_id, note_key=note_key, now=now
    ).version


def _confirmed(
    session: Session,
    two: Two,
    record_id: int,
    day: date,
    reflection: str = "",
    *,
    note_key: NoteKey,
) -> None:
    """The worker confirms the morning after, with a reflection if she wrote one; it is sealed."""
    at = _evening(day) + WRITTEN_AFTER + CONFIRMED_AFTER
    if reflection:
        supervision_confirming.reflect(
            session, two.worker, record_id, reflection, note_key=note_key, now=at
        )
    seen = _version(session, two.worker, record_id, note_key=note_key, now=at)
    supervision_confirming.confirm(session, two.worker, record_id, seen=seen, now=at)
    supervision_sealing.settle(session, bot=two.worker.bot, now=at + 2 * UNDO)


def _book(session: Session, two: Two, *, now: datetime) -> None:
    """The worker books the first free time that is not tomorrow yet; her supervisor is told."""
    slots = supervision_free.free_slots(session, two.worker, two.pair_id, now=now)
    ahead = [slot.starts_at for slot in slots if slot.starts_at - now > BOOKED_IN]
    supervision_booking.book(session, two.worker, two.pair_id, ahead[0], now=now)
