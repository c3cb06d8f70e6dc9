"""What must hold when everything has settled; each sentence here is a promise of the README."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlmodel import select

from curriculum import daily_lesson
from curriculum.occasions import read_name
from storage.deliveries import (
    CLAIMED,
    EXPIRED,
    SENT,
    SKIPPED,
    WAITING,
    Delivery,
    SentMessage,
)
from storage.deliveries import Occasion as StoredOccasion
from tests.simulation.record import Accepted, Key
from tests.simulation.register import Learner, is_quiet, local
from tests.simulation.world import World

# Up and undisturbed for so long after something was due, it must have gone out.
CALM = timedelta(minutes=15)
# What a crash may repeat at most, in parts: a batch at 30 a second.
MOST_IN_FLIGHT = 10


def violations(world: World) -> list[str]:
    """Everything that went wrong; empty for a world that kept its promises."""
    return sorted(str(line) for line in _Judge(world).all())


class _Judge:
    """One world's tables beside its register and the stand-in's record."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.register = world.register
        self.rows, self.messages, self.occasions = world.database.read_now(
            lambda session: (
                list(session.exec(select(Delivery))),
                list(session.exec(select(SentMessage))),
                {row.local_date: row for row in session.exec(select(StoredOccasion))},
            )
        )
        self.recorded = {(m.chat_id, m.message_id) for m in self.messages}
        self.taken: dict[Key, list[Accepted]] = defaultdict(list)
        for accepted in world.stand_in.accepted:
            self.taken[accepted.key].append(accepted)
        self.lessons = {
            (row.person_id, read_name(row.occasion)[1]): row
            for row in self.rows
            if row.kind == daily_lesson.KIND
        }

    def all(self) -> Iterator[str]:
        """Every violation."""
        yield from self.planned()
        yield from self.closed()
        yield from self.record()
        yield from self.repeated()
        yield from self.hours()

    def planned(self) -> Iterator[str]:
        """Each working day is accounted for, and planned for exactly those it was for."""
        for day, page in self.register.days.items():
            if page.planned_at is None:
                continue
            stored = self.occasions.get(day)
            if stored is None:
                yield f"{day}: no trace of the day"
                continue
            if page.verdict not in ("planned", stored.state) and not page.is_held:
                yield f"{day}: {stored.state}, not {page.verdict}"
            for person_id in page.owed_to:
                if (person_id, day) not in self.lessons:
                    yield f"{day}: never planned for {person_id}"
        for person_id, day in self.lessons:
            learner = self.register.learners.get(person_id or 0)
            page = self.register.day(day)
            was_for = learner and (learner.since <= day)
            if page.planned_at is None or not was_for:
                yield f"{day}: planned for {person_id}, whom it was not for"

    def closed(self) -> Iterator[str]:
        """Nothing is left open, and whatever was not delivered says rightly why."""
        for row in self.rows:
            name = f"{row.kind} {row.occasion} to {row.recipient}"
            if row.status in (WAITING, CLAIMED):
                # A welcome for a pause that goes on may wait.
                if row.kind != daily_lesson.KIND and row.due_at > self.world.clock.now():
                    continue
                yield f"{name}: still {row.status} (due {row.due_at}, {row.error})"
            elif row.status == SENT:
                if row.lease_until is not None:
                    yield f"{name}: sent, yet leased"
            elif row.kind == daily_lesson.KIND and (why := self._unlike(row)):
                yield f"{name}: {row.status} {row.error}: {why}"

    def _unlike(self, row: Delivery) -> str | None:
        """Why a lesson should not have been closed like this, or None when it was right."""
        day = read_name(row.occasion)[1]
        learner = self.register.learners[row.person_id or 0]
        page = self.register.day(day)
        stand_in, label = self.world.stand_in, f"{row.kind}/{row.occasion}"
        if row.status == EXPIRED:
            return None if self._hours_changed(learner, day) else self._calm_chance(row)
        if row.status == SKIPPED:
            return {
                "held": None if page.is_held else "the day is not held",
                "left": None if learner.until else "she is still here",
                "left_unit": None,
                "paused": None
                if learner.was_ever_away(day, day + timedelta(days=14))
                else "she never paused",
                "unreachable": None
                if learner.chat_id in stand_in.ever_blocked
                else "she was there",
            }.get(row.error or "", "no reason that is known")
        if row.error == "unreachable":
            return None if learner.chat_id in stand_in.ever_blocked else "she was there"
        refused = stand_in.refusals[learner.chat_id, label, row.error or ""]
        if row.error == "refused":
            return None if refused else "the stand-in refused nothing"
        if row.error in ("gateway", "no_answer") and row.attempts >= 8:
            return None
        return f"given up after {row.attempts} attempts, {refused} refusals"

    def _calm_chance(self, row: Delivery) -> str | None:
        """An expired lesson never had a calm quarter of an hour in which to go out."""
        assert row.not_after is not None
        for since, until in self.world.up:
            begin, end = max(since, row.due_at), min(until, row.not_after)
            if end - begin >= CALM and not self._hindered(begin, end):
                return f"there was time for it, {begin:%d %H:%M} to {end:%d %H:%M}"
        return None

    def _hindered(self, begin: datetime, end: datetime) -> bool:
        return any(since < end and until > begin for since, until in self.world.outages)

    def _hours_changed(self, learner: Learner, day: date) -> bool:
        """Whether her hour or the day's changed that day: its row lived by more than one hour."""
        changes = [*learner.hours, *self.register.day(day).moves]
        return any(abs(local(at).date() - day) <= timedelta(days=1) for at, _ in changes)

    def record(self) -> Iterator[str]:
        """What is written down as sent is what the stand-in took, neither more nor less."""
        taken = {(a.key[0], a.message_id): a for a in self.world.stand_in.accepted}
        for chat_id, message_id in self.recorded - set(taken):
            yield f"message {message_id} to {chat_id} is written down and was never taken"
        for one, accepted in taken.items():
            is_written = one in self.recorded or any(
                # Of a part that arrived twice the first one known is written down.
                (twin.key[0], twin.message_id) in self.recorded
                for twin in self.taken[accepted.key]
            )
            if not is_written and not accepted.is_in_doubt:
                yield f"{accepted.key} was taken at {accepted.at} and is not written down"
        parts = defaultdict(set)
        for message in self.messages:
            parts[message.delivery_id].add(message.part)
        for row in self.rows:
            if row.status == SENT:
                expected = 2 if row.kind in daily_lesson.KINDS else 1
                if parts[row.id or 0] != set(range(expected)):
                    yield f"{row.kind} {row.occasion} to {row.recipient}: sent without its parts"

    def repeated(self) -> Iterator[str]:
        """Nothing came twice that the sender could have known to have arrived."""
        for key, taken in self.taken.items():
            for earlier in taken[:-1]:
                if not earlier.is_in_doubt:
                    yield f"{key} was sent again after {earlier.at}"
        for process in self.world.processes:
            struck = process.struck_at[-1:] if process.was_killed else []
            for at in struck:
                lost = [
                    a
                    for a in self.world.stand_in.accepted
                    if a.process is process
                    and at - timedelta(seconds=5) <= a.at
                    and (a.key[0], a.message_id) not in self.recorded
                ]
                if len(lost) > MOST_IN_FLIGHT:
                    yield f"{len(lost)} parts were in flight at the crash of {at}"

    def hours(self) -> Iterator[str]:
        """Nothing came before its hour, too late to begin with, or while people sleep."""
        by_chat = {x.chat_id: x for x in self.register.learners.values()}
        for accepted in self.world.stand_in.accepted:
            chat_id, label, part = accepted.key
            if is_quiet(accepted.at):
                yield f"{accepted.key} came at night, {accepted.at}"
            kind, _, occasion = label.partition("/")
            # A question follows its lesson whatever hour is chosen in between.
            if kind != daily_lesson.KIND or part or chat_id not in by_chat:
                continue
            learner, day = by_chat[chat_id], read_name(occasion)[1]
            if accepted.at < self.register.earliest(learner, day, accepted.at):
                yield f"{accepted.key} came before its hour, {accepted.at}"
