"""What a season came to, held against what should have been: every difference is named."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.rehearsal.rehearse import Rehearsal
from bot.rehearsal.season_crowd import COHORTS, FIRST_ACCOUNT, Learner
from bot.rehearsal.season_days import DAILY
from curriculum import cohorts, records
from curriculum.absences import WELCOME
from curriculum.daily_lesson import ASKED, KIND, MUST
from curriculum.recall import A_DAY, A_DAY_WHEN_BACK, BACK
from curriculum.records import Period, Scope
from storage import recall
from storage.absences import Absence
from storage.cohorts import Cohort
from storage.deliveries import CLAIMED, FAILED, WAITING, Delivery, Occasion
from storage.lessons import Lesson
from storage.people import ChatAccount
from storage.recall import RecallAsk

# What a person may hear in a day and a week without having asked (EXPERIENCE section 1).
SOUNDS_A_DAY, SOUNDS_A_WEEK = 3, 12
QUIET_FROM, QUIET_TO = clock_time(21, 30), clock_time(9)
BANDS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Band:
    """Recall questions whose predicted chance lay between two bounds, and how they went."""

    low: float
    high: float
    asked: int
    predicted: float
    right: float


@dataclass(frozen=True, slots=True)
class Recalled:
    """Recall over the season: bands of prediction, and means over all of them.

    `true_chance` is what the simulated memories held; `kept_with` and `kept_without` are the
    shares of asked-about lessons still known at the end, by those who used recall and the others.
    """

    asked: int
    most_a_day: int
    bands: tuple[Band, ...]
    predicted: float
    right: float
    true_chance: float
    kept_with: float
    kept_without: float


@dataclass(frozen=True, slots=True)
class Stored:
    """What the bot's database holds at the end, by account."""

    records: Counter[tuple[int, date]]
    musts: dict[int, list[tuple[date, str]]]
    taught_musts: dict[int, dict[str, date]]
    daily: dict[int, list[int]]
    asks: Counter[tuple[int, date]]
    backs: dict[int, list[date]]
    failed: list[str]
    predictions: list[tuple[float, bool]]


def read(session: Session, zone: str) -> Stored:
    """Everything to be counted, in a fixed number of queries."""
    accounts = {account.person_id: account.chat_id for account in session.exec(select(ChatAccount))}
    period = Period(date(2000, 1, 1), date(2100, 1, 1))
    by_name = {f"学员{chat - FIRST_ACCOUNT + 1}": chat for chat in accounts.values()}
    written = Counter(
        (by_name[row.person_name], row.occurred_on)
        for row in records.rows(session, Scope(0, "/", ""), period)
        if row.person_name in by_name
    )
    lessons = {lesson.id: lesson for lesson in session.exec(select(Lesson))}
    musts: dict[int, list[tuple[date, str]]] = defaultdict(list)
    daily: dict[int, list[int]] = defaultdict(list)
    failed = []
    for row in session.exec(select(Delivery).order_by(col(Delivery.due_at), col(Delivery.id))):
        chat = accounts.get(row.person_id or 0)
        lesson = lessons.get(row.subject_id)
        if row.status in (WAITING, CLAIMED) and row.due_at <= _end(session):
            failed.append(f"delivery {row.id} ({row.kind}) is still {row.status}")
        if row.status == FAILED and row.error != "blocked":
            failed.append(f"delivery {row.id} ({row.kind}) failed: {row.error}")
        if chat is None or lesson is None or row.sent_at is None or row.kind == WELCOME:
            continue
        if row.kind == KIND:
            daily[chat].append(lesson.position)
        elif row.kind == ASKED and MUST in row.occasion:
            musts[chat].append((row.sent_at.astimezone(ZoneInfo(zone)).date(), lesson.code))
    return Stored(
        records=written,
        musts=musts,
        taught_musts=_taught_musts(session, lessons),
        daily=daily,
        asks=Counter(
            (accounts[ask.person_id], ask.asked_on)
            for ask in session.exec(select(RecallAsk))
            if ask.person_id in accounts
        ),
        backs=_backs(session, accounts),
        failed=failed,
        predictions=list(recall.predictions(session)),
    )


def _end(session: Session) -> datetime:
    """The last moment at which anything was planned: what is due later may well be waiting."""
    last = session.exec(select(Occasion.created_at).order_by(col(Occasion.id).desc())).first()
    return last or datetime.min.replace(tzinfo=UTC)


def _taught_musts(
    session: Session, lessons: dict[int | None, Lesson]
) -> dict[int, dict[str, date]]:
    """Per cohort of the season (by its place): each must and the day it was first taught."""
    places = {name: number for number, (name, _, _) in enumerate(COHORTS)}
    of_cohort = {
        cohort.id: places[cohort.name]
        for cohort in session.exec(select(Cohort))
        if cohort.name in places
    }
    taught: dict[int, dict[str, date]] = defaultdict(dict)
    for occasion in session.exec(select(Occasion).order_by(col(Occasion.local_date))):
        lesson = lessons.get(occasion.lesson_id)
        if lesson is not None and lesson.is_essential and occasion.cohort_id in of_cohort:
            taught[of_cohort[occasion.cohort_id]].setdefault(lesson.code, occasion.local_date)
    return taught


def _backs(session: Session, accounts: dict[int, int]) -> dict[int, list[date]]:
    backs: dict[int, list[date]] = defaultdict(list)
    for absence in session.exec(select(Absence)):
        if absence.until is not None and absence.person_id in accounts:
            backs[accounts[absence.person_id]].append(absence.until)
    return backs


