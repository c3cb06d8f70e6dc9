"""Lists with more on them than one page shows: few buttons on each, and a way to everything."""

from datetime import datetime, time, timedelta

import pytest
from sqlmodel import Session

from bot.rehearsal import sample_supervision
from bot.rehearsal.county import COUNTY
from bot.rehearsal.sample_people import speaker
from curriculum import (
    duty,
    joining,
    supervision_pairs,
    supervision_queue,
    supervision_several,
    supervision_times,
    training_plans,
    training_words,
    visit_plans,
)
from curriculum.people import PRIVACY_VERSION, Speaker
from curriculum.people import SUPERVISOR as ACCOMPANIES
from curriculum.supervision_times import Terms
from curriculum.training_plans import Plan as TrainingPlan
from curriculum.visit_plans import Plan as VisitPlan
from curriculum.visit_words import StopPlan
from storage.people import unit_by_name
from storage.sealed import NoteKey
from tests.curriculum.visits import REMINDERS as OF_VISITS
from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play
from tests.journeys.test_training_buttons import REMINDERS as OF_TRAININGS

# The last of three pages is reached over one with both 上一页 and 下一页.
MANY = 13
CHATS = 5_300_000


def _join(session: Session, role: str, place: int, *, bot: int, now: datetime) -> Speaker:
    (unit,) = unit_by_name(session, COUNTY)
    invite = joining.make_invite(
        session, role=role, unit=unit, cohort=None, uses=1, created_by=None, now=now
    )
    return joining.enrol(
        session,
        token=invite.token,
        bot=bot,
        chat_id=CHATS + place,
        name=f"同事{place}",
        language="zh",
        privacy_version=PRIVACY_VERSION,
        now=now,
    )


def _seed(session: Session, *, bot: int, note_key: NoteKey, now: datetime) -> None:
    """More pairs, more who wait, more supervisors and more records than fit on two pages."""
    sample_supervision.set_up(session, bot=bot, note_key=note_key, now=now)
    chief, teacher, worker = (
        speaker(session, one, bot=bot, now=now) for one in (COORDINATOR, SUPERVISOR, LEARNER)
    )
    supervision_times.set_terms(session, teacher, Terms(hours_per_month=4), now=now)
    for place in range(MANY):
        _join(session, ACCOMPANIES, place, bot=bot, now=now)
        waits = _join(session, "learner", 100 + place, bot=bot, now=now)
        supervision_queue.wish(session, waits, wants=True, now=now)
        paired = _join(session, "learner", 200 + place, bot=bot, now=now)
        supervision_pairs.assign(
            session,
            chief,
            worker_id=paired.person_id,
            supervisor_id=teacher.person_id,
            every_months=1,
            mode=supervision_pairs.EITHER,
            last_day=None,
            now=now,
            is_told=False,
        )
        for who, form in ((teacher, "group"), (worker, "peer")):
            others = supervision_several.choices(session, who, form, now=now)
            supervision_several.begin(
                session, who, form, [next(iter(others))], note_key=note_key, now=now
            )


def _seed_plans(session: Session, *, bot: int, now: datetime) -> None:
    """More trainings and visits than two pages show, and as many on duty as there may be."""
    chief = speaker(session, COORDINATOR, bot=bot, now=now)
    (unit,) = unit_by_name(session, COUNTY)
    first, unit_id = (now + timedelta(days=30)).date(), unit.id or 0
    for _ in range(MANY):
        periods = training_words.lay_out(first, 1, [(time(10, 0), 180)], [("接案", "")])
        training = TrainingPlan(
            unit_id=unit_id,
            title="社工实务培训",
            place="三楼",
            organiser=COUNTY,
            places=5,
            deadline=first - timedelta(days=1),
            invited={"units": [unit_id], "cohorts": [], "roles": ["learner"]},
            periods=tuple(periods),
        )
        training_plans.create(session, chief, training, reminders=OF_TRAININGS, now=now)
        visit = VisitPlan(
            *(unit_id, "赴拉萨交流", "看站点", COUNTY, first, first),
            stops=(StopPlan("城关区社工站", first, None, "座谈", "扎西", "0891-6322222"),),
            packing=(),
        )
        visit_plans.create(session, chief, visit, reminders=OF_VISITS, now=now)
    for place in range(duty.ON_DUTY_AT_MOST):
        person_id = _join(session, ACCOMPANIES, place, bot=bot, now=now).person_id
        duty.put_on(session, chief, unit_id, person_id, now=now)


