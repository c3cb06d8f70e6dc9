"""Every button around trainings pressed, depth first, by whoever arranges, gives or attends one."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import Session

from bot.rehearsal.county import COUNTY
from curriculum import people, training_plans, training_seats, training_words
from curriculum.training_plans import Plan
from storage.people import unit_by_name
from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play
from tests.journeys.test_every_button import BUTTONS, Walk

pytestmark = pytest.mark.asyncio
REMINDERS = {"days": [7, 1], "late": "merge", "skip_after_hours": 10}
# The forms and lists of trainings, and what leads to them.
OURS = ("training", "form:training")
LIMIT = 250


def _seed(session: Session, *, bot: int, now: datetime) -> None:
    """One training that begins this morning and one of next month; the first has people on it."""
    chief = people.who(session, bot=bot, chat_id=COORDINATOR, now=now)
    learner = people.who(session, bot=bot, chat_id=LEARNER, now=now)
    assert chief is not None
    assert learner is not None
    (unit,) = unit_by_name(session, COUNTY)
    for days in (1, 30):
        first = (now + timedelta(days=days)).date()
        plan = Plan(
            unit_id=unit.id or 0,
            title="社工实务培训",
            place="三楼",
            organiser=COUNTY,
            places=5,
            deadline=first - timedelta(days=1),
            invited={"units": [unit.id], "cohorts": [], "roles": ["learner"]},
            periods=tuple(
                training_words.lay_out(
                    first,
                    1,
                    [(time(10, 0), 180), (time(15, 0), 180)],
                    [("接案", "德吉"), ("个案", "")],
                )
            ),
        )
        made = training_plans.create(session, chief, plan, reminders=REMINDERS, now=now)
        training_plans.publish(session, chief, made.event_id, seen=made.version, now=now)
        if days == 1:
            training_seats.register(session, learner, made.event_id, now=now)


class TrainingWalk(Walk):
    """A walk that stays with trainings."""

    async def through(self) -> None:
        """Type the word, then press what came and whatever of trainings that brings."""
        await self.play.say(self.user, "培训")
        while self.waiting and len(self.pressed) < LIMIT:
            message_id, data = self.waiting.pop()
            if data.startswith(OURS):
                await self._press(message_id, data)
                await self._answer_form()
        assert not self.waiting, f"more than {LIMIT} presses, lastly {self.pressed[-5:]}"


@pytest.mark.parametrize(
    ("user", "reached"),
    [
        (LEARNER, {"training_join", "training_why", "training_no", "training_calendar"}),
        (SUPERVISOR, {"training_rolls", "training_half", "training_call", "training_code"}),
        (
            COORDINATOR,
            {"training_manage", "training_list", "training_coverage", "training_keep"}
            | {"training_marks", "training_tick", "training_tick_all", "training_paper"},
        ),
    ],
)
async def test_every_button_of_a_training_leads_somewhere(
    morning: Play, user: int, reached: set[str]
) -> None:
    """Each tap is answered and shows something; six buttons at most and one row to move."""
    begun = datetime.combine(date(2026, 11, 24), time(13, 0), morning.running.clock.now().tzinfo)
    bot = morning.running.wuxue.bot.id
    await morning.running.wuxue.database.write(_seed, bot=bot, now=begun)
    walk = TrainingWalk(morning, user)
    with walk.watching():
        await walk.through()
    full = [
        [[button["text"] for button in row] for row in rows]
        for rows in walk.keyboards
        if sum(map(len, rows)) > BUTTONS and sum(map(len, rows[:-1])) > BUTTONS
    ]
    assert full == []
    assert reached - {data.split(":")[0] for data in walk.pressed} == set()