def arrivals(running: Rehearsal, zone: str) -> dict[tuple[int, date], list[clock_time]]:
    """When daily lessons reached each chat on each local day, by the server's own log."""
    local = ZoneInfo(zone)
    found: dict[tuple[int, date], list[clock_time]] = defaultdict(list)
    for sent in running.world.sent_log:
        if (
            sent.method == "sendMessage"
            and sent.chat_id is not None
            and sent.message is not None
            and sent.message.text.startswith(DAILY)
        ):
            at = sent.at.astimezone(local)
            found[sent.chat_id, at.date()].append(at.time())
    return found


def differences(
    crowd: Sequence[Learner],
    season: Sequence[date],
    arrived: dict[tuple[int, date], list[clock_time]],
    stored: Stored,
    *,
    lessons: int,
) -> list[str]:
    """Everything that is not as it should be, in words; empty when all is well."""
    wrong = list(stored.failed)
    for learner in crowd:
        user = learner.user_id
        for day in season:
            hours = arrived.get((user, day), [])
            if len(hours) != int(day in learner.due):
                wrong.append(f"{day} {user}: {len(hours)} lessons, not {int(day in learner.due)}")
            wrong += _bad_hours(learner, day, hours)
            if stored.records[user, day] != learner.recorded[day]:
                wrong.append(
                    f"{day} {user}: {stored.records[user, day]} records, "
                    f"not {learner.recorded[day]}"
                )
            limit = A_DAY_WHEN_BACK if _just_back(stored.backs.get(user, []), day) else A_DAY
            if stored.asks[user, day] > limit:
                wrong.append(f"{day} {user}: {stored.asks[user, day]} recall questions")
        wrong += _bad_sounds(learner, season, arrived, stored)
        wrong += _bad_musts(learner, season, stored)
        if COHORTS[learner.cohort][1] == cohorts.OWN:
            expected = [place % lessons for place in range(len(stored.daily.get(user, [])))]
            if stored.daily.get(user, []) != expected:
                wrong.append(f"{user}: lessons out of order on her own path")
    return wrong


def _bad_hours(learner: Learner, day: date, hours: Sequence[clock_time]) -> list[str]:
    """A lesson comes at her hour, or in the evening she was back; never in the quiet hours."""
    return [
        f"{day} {learner.user_id}: a lesson at {at:%H:%M}, not {learner.hour:%H:%M}"
        for at in hours
        if (day not in learner.late_on and at.replace(second=0, microsecond=0) != learner.hour)
        or not QUIET_TO <= at < QUIET_FROM
    ]


def _just_back(backs: Sequence[date], day: date) -> bool:
    return any(back <= day < back + BACK for back in backs)


def _bad_sounds(
    learner: Learner,
    season: Sequence[date],
    arrived: dict[tuple[int, date], list[clock_time]],
    stored: Stored,
) -> list[str]:
    """Lessons and musts are what she hears unasked."""
    heard = Counter(day for day, _ in stored.musts.get(learner.user_id, []))
    for day in season:
        heard[day] += len(arrived.get((learner.user_id, day), []))
    weeks = Counter[date]()
    for day, count in heard.items():
        weeks[day - timedelta(days=day.weekday())] += count
    return [
        f"{day} {learner.user_id}: {count} sounding messages in a day"
        for day, count in heard.items()
        if count > SOUNDS_A_DAY
    ] + [
        f"{day} {learner.user_id}: {count} sounding messages in a week"
        for day, count in weeks.items()
        if count > SOUNDS_A_WEEK
    ]


def _bad_musts(learner: Learner, season: Sequence[date], stored: Stored) -> list[str]:
    """Whoever came after a must was taught gets it once, one a day; the others get none."""
    got = stored.musts.get(learner.user_id, [])
    wrong = []
    if len({code for _, code in got}) != len(got):
        wrong.append(f"{learner.user_id}: a must came twice")
    if len({day for day, _ in got}) != len(got):
        wrong.append(f"{learner.user_id}: two musts on one day")
    is_together = COHORTS[learner.cohort][1] == cohorts.TOGETHER
    taught = stored.taught_musts.get(learner.cohort, {}) if is_together else {}
    wanted = {code for code, day in taught.items() if day <= learner.joins_on and learner.joined}
    if not {code for _, code in got} <= wanted:
        wrong.append(f"{learner.user_id}: a must she was there for")
    days_left = sum(day in learner.due for day in season if day > learner.joins_on)
    if days_left > 2 * len(wanted) and {code for _, code in got} != wanted:
        wrong.append(f"{learner.user_id}: musts {sorted(wanted)} wanted, {sorted(got)} came")
    return wrong


def recalled(crowd: Sequence[Learner], stored: Stored, now: datetime) -> Recalled:
    """How recall went, and how well FSRS foresaw it."""
    told = stored.predictions
    bands = []
    for low, high in pairwise(BANDS):
        inside = [one for one in told if low <= one[0] < high or (high == one[0] == 1.0)]
        if inside:
            bands.append(Band(low, high, len(inside), _mean(inside, 0), _mean(inside, 1)))
    chances = [chance for learner in crowd for chance in learner.chances]
    return Recalled(
        asked=stored.asks.total(),
        most_a_day=max(stored.asks.values(), default=0),
        bands=tuple(bands),
        predicted=_mean(told, 0),
        right=_mean(told, 1),
        true_chance=sum(chances) / len(chances) if chances else 0.0,
        kept_with=_kept([one for one in crowd if one.recalls], now),
        kept_without=_kept([one for one in crowd if not one.recalls], now),
    )


def _mean(rows: Sequence[tuple[float, bool]], place: int) -> float:
    return sum(float(row[place]) for row in rows) / len(rows) if rows else 0.0


def _kept(crowd: Sequence[Learner], now: datetime) -> float:
    known = [learner.memory.kept(now) for learner in crowd]
    asked = sum(count for _, count in known)
    return sum(kept for kept, _ in known) / asked if asked else 0.0
