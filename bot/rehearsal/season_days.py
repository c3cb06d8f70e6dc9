"""One day of a season: midnight, the lessons' hours, and an evening in which people act."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from bot.rehearsal.rehearse import Rehearsal
from bot.rehearsal.season_crowd import (
    ANSWERS,
    BOTH,
    HABITS,
    PRESSES,
    Learner,
    Question,
    put_on_roster,
)
from bot.rehearsal.stored import StoredMessage
from curriculum.rhythm import WorkingCalendar, moment_at

DAWN, EVENING = clock_time(0, 10), clock_time(20, 30)
DAILY, MUST = "每日一学", "必学"
LEARNED, MORE_RECALL, CATCH_UP = "学完了", "再来一题", "补学"
LENGTHS = {"一周": 7, "两周": 14}
BLOCKS, BACK, PAUSES, RESUMES, CATCHES_UP, TOO_MUCH = 0.008, 0.3, 0.006, 0.2, 0.15, 0.1
LETTERS = "ABCDEFGHIJ"


class Days:
    """Plays days; everything people do goes through the stand-in server and the real bot."""

    def __init__(
        self,
        running: Rehearsal,
        crowd: Sequence[Learner],
        calendar: WorkingCalendar,
        asked: dict[str, Question],
        *,
        chance: random.Random,
        zone: str,
    ) -> None:
        self._running = running
        self._world = running.world
        self._crowd = crowd
        self._calendar = calendar
        self._asked = asked
        self._chance = chance
        self._zone = zone

    async def play(self, day: date) -> None:
        """From midnight to the evening's last tap."""
        running = self._running
        await running.hand_clock.through(moment_at(day, DAWN, self._zone))
        works = self._calendar.is_working(day)
        if works:
            for learner in self._joined():
                self._owe(learner, day)
        await running.hand_clock.through(moment_at(day, EVENING, self._zone))
        await self._come_back(day, works=works)
        if works:
            await self._learn(day)
            await self._recall(day)
        await self._catch_up(day)
        await self._pause(day)
        await self._join([one for one in self._crowd if one.joins_on == day and not one.joined])
        for learner in self._joined():
            if not learner.blocked and not learner.resting and self._luck(BLOCKS):
                self._world.block(learner.user_id)
                learner.blocked = True
        await running.settle()

    def _luck(self, share: float) -> bool:
        return self._chance.random() < share

    def _joined(self) -> list[Learner]:
        return [learner for learner in self._crowd if learner.joined]

    def _owe(self, learner: Learner, day: date) -> None:
        if learner.is_resting(day):
            learner.rested.add(day)
        elif learner.blocked:
            learner.away.add(day)
        else:
            learner.due.add(day)

    # --- joining, coming back

    async def join_all(self) -> None:
        """Everybody who begins with the season."""
        await self._join([one for one in self._crowd if one.joins_on <= self._crowd_start()])

    def _crowd_start(self) -> date:
        return min(learner.joins_on for learner in self._crowd)

    async def _join(self, learners: Sequence[Learner]) -> None:
        """Roster, link, 是, 中文, 同意, and her own hour where she wants one."""
        await put_on_roster(self._running, [one for one in learners if not one.token])
        for learner in learners:
            self._world.add_user(learner.user_id, learner.name)
            self._world.open_link(learner.user_id, learner.token)
        await self._running.settle()
        for label in ("是", "中文", "同意"):
            await self._tap(learners, label)
        choosing = [one for one in learners if one.own_hour]
        await self._say(choosing, "上课时间")
        for learner in choosing:
            self._press(learner, learner.own_hour or "")
        await self._running.settle()
        for learner in learners:
            learner.joined = True

    async def _come_back(self, day: date, *, works: bool) -> None:
        """Some let the bot in again, some end an open pause; both get today's lesson now."""
        back = []
        for learner in self._joined():
            if learner.blocked and self._luck(BACK):
                self._world.unblock(learner.user_id)
                learner.blocked = False
                back.append(learner)
            rest = learner.resting
            if rest is not None and rest[1] is not None and rest[1] <= day:
                learner.resting = None
        await self._running.settle()
        resuming = [
            one
            for one in self._joined()
            if one.resting
            and one.resting[1] is None
            and one.is_resting(day)
            and self._luck(RESUMES)
        ]
        await self._say(resuming, "恢复学习")
        for learner in resuming:
            learner.resting = None
            learner.rested.discard(day)
        if works:
            for learner in (*back, *resuming):
                learner.away.discard(day)
                learner.due.add(day)
                learner.late_on.add(day)

    async def _pause(self, day: date) -> None:
        """Some rest from tomorrow, for a week or two, or until they say so."""
        pausing = [
            one
            for one in self._joined()
            if not one.blocked and one.resting is None and self._luck(PAUSES)
        ]
        await self._say(pausing, "暂停")
        await self._tap(pausing, "明天起")
        for learner in pausing:
            length = self._chance.choice([*LENGTHS, "还没定"])
            self._press(learner, length)
            since = day + timedelta(days=1)
            back = since + timedelta(days=LENGTHS[length]) if length in LENGTHS else None
            learner.resting = (since, back)
            learner.pauses += 1
        await self._running.settle()

    # --- learning

    async def _learn(self, day: date) -> None:
        """Do with today's lesson what each tends to do, sometimes twice; musts are pressed."""
        for learner in self._joined():
            if learner.blocked:
                continue
            habit = self._chance.choices(HABITS, weights=learner.habits)[0]
            today = list(self._todays(learner, day))
            lesson = next((m for m in today if m.text.startswith(DAILY)), None)
            quiz = next((m for m in today if m.poll is not None and lesson is not None), None)
            if lesson is not None and habit in (PRESSES, BOTH):
                for _ in range(self._chance.choice((1, 1, 2))):
                    self._press_on(learner, lesson, LEARNED)
            if lesson is not None and quiz is not None and habit in (ANSWERS, BOTH):
                self._vote(learner, quiz)
            if lesson is not None and habit in (PRESSES, ANSWERS, BOTH):
                learner.recorded[day] += 1
            for must in today:
                if must.text.startswith(MUST) and self._press_on(learner, must, LEARNED):
                    learner.recorded[day] += 1
        await self._running.settle()

    def _vote(self, learner: Learner, quiz: StoredMessage) -> None:
        poll = quiz.json["poll"]
        right = quiz.poll.correct[0] if quiz.poll else 0
        lesson = self._asked[poll["question"]].lesson
        is_right = learner.memory.answers(lesson, self._running.clock.now())
        option = right if is_right else (right + 1) % len(poll["options"])
        self._world.vote(learner.user_id, poll["id"], [option])

    async def _recall(self, day: date) -> None:
        """再来一题 as often as the bot offers it, and now and then once more than that."""
        asking = [one for one in self._joined() if one.recalls and not one.blocked]
        while asking:
            pressed = []
            for learner in asking:
                message = self._with_button(learner, MORE_RECALL, day)
                if message is not None:
                    self._press_on(learner, message, MORE_RECALL)
                    pressed.append(learner)
            await self._running.settle()
            asking = [learner for learner in pressed if self._answer_recall(learner, day)]
            await self._running.settle()
        greedy = [one for one in self._joined() if not one.blocked and self._luck(TOO_MUCH)]
        await self._say(greedy, "复习")
        for learner in greedy:
            self._answer_recall(learner, day)
        await self._running.settle()

    def _answer_recall(self, learner: Learner, day: date) -> bool:
        """Answer the question that came, by what she truly remembers."""
        message = next(
            (m for m in self._todays(learner, day) if m.buttons and m.text.startswith("复习一题")),
            None,
        )
        if message is None or "A" not in [button["text"] for button in message.buttons]:
            return False
        question = next(
            (q for text, q in self._asked.items() if f"\n{text}\n" in f"{message.text}\n"), None
        )
        if question is None:
            return False
        now = self._running.clock.now()
        if learner.memory.knows(question.lesson):
            learner.chances.append(learner.memory.probability(question.lesson, now))
        is_right = learner.memory.answers(question.lesson, now)
        options = [button for button in message.buttons if button["text"] in LETTERS]
        chosen = question.answer if is_right else (question.answer + 1) % len(options)
        self._press_on(learner, message, LETTERS[chosen])
        return True

    async def _catch_up(self, day: date) -> None:
        """补学: one lesson at a time, read and pressed."""
        behind = [
            one
            for one in self._joined()
            if one.pauses and not one.blocked and one.resting is None and self._luck(CATCHES_UP)
        ]
        before = {one.user_id: len(self._world.messages(one.user_id)) for one in behind}
        await self._say(behind, CATCH_UP)
        for learner in behind:
            new = self._world.messages(learner.user_id)[before[learner.user_id] :]
            for message in new:
                if message.from_bot and self._press_on(learner, message, LEARNED):
                    learner.recorded[day] += 1
                    learner.caught_up += 1
        await self._running.settle()

    # --- hands

    async def _say(self, learners: Iterable[Learner], text: str) -> None:
        for learner in learners:
            self._world.say(learner.user_id, text)
        await self._running.settle()

    async def _tap(self, learners: Iterable[Learner], label: str) -> None:
        for learner in learners:
            self._press(learner, label)
        await self._running.settle()

    def _press(self, learner: Learner, label: str) -> None:
        """Press the newest button of this label; LookupError when there is none."""
        for message in reversed(self._world.messages(learner.user_id)):
            if self._press_on(learner, message, label):
                return
        raise LookupError(label)

    def _press_on(self, learner: Learner, message: StoredMessage, label: str) -> bool:
        for button in message.buttons:
            if button["text"] == label:
                self._world.press(
                    learner.user_id,
                    learner.user_id,
                    message.message_id,
                    data=button["callback_data"],
                )
                return True
        return False

    def _with_button(self, learner: Learner, label: str, day: date) -> StoredMessage | None:
        for message in self._todays(learner, day):
            if any(button["text"] == label for button in message.buttons):
                return message
        return None

    def _todays(self, learner: Learner, day: date) -> Iterable[StoredMessage]:
        """The day's messages of the bot, newest first."""
        zone = ZoneInfo(self._zone)
        for message in reversed(self._world.messages(learner.user_id)):
            if message.at.astimezone(zone).date() < day:
                return
            if message.from_bot:
                yield message
