"""Every button around visits pressed, depth first, by whoever arranges one or travels with it."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from bot.rehearsal.county import COUNTY
from curriculum import people, visit_changes, visit_people, visit_plans
from curriculum.visit_plans import Plan
from curriculum.visit_words import Official, StopPlan
from storage.people import unit_by_name
from tests.curriculum.visits import REMINDERS
from tests.journeys.conftest import COORDINATOR, LEARNER, Play
from tests.journeys.test_every_button import BUTTONS, Walk

pytestmark = pytest.mark.asyncio
# The forms and lists of visits, and what leads to them.
OURS = ("visit", "form:visit", "list_search:visit", "form:list_search")
LIMIT = 250


def _seed(session: Session, *, is_proposed: bool, bot: int, now: datetime) -> None:
    """A visit that is proposed, or one that begins tomorrow and has just changed."""
    chief = people.who(session, bot=bot, chat_id=COORDINATOR, now=now)
    learner = people.who(session, bot=bot, chat_id=LEARNER, now=now)
    assert chief is not None
    assert learner is not None
    (unit,) = unit_by_name(session, COUNTY)
    first = (now + timedelta(days=1)).date()
    plan = Plan(
        *(unit.id or 0, "赴拉萨交流", "看站点", COUNTY, first, first + timedelta(days=1)),
        stops=(StopPlan("城关区社工站", first, None, "座谈", "扎西", "0891-6322222"),),
        packing=("身份证",),
    )
    made = visit_plans.create(session, chief, plan, reminders=REMINDERS, now=now)
    visit_id = made.visit_id
    officials = [Official(f"索朗{number}", "副局长", "民政局", "") for number in range(7)]
    visit_people.add(session, chief, visit_id, [learner.person_id], now=now)
    visit_people.add_officials(session, chief, visit_id, officials, now=now)
    put = visit_plans.propose(session, chief, visit_id, seen=made.version, now=now)
    if not is_proposed:
        out = visit_plans.approve(session, chief, visit_id, seen=put.version, now=now)
        visit_changes.change(
            session, chief, visit_id, "title", "赴山南交流", seen=out.version, now=now
        )


class VisitWalk(Walk):
    """A walk that stays with visits."""

    async def through(self) -> None:
        """Type the word, then press what came and whatever of visits that brings."""
        await self.play.say(self.user, "参观")
        while self.waiting and len(self.pressed) < LIMIT:
            message_id, data = self.waiting.pop()
            if data.startswith(OURS):
                await self._press(message_id, data)
                await self._answer_form()
        assert not self.waiting, f"more than {LIMIT} presses, lastly {self.pressed[-5:]}"


@pytest.mark.parametrize(
    ("user", "is_proposed", "reached"),
    [
        (LEARNER, False, {"visit_go", "visit_why", "visit_no", "visit_seen", "visit_programme"}),
        (
            COORDINATOR,
            False,
            {"visit_manage", "visit_lists", "visit_list", "visit_line", "visit_say", "visit_told"}
            | {"visit_off", "visit_print", "visit_roster", "visit_keep", "visit_add"}
            | {"visit_change", "visit_cancel"},
        ),
        (COORDINATOR, True, {"visit_preview", "visit_approve", "visit_refuse"}),
    ],
)
async def test_every_button_of_a_visit_leads_somewhere(
    morning: Play, user: int, is_proposed: bool, reached: set[str]
) -> None:
    """Each tap is answered and shows something; six buttons at most and one row to move."""
    now, wuxue = morning.running.clock.now(), morning.running.wuxue
    await wuxue.database.write(_seed, is_proposed=is_proposed, bot=wuxue.bot.id, now=now)
    await morning.through(now + timedelta(minutes=2))
    walk = VisitWalk(morning, user)
    with walk.watching():
        await walk.through()
    full = [
        [[button["text"] for button in row] for row in rows]
        for rows in walk.keyboards
        if sum(map(len, rows)) > BUTTONS and sum(map(len, rows[:-1])) > BUTTONS
    ]
    assert full == []
    assert reached - {data.split(":")[0] for data in walk.pressed} == set()