async def _second_and_last(play: Play, user: int, to_find: str = "") -> None:
    """Over the page that has both 上一页 and 下一页 to the last one."""
    await play.press(user, "下一页")
    assert {"上一页", "下一页"} < set(play.labels(user)), play.last(user)
    if to_find:
        assert to_find in play.labels(user)
    await play.press(user, "下一页")


@pytest.mark.asyncio
async def test_no_page_of_supervision_is_too_full_however_many_there_are(play: Play) -> None:
    """Six buttons and one row (looked at whenever a play runs); the rest is a press away."""
    wuxue = play.running.wuxue
    now = play.running.clock.now()
    await wuxue.database.write(_seed, bot=wuxue.bot.id, note_key=wuxue.note_key, now=now)

    await play.say(COORDINATOR, "督导")
    await _second_and_last(play, COORDINATOR, "结对")
    offered = ["找结对", "用表格", "等督导的", "时间够吗", "督导统计", "回到督导"]
    await play.press(COORDINATOR, "更多")
    assert play.labels(COORDINATOR) == offered
    for page in ("等督导的", "时间够吗"):
        await play.press(COORDINATOR, page)
        await _second_and_last(play, COORDINATOR, "回到督导")
        await play.press(COORDINATOR, "回到督导")
        await play.press(COORDINATOR, "更多")
    await play.press(COORDINATOR, "时间够吗")
    assert "人可以一起谈" in await play.press(COORDINATOR, "1")
    assert "一分钟后告诉德吉" in await play.press(COORDINATOR, "提议小组")
    assert play.labels(COORDINATOR) == ["撤销", "时间够吗"]
    assert "已撤销，没有告诉德吉" in await play.press(COORDINATOR, "撤销")
    assert play.labels(COORDINATOR) == ["提议小组", "时间够吗"]
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "更多")
    await play.press(COORDINATOR, "找结对")
    assert "找“同事”" in await play.say(COORDINATOR, "同事")
    await _second_and_last(play, COORDINATOR, "回到督导")

    await play.say(SUPERVISOR, "督导")
    await _second_and_last(play, SUPERVISOR, "我的时间")
    await play.press(SUPERVISOR, "更多")
    assert play.labels(SUPERVISOR) == ["督导记录", "小组督导", "我的出行", "回到督导"]
    await play.press(SUPERVISOR, "督导记录")
    await _second_and_last(play, SUPERVISOR, "回到督导")
    await play.press(SUPERVISOR, "回到督导")
    assert play.last(SUPERVISOR).startswith("我陪伴的同事")

    await play.say(LEARNER, "督导")
    await play.press(LEARNER, "督导记录")
    await play.press(LEARNER, "下一页")


@pytest.mark.asyncio
async def test_no_list_of_a_coordinator_is_too_full_however_long_it_is(play: Play) -> None:
    """Trainings, visits and the duty list: the same six and one row, and a form to fill in."""
    wuxue = play.running.wuxue
    now = play.running.clock.now()
    await wuxue.database.write(_seed_plans, bot=wuxue.bot.id, now=now)
    for word, new in (("培训", "办培训"), ("参观", "办参观")):
        await play.say(COORDINATOR, word)
        await _second_and_last(play, COORDINATOR, new)
        assert {"空白表格", new} < set(play.labels(COORDINATOR))
    await play.say(COORDINATOR, "/duty")
    assert sum(label.startswith("去掉") for label in play.labels(COORDINATOR)) == 4
    await play.press(COORDINATOR, "下一页")
    assert "去掉 同事7" in play.labels(COORDINATOR)
