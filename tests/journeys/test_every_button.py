"""Every button of every role pressed, depth first: no bug, no dead end, no keyboard too full."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlmodel import Session

from bot.rehearsal.county import COUNTY
from bot.rehearsal.stored import Event, Json, StoredMessage
from curriculum import joining
from storage.people import unit_by_name
from tests.journeys.conftest import (
    BUTTONS,
    COORDINATOR,
    LEARNER,
    STRANGER,
    SUPERVISOR,
    Play,
    too_full,
)

# Two of each kind of button: the third lesson of a list leads where the first two do.
OF_A_KIND = 2
# A walk that goes on beyond this opens ever new kinds of buttons.
LIMIT = 700
# The usual words, and one that is none of them; what they bring is pressed afterwards.
WORDS = ("您好", "今天", "我的", "帮助", "再来一题", "更多", "提问")
# Typed where a form waits for words: a colleague's name, so that something is found.
TYPED = "扎西"
# Withdrawing consent and being forgotten end everything else, so they are pressed last.
LAST = ("consent:", "forget:", "forget_for:")
__all__ = ["BUTTONS", "Walk"]
NO_USE = re.compile("已经用不上了|没有找到，或者您看不到它|no longer in use|not yours to see")


@dataclass
class Walk:
    """One person's chat as it is walked; `waiting` are (message, what its button carries)."""

    play: Play
    user: int
    keyboards: list[list[list[Json]]] = field(default_factory=list)
    waiting: list[tuple[int, str]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    pressed: list[str] = field(default_factory=list)
    is_moved: bool = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See every keyboard as it arrives, also those that an edit replaces later."""
        for message in self.play.said(self.user):
            self._take(message)
        self.play.world.listeners.append(self._saw)
        try:
            yield
        finally:  # the stage is kept when the play ends, and a listener cannot be
            self.play.world.listeners.remove(self._saw)

    def _saw(self, event: Event) -> None:
        if event.chat_id == self.user and event.kind in ("message", "edited", "toast"):
            self.is_moved = True
            if event.message is not None and event.message.from_bot:
                self._take(event.message)

    def _take(self, message: StoredMessage) -> None:
        """Note a keyboard, and put its new buttons before all that wait, the first one first."""
        if not message.inline_keyboard:
            return
        self.keyboards.append(message.inline_keyboard)
        fresh: list[tuple[int, str]] = []
        for data in (button["callback_data"] for button in message.buttons if _calls(button)):
            kind = re.sub(r"\d+", "#", data)
            self.kinds[kind] += 1
            if self.kinds[kind] <= OF_A_KIND:
                fresh.insert(0, (message.message_id, data))
        last = [one for one in fresh if one[1].startswith(LAST)]
        self.waiting = [*last, *self.waiting, *(one for one in fresh if one not in last)]

    async def through(self) -> None:
        """Type the usual words, then press what came and whatever that brings, to the end."""
        for text in WORDS:
            await self.play.say(self.user, text)
        while self.waiting and len(self.pressed) < LIMIT:
            await self._press(*self.waiting.pop())
            await self._answer_form()
        assert not self.waiting, f"more than {LIMIT} presses, lastly {self.pressed[-5:]}"

    async def _press(self, message_id: int, data: str) -> None:
        """Press, as a phone does that may show an older state: an answer, and something seen."""
        world, self.is_moved = self.play.world, False
        message = world.message(self.user, message_id)
        stands = message is not None and any(
            b.get("callback_data") == data for b in message.buttons
        )
        is_newest = stands and message is self.play.said(self.user)[-1]
        toasts, calls = len(world.toasts(self.user)), len(world.sent_log)
        world.forge_callback(self.user, self.user, message_id, data)
        await self.play.settle()
        self.pressed.append(data)
        methods = [sent.method for sent in world.sent_log[calls:]]
        assert "answerCallbackQuery" in methods, f"{data}: the phone goes on waiting"
        assert self.is_moved or not stands, f"{data}: nothing came of it"
        for toast in world.toasts(self.user)[toasts:]:
            assert not (is_newest and NO_USE.search(toast.text)), f"{data}: {toast.text}"

    async def _answer_form(self) -> None:
        """Give the form whose step stands newest its words, once for each thing it asks."""
        newest = self.play.said(self.user)[-1]
        heading = newest.text.split("\n")[0]
        is_form = any(b["callback_data"].startswith("form:") for b in newest.buttons if _calls(b))
        if is_form and heading not in self.asked:
            self.asked.add(heading)
            await self.play.say(self.user, TYPED)


def _calls(button: Json) -> bool:
    return "callback_data" in button


def _invite(session: Session, role: str, *, now: datetime) -> str:
    (unit,) = unit_by_name(session, COUNTY)
    return joining.make_invite(
        session, role=role, unit=unit, cohort=None, uses=1, created_by=None, now=now
    ).token


async def _enrol(play: Play, role: str) -> int:
    """Somebody new, in English, of a role that the sample county has nobody of."""
    now = play.running.clock.now()
    token = await play.running.wuxue.database.write(_invite, role, now=now)
    await play.open(STRANGER, token)
    for label in ("English", "I agree"):
        await play.press(STRANGER, label)
    await play.say(STRANGER, "次珍")
    await play.press(STRANGER, "Yes")
    return STRANGER


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("role", "reached"),
    [
        ("learner", {"learned", "option", "lesson", "library", "pause", "ask"}),
        ("supervisor", {"library", "more"}),
        (
            "coordinator",
            {"schedule", "occasion", "arrival", "records", "records_as", "statistics", "person"}
            | {"leave", "rename", "unit", "work_group", "unlink"},
        ),
        ("observer", set()),
        ("administrator", {"person", "unit", "roles", "leave"}),
    ],
)
async def test_every_button_leads_somewhere_and_no_keyboard_is_too_full(
    morning: Play, role: str, reached: set[str]
) -> None:
    """Each tap is answered and shows something; six buttons at most and one row to move."""
    own = {"learner": LEARNER, "supervisor": SUPERVISOR, "coordinator": COORDINATOR}
    walk = Walk(morning, own[role] if role in own else await _enrol(morning, role))
    with walk.watching():
        await walk.through()
    assert [rows for rows in walk.keyboards if too_full(rows)] == []
    reached |= {"open", "form", "consent"}
    assert reached - {data.split(":")[0] for data in walk.pressed} == set()
