"""再来一题: which learnt point is asked again, how often, and what the answer says of the memory.

Nobody but herself reads any of it (EXPERIENCE section 9): every function takes the speaker, and
nothing here reaches a record, a report or the audit trail. Titles of lessons that fade are all that
the brief of her own supervision says (curriculum/fading_lessons.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import lessons, memory
from curriculum.errors import NotThere
from curriculum.memory import Candidate, Memory
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from storage import absences, cohorts, people, turns_of_people
from storage import lessons as stored_lessons
from storage import recall as stored
from storage.recall import InMind, Put, RecallAsk

# The kinds of delivery that bring a lesson, with the lesson's id as their subject.
LESSON_KINDS = ("daily_lesson", "asked_lesson")
A_DAY, A_DAY_WHEN_BACK, BACK = 2, 5, timedelta(days=7)
# A second tap within this time of the question going out only points to it.
JUST_NOW = timedelta(seconds=30)
ASKED, OPEN, ENOUGH, NOTHING = "asked", "open", "enough", "nothing"


@dataclass(frozen=True, slots=True)
class Asked:
    """What 再来一题 leads to.

    `state`: asked (a new question), open (the one she has not answered yet, again), enough (the
    day's questions are used up), nothing (no lesson that could be asked). `values` are the
    question's, for asked and open; `is_just_asked` where it went out a moment ago.
    """

    state: str
    ask_id: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    is_just_asked: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """Her answer that counts, and whether another question may follow today."""

    ask_id: int
    chosen: int
    is_new: bool
    may_ask: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mind:
    """What somebody has learned and was asked, as it stands on a local date; read once, by `mind`.

    `lessons` by id, `asks` the questions that matter on the date, newest first.
    """

    person_id: int
    day: date
    midnight: datetime
    lessons: Mapping[int, InMind]
    asks: Sequence[Put]


@dataclass(frozen=True, slots=True)
class _Turn:
    """What can happen now: a state, and the open question or the lesson to ask."""

    state: str
    day: date
    open_ask: Put | None = None
    candidate: Candidate | None = None


def limit_on(day: date, *, back_since: date | None) -> int:
    """How many questions a day bears: two, and five in the first week after an absence.

    `back_since` is the first day back from the last absence that is over.
    """
    is_just_back = back_since is not None and back_since <= day < back_since + BACK
    return A_DAY_WHEN_BACK if is_just_back else A_DAY


def decide(
    candidates: Sequence[Candidate],
    open_ask: Put | None,
    *,
    used: int,
    limit: int,
    day: date,
    now: datetime,
) -> tuple[str, Candidate | None]:
    """What 再来一题 leads to, and the lesson for a new question.

    A question left open comes again before a new one is taken; on a later day it is one of that
    day's questions.
    """
    if open_ask is not None and open_ask.asked_on == day:
        return OPEN, None
    if used >= limit:
        return ENOUGH, None
    if open_ask is not None:
        return OPEN, None
    chosen = memory.weakest(candidates, now=now)
    return (NOTHING, None) if chosen is None else (ASKED, chosen)


def ask(session: Session, speaker: Speaker, *, now: datetime) -> Asked:
    """再来一题: one question, chosen and remembered as asked; nothing is ever asked unbidden."""
    if not speaker.may("learn"):
        return Asked(NOTHING)
    turns_of_people.take(session, speaker.person_id)
    turn, is_just_asked = _turn(session, mind(session, speaker, now=now), now=now), False
    if turn.state == ASKED and turn.candidate is not None:
        row = RecallAsk(
            person_id=speaker.person_id,
            lesson_id=turn.candidate.lesson_id,
            version_id=turn.candidate.version_id,
            asked_on=turn.day,
            asked_at=now,
            predicted=_prediction(turn.candidate, now=now),
        )
    elif turn.state == OPEN and turn.open_ask is not None and turn.candidate is not None:
        row = session.get_one(RecallAsk, turn.open_ask.ask_id)
        is_just_asked = row.asked_on == turn.day and now - row.asked_at < JUST_NOW
        if row.asked_on != turn.day:
            row.asked_on, row.asked_at = turn.day, now
            row.predicted = _prediction(turn.candidate, now=now)
    else:
        return Asked(turn.state)
    session.add(row)
    session.flush()
    return Asked(turn.state, row.id or 0, _values(session, speaker, row), is_just_asked)


def mind(session: Session, speaker: Speaker, *, now: datetime, zone: str | None = None) -> Mind:
    """Everything that decides on questions today; `zone` is her cohort's, where it is known."""
    zone = zone or _zone(session, speaker)
    day = local_date(now, zone)
    midnight = moment_at(day, time(), zone)
    lessons_of, asks = stored.in_mind(
        session, speaker.person_id, kinds=LESSON_KINDS, on=day, since=midnight
    )
    return Mind(speaker.person_id, day, midnight, lessons_of, asks)


def may_ask(session: Session, speaker: Speaker, *, now: datetime, held: Mind | None = None) -> bool:
    """Whether 再来一题 would bring a question now; `held` where it was read already."""
    if not speaker.may("learn"):
        return False
    held = held or mind(session, speaker, now=now)
    return _turn(session, held, now=now).state in (ASKED, OPEN)


def answer(
    session: Session, speaker: Speaker, *, ask_id: int, chosen: int, now: datetime
) -> Answered:
    """Take an answer, on whatever day it comes; the first one counts.

    Raises NotThere for a question that was not put to her, or an option it does not have. No row
    in the ledger and no minutes: the ledger counts lessons, and this lesson stands there already.
    """
    speaker.require("learn")
    turns_of_people.take(session, speaker.person_id)
    row = session.get(RecallAsk, ask_id)
    if row is None or row.person_id != speaker.person_id:
        raise NotThere
    values = _values(session, speaker, row)
    if not 0 <= chosen < len(values["question"]["options"]):
        raise NotThere
    held, is_new = mind(session, speaker, now=now), row.chosen is None
    if is_new:
        row.chosen, row.correct = chosen, chosen == values["question"]["answer"]
        row.answered_at = now
        session.add(row)
        held = remember(
            session,
            _with_answer(held, ask_id, chosen, at=now),
            lesson_id=row.lesson_id,
            version_id=row.version_id,
            correct=row.correct,
            now=now,
        )
        session.flush()
    counted = chosen if row.chosen is None else row.chosen
    return Answered(ask_id, counted, is_new, may_ask(session, speaker, now=now, held=held), values)


def _with_answer(held: Mind, ask_id: int, chosen: int, *, at: datetime) -> Mind:
    answered = (
        replace(one, chosen=chosen, answered_at=at) if one.ask_id == ask_id else one
        for one in held.asks
    )
    return replace(held, asks=tuple(answered))


def remember(
    session: Session,
    held: Mind,
    *,
    lesson_id: int,
    version_id: int,
    correct: bool,
    now: datetime,
) -> Mind:
    """Let an answer to a lesson's check question shape its card: right is Good, wrong is Again.

    Returns what she has in mind now. An answer to a question that has since been changed says
    nothing about the one that stands now, and a card of a changed question begins anew.
    """
    turns_of_people.take(session, held.person_id)
    lesson = held.lessons[lesson_id]
    current = lesson.current_version_id or 0
    remembered = current if lesson.card_version_id is None else lesson.card_version_id
    versions = {version_id, current, remembered}
    words = stored.questions(session, versions) if len(versions) > 1 else {}
    if not _is_same(words, version_id, current):
        return held
    before = _memory(lesson) if _is_same(words, remembered, current) else None
    after = memory.reviewed(before, correct=correct, at=now)
    stored.keep(session, lesson, person_id=held.person_id, version_id=current, **asdict(after))
    # Answered today, it is not asked any more today.
    answered = replace(lesson, may_be_asked=False)
    return replace(held, lessons={**held.lessons, lesson_id: answered})


def _turn(session: Session, held: Mind, *, now: datetime) -> _Turn:
    asks, day, midnight = held.asks, held.day, held.midnight
    # One asked yesterday and answered today is one of today's too.
    used = sum(
        row.asked_on == day or (row.answered_at is not None and row.answered_at >= midnight)
        for row in asks
    )
    limit = A_DAY
    if used >= limit:
        # Only then does it matter whether she came back from an absence this week.
        limit = limit_on(day, back_since=absences.back_since(session, held.person_id, on=day))
    is_any_open = any(row.chosen is None for row in asks)
    if used >= limit and not is_any_open:
        return _Turn(ENOUGH, day)
    candidates, words = _candidates(session, held)
    open_ask = next(
        (
            row
            for row in asks
            if row.chosen is None
            and row.lesson_id in candidates
            and _is_same(words, row.version_id, candidates[row.lesson_id].version_id)
        ),
        None,
    )
    state, chosen = decide(
        list(candidates.values()), open_ask, used=used, limit=limit, day=day, now=now
    )
    if state == OPEN and open_ask is not None:
        chosen = candidates[open_ask.lesson_id]
    return _Turn(state, day, open_ask, chosen)


def _candidates(
    session: Session, held: Mind
) -> tuple[dict[int, Candidate], Mapping[int, dict[str, Any]]]:
    """What may be asked by lesson, and the questions of all versions that had to be compared."""
    rows = [row for row in held.lessons.values() if row.may_be_asked]
    current = {row.lesson_id: row.current_version_id or 0 for row in rows}
    compared = [(row.lesson_id, row.card_version_id) for row in rows if row.card_version_id]
    compared += [(row.lesson_id, row.version_id) for row in held.asks if row.chosen is None]
    changed = {
        version
        for lesson_id, version_id in compared
        if version_id != current.get(lesson_id, version_id)
        for version in (version_id, current[lesson_id])
    }
    words = stored.questions(session, changed) if changed else {}
    found = {}
    for row in rows:
        remembered = None
        version_id = current[row.lesson_id]
        if row.card_version_id and _is_same(words, row.card_version_id, version_id):
            remembered = _memory(row)
        since = row.received_at or row.last_review_at or held.midnight
        found[row.lesson_id] = Candidate(row.lesson_id, version_id, since, remembered)
    return found, words


def _is_same(words: Mapping[int, dict[str, Any]], one: int, other: int) -> bool:
    """Whether two versions ask the same; another explanation changes nothing to remember."""
    if one == other:
        return True
    asked, asks = words.get(one, {}), words.get(other, {})
    return all(asked.get(part) == asks.get(part) for part in ("text", "options", "answer"))


def _memory(card: InMind) -> Memory | None:
    if card.state is None or card.due_at is None:
        return None
    return Memory(card.state, card.stability, card.difficulty, card.due_at, card.last_review_at)


def _prediction(candidate: Candidate, *, now: datetime) -> float | None:
    if candidate.memory is None or candidate.memory.last_review_at is None:
        return None
    return memory.retrievability(candidate.memory, at=now)


def _zone(session: Session, speaker: Speaker) -> str:
    """The zone of the cohort whose day is her day: the first one, as for 今天."""
    return cohorts.zone_of(session, speaker.person_id, bot=speaker.bot) or ZONE


def _values(session: Session, speaker: Speaker, row: RecallAsk) -> dict[str, Any]:
    """A question as template values, in the language its reader learns in."""
    reader = session.get_one(people.Person, speaker.person_id)
    contents = stored_lessons.contents(session, {row.version_id})
    content = lessons.for_reader(contents, row.version_id, reader.content_language)
    if content is None:
        raise NotThere
    return {
        "number": content.code.lstrip("0"),
        "title": content.title,
        "question": content.question,
    }
