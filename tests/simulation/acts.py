"""What people do meanwhile, through the real rules: join, leave, pause, choose hours, move days."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from sqlmodel import Session

from curriculum import absences, leaving, people, preferences, rearranging, schedule
from curriculum.errors import Refusal
from curriculum.people import Speaker
from storage.engine import Database
from tests.county import BOT, County, join
from tests.simulation.record import StandIn
from tests.simulation.register import Day, Learner, Register, is_quiet, local, moment

T = TypeVar("T")
HOURS = (time(9, 0), time(10, 0), time(12, 0), time(15, 30), time(18, 0), time(21, 0))


class Acts:
    """The people of a cohort; each act is done for real and noted in the register."""

    def __init__(
        self,
        database: Database,
        county: County,
        register: Register,
        stand_in: StandIn,
        random: Random,
    ) -> None:
        self._database = database
        self._county = county
        self._register = register
        self._stand_in = stand_in
        self._random = random
        self._speakers = {s.person_id: s for s in county.learners}
        self._next_chat = 5000

    def any(self, now: datetime) -> None:
        """One act of somebody; what the rules refuse is not noted."""
        act: Callable[[datetime], None] = self._random.choice(
            (
                self.joins,
                self.leaves,
                self.pauses,
                self.resumes,
                self.own_hour,
                self.own_hour,
                self.unblocks,
                self.day_changed,
                self.day_changed,
            )
        )
        try:
            act(now)
        except Refusal:
            return

    def joins(self, now: datetime) -> None:
        """A new colleague."""
        self._next_chat += 1
        speaker = self._write(
            lambda session: join(
                session, self._county, chat_id=self._next_chat, name="新人", now=now
            )
        )
        self._speakers[speaker.person_id] = speaker
        self._register.learners[speaker.person_id] = Learner(
            speaker.person_id, speaker.chat_id, local(now).date()
        )

    def leaves(self, now: datetime) -> None:
        """Somebody's access ends."""
        learner = self._somebody()
        assert self._county.coordinator is not None
        self._database.write_now(
            leaving.deactivate, self._county.coordinator, learner.person_id, now=now
        )
        learner.until = local(now).date()

    def pauses(self, now: datetime) -> None:
        """Some days of rest."""
        learner, today = self._somebody(), local(now).date()
        if learner.away is not None and (learner.away[1] is None or learner.away[1] > today):
            return
        since = today + timedelta(days=self._random.randint(0, 3))
        back = self._random.choice((None, since + timedelta(days=self._random.randint(1, 4))))
        speaker = self._speaker(learner)
        self._write(lambda s: absences.pause(s, speaker, since=since, back=back, now=now))
        learner.away = (since, back)
        learner.ever_away.append((since, back))

    def resumes(self, now: datetime) -> None:
        """Back from a pause."""
        resting = [x for x in self._here() if x.away is not None]
        if not resting:
            return
        learner = self._random.choice(resting)
        speaker = self._speaker(learner)
        self._write(lambda s: absences.resume(s, speaker, now=now))
        assert learner.away is not None
        learner.away = (learner.away[0], max(learner.away[0], local(now).date()))

    def own_hour(self, now: datetime) -> None:
        """An hour of her own, or the cohort's again."""
        learner = self._somebody()
        hour = self._random.choice((None, *HOURS))
        speaker = self._speaker(learner)
        self._write(lambda s: preferences.set_own_hour(s, speaker, hour=hour, now=now))
        learner.hours.append((now, hour))

    def unblocks(self, now: datetime) -> None:
        """Somebody who had blocked the bot is there again."""
        if not self._stand_in.blocked:
            return
        chat = self._random.choice(sorted(self._stand_in.blocked))
        self._stand_in.blocked.discard(chat)
        self._write(
            lambda s: people.set_reachable(
                s, bot=BOT, chat_id=chat, reachable=True, reason=None, now=now
            )
        )

    def blocks(self) -> None:
        """Somebody blocks the bot; it learns that when it next writes."""
        chat = self._somebody().chat_id
        self._stand_in.blocked.add(chat)
        self._stand_in.ever_blocked.add(chat)

    def day_changed(self, now: datetime) -> None:
        """A coordinator holds a day, moves it, or lets it go out as usual."""
        day = local(now).date() + timedelta(days=self._random.randint(0, 3))
        change = self._random.choice((self._hold, self._move, self._as_usual))
        change(day, self._register.day(day), now)

    def _hold(self, day: date, page: Day, now: datetime) -> None:
        self._rearrange(rearranging.hold, day, now)
        page.is_held = True

    def _move(self, day: date, page: Day, now: datetime) -> None:
        hour = self._random.choice(HOURS)
        if is_quiet(moment(day, hour)):
            return
        self._rearrange(rearranging.move, day, now, hour)
        page.moves.append((now, hour))
        self._goes_out(day, page)

    def _as_usual(self, day: date, page: Day, now: datetime) -> None:
        self._rearrange(rearranging.as_usual, day, now)
        page.moves.append((now, None))
        self._goes_out(day, page)

    def _goes_out(self, day: date, page: Day) -> None:
        page.is_held = False
        if self._register.watermark >= day:
            page.verdict = "planned"
            self._register.owe(day)

    def _rearrange(
        self, change: Callable[..., object], day: date, now: datetime, *values: object
    ) -> None:
        speaker, name = self._county.coordinator, f"{self._county.cohort.id}:{day.isoformat()}"

        def act(session: Session) -> None:
            assert speaker is not None
            seen = schedule.detail(session, speaker, name, now=now).entry.mark
            change(session, speaker, name, *values, seen=seen, now=now)

        self._write(act)

    def _write(self, act: Callable[[Session], T]) -> T:
        return self._database.write_now(act)

    def _here(self) -> list[Learner]:
        return [x for x in self._register.learners.values() if x.until is None]

    def _somebody(self) -> Learner:
        return self._random.choice(self._here())

    def _speaker(self, learner: Learner) -> Speaker:
        return self._speakers[learner.person_id]
