"""Two sample visits: a batch that has come home, with its roll and log, and one about to leave."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.rehearsal.county import COUNTY
from bot.rehearsal.sample_people import COLLEAGUE_IDS, COORDINATOR, WORKER, speaker
from curriculum import (
    visit_answers,
    visit_log,
    visit_log_changes,
    visit_pages,
    visit_people,
    visit_plans,
    visit_return,
    visit_roll,
)
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.visit_log import NAMED, TEXT, UNNAMED, Words
from curriculum.visit_plans import Plan
from curriculum.visit_words import Official, StopPlan
from storage import visits as stored
from storage.deliveries import Delivery
from storage.people import unit_by_name
from storage.sealed import NoteKey
from storage.visits import COMING

REMINDERS = {"days": [7, 1], "hour": "08:00", "late": "merge", "skip_after_hours": 10}
PACKING = ("身份证", "笔记本和笔", "保暖衣服", "常用药")
# Both leave on a Tuesday: one so long ago that its first step is asked after within the
# week, the other when there is still time to answer.
TUESDAY = 1
AGO, AHEAD = timedelta(days=30), timedelta(days=20)
PLANNED = timedelta(days=12)
OFFICIALS = (
    Official("索朗", "副局长", "巴宜区民政局", "0894-5820001"),
    Official("央宗", "科长", "巴宜区民政局", "0894-5820002"),
)
# (which day, from when, where, what is done there, who receives them, the number to call)
PAST = (
    (0, time(10), "城关区社工站", "看值班和建档，座谈", "旺堆站长", "0891-6320001"),
    (1, time(9, 30), "拉萨市儿童福利院", "看小组活动", "边巴主任", "0891-6320002"),
    (1, time(15), "堆龙德庆区社工站", "座谈", "", ""),
)
COMING_STOPS = (
    (0, time(10, 30), "乃东区社工站", "看站点布置，座谈", "普布站长", "0893-7820001"),
    (0, time(15), "山南市养老院", "看老人活动", "", ""),
    (1, time(9, 30), "贡嘎县社工站", "看牧区怎么排班", "仓决站长", "0893-7820002"),
)
ENTRIES = (
    (0, "城关区社工站把值班表贴在门口，谁在、谁下乡，来的人一看就知道。"),
    (1, "小组活动开始前，每个孩子先说今天的心情，没有人被催着说。"),
)
BROUGHT = {
    visit_return.SAW: "站点门口有值班表，下乡的人写明几点回来。",
    visit_return.USE: "我们站也能贴一张，村里来的人不白跑。",
    visit_return.FIRST_STEP: "先在鲁朗镇社工站试排两周的值班表。",
}


def set_up(session: Session, *, bot: int, note_key: NoteKey, now: datetime) -> None:
    """Both visits of the sample county, by its coordinator, who is the only one to approve."""
    del note_key
    chief = speaker(session, COORDINATOR, bot=bot, now=now)
    workers = [speaker(session, one, bot=bot, now=now) for one in (WORKER, *COLLEAGUE_IDS)]
    _past(session, chief, workers, now=now)
    _coming(session, chief, workers, now=now)


def _tuesday(moment: datetime) -> date:
    """The first Tuesday from a moment on."""
    day = local_date(moment, ZONE)
    return day + timedelta(days=(TUESDAY - day.weekday()) % 7)


def _approved(
    session: Session,
    chief: Speaker,
    people: Sequence[Speaker],
    stops: Sequence[tuple[int, time, str, str, str, str]],
    *,
    title: str,
    aims: str,
    first: date,
    now: datetime,
) -> int:
    """A batch through form, list, proposal and approval at one moment; gives the visit."""
    (county,) = unit_by_name(session, COUNTY)
    plan = Plan(
        unit_id=county.id or 0,
        title=title,
        aims=aims,
        organiser=COUNTY,
        starts_on=first,
        ends_on=first + timedelta(days=max(day for day, *_ in stops)),
        stops=tuple(
            StopPlan(place, first + timedelta(days=day), at, programme, host, contact)
            for day, at, place, programme, host, contact in stops
        ),
        packing=PACKING,
    )
    made = visit_plans.create(session, chief, plan, reminders=REMINDERS, now=now)
    ids = [one.person_id for one in people]
    visit_people.add(session, chief, made.visit_id, ids, now=now)
    visit_people.add_officials(session, chief, made.visit_id, OFFICIALS, now=now)
    put = visit_plans.propose(session, chief, made.visit_id, seen=made.version, now=now)
    visit_plans.approve(session, chief, made.visit_id, seen=put.version, now=now)
    return made.visit_id


def _coming(session: Session, chief: Speaker, workers: Sequence[Speaker], *, now: datetime) -> None:
    """Approved just now; two travel, one cannot, the others and both officials have not said."""
    visit_id = _approved(
        session,
        chief,
        workers,
        COMING_STOPS,
        title="赴山南参观交流",
        aims="看牧区站点怎么排班、怎么入户",
        first=_tuesday(now + AHEAD),
        now=now,
    )
    for one in workers[1:3]:
        visit_answers.answer(session, one, visit_id, COMING, now=now)
    visit_answers.answer(
        session, workers[3], visit_id, stored.NOT_COMING, reason="on_leave", now=now
    )


def _past(session: Session, chief: Speaker, workers: Sequence[Speaker], *, now: datetime) -> None:
    """Home since; each step with the moment it was made at, the summary still to be written."""
    first = _tuesday(now - AGO)
    before = moment_at(first - PLANNED, time(10), ZONE)
    travellers = workers[:-1]
    visit_id = _approved(
        session,
        chief,
        travellers,
        PAST,
        title="赴拉萨参观交流",
        aims="看站点怎么值班、怎么建档",
        first=first,
        now=before,
    )
    # Whoever was invited then heard of it in its time.
    session.connection().execute(
        delete(Delivery).where(
            col(Delivery.kind) == visit_pages.KIND, col(Delivery.subject_id) == visit_id
        )
    )
    for one in travellers:
        visit_answers.answer(session, one, visit_id, COMING, now=before)
    for line in stored.people(session, visit_id):
        if line.person_id is None:
            visit_answers.answer_for(session, chief, visit_id, line.id or 0, COMING, now=before)
    _written(session, travellers, visit_id, first)
    last = first + timedelta(days=max(day for day, *_ in PAST))
    over = moment_at(last, time(18), ZONE)
    # The second official was called back after the first day.
    official = stored.people(session, visit_id)[-1].id or 0
    visit_roll.tick(session, chief, visit_id, official, day=last, now=over)
    visit_roll.confirm(session, chief, visit_id, evidence=visit_roll.ROLL_CALL, now=over)


def _written(session: Session, travellers: Sequence[Speaker], visit_id: int, first: date) -> None:
    """Two entries of the log, and what one of them brought home, all open to the summary."""
    named = (NAMED, UNNAMED)
    for author, (day, text), allowed in zip(travellers, ENTRIES, named, strict=False):
        on = first + timedelta(days=day)
        at = moment_at(on, time(20, 30), ZONE)
        entry = visit_log.write(session, author, visit_id, on, Words(TEXT, text), now=at)
        visit_log_changes.allow(session, author, entry.entry_id, allowed, now=at)
    author, home = travellers[0], moment_at(first + timedelta(days=2), time(11), ZONE)
    version = 0
    for part, text in BROUGHT.items():
        kept = visit_return.save(session, author, visit_id, part, text, version=version, now=home)
        version = kept.version
    visit_return.allow(session, author, kept.return_id, NAMED, now=home)
