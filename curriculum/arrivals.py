"""送达情况: what arrived, what did not and why, who cannot be reached; never what was learnt."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import cohorts, occasions
from curriculum.daily_lesson import KIND
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.schedule import Place, place_of, reach
from storage import arrivals as stored
from storage import deliveries as outbox
from storage import lesson_deliveries as owed
from storage import schedule as stored_schedule
from storage.arrivals import Tally, UnreachableGroup, UnreachablePerson

DAYS_BACK = 14
ON_A_PAGE = 8
# The reasons staff can do something about, by what the postman or a study wrote; the others are
# technical (tried again, then given up) or ours (no longer wanted).
REASONS = frozenset({"blocked", "deactivated", "removed", "unreachable", "left"})
WORDED = {"lesson_withdrawn": "withdrawn", occasions.HELD: "held"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of an occasion's messages stand in each status."""

    planned: int = 0
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    expired: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class CohortDay:
    """One cohort's date: `outcome` is planned, held, merged or skipped; `reasons` are (code,
    number) of what was not sent, people and groups together."""

    name: str
    kind: str
    cohort_name: str
    at: datetime
    outcome: str
    people: Counts
    groups: Counts
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """One day of every cohort under a unit; the days beside it that can be looked at."""

    day: date
    lines: tuple[CohortDay, ...]
    previous_day: date | None
    next_day: date | None
    unreachable: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A page of people to call, and the groups the bot was removed from (first page only)."""

    people: tuple[UnreachablePerson, ...]
    groups: tuple[UnreachableGroup, ...]
    page: int
    pages: int


def overview(session: Session, speaker: Speaker, day: date | None, *, now: datetime) -> Overview:
    """What became of a day, today or one of the 14 before it; None means today."""
    speaker.require("schedule")
    within = reach(session, speaker)
    today = local_date(now, within[0][0].zone if within else "Asia/Shanghai")
    earliest = today - timedelta(days=DAYS_BACK)
    shown = today if day is None else day
    if not earliest <= shown <= today:
        raise NotThere
    beats = cohorts.beats_of(session, within, kind=KIND)
    known = stored_schedule.occasions_of(
        session,
        kind=KIND,
        cohort_ids=[beat.cohort_id for beat, _ in beats],
        since=shown,
        until=shown,
    )
    places = [
        Place(beat, cohort, shown) for beat, cohort in beats if (beat.cohort_id, shown) in known
    ]
    tallies = stored.tallies(session, kind=KIND, occasions=[p.occasion.name for p in places])
    lines = [_line(place, known[place.beat.cohort_id, shown], tallies) for place in places]
    paths = paths_of(speaker)
    groups = stored.unreachable_groups(session, paths, bot=speaker.bot)
    return Overview(
        shown,
        tuple(sorted(lines, key=lambda line: (line.at, line.cohort_name))),
        shown - timedelta(days=1) if shown > earliest else None,
        shown + timedelta(days=1) if shown < today else None,
        stored.count_unreachable(session, paths, bot=speaker.bot) + len(groups),
    )


def one(session: Session, speaker: Speaker, name: str, *, now: datetime) -> CohortDay:
    """What became of one cohort's date; raises NotThere for one that is not hers or not known."""
    place, standing = past_place(session, speaker, name, now=now)
    return _line(place, standing, stored.tallies(session, kind=KIND, occasions=[name]))


def past_place(
    session: Session, speaker: Speaker, name: str, *, now: datetime
) -> tuple[Place, outbox.Occasion]:
    """A date that was planned or accounted for, today or within the days that can be looked at."""
    place = place_of(session, speaker, name)
    today = local_date(now, place.beat.zone)
    standing = owed.occasion_on(
        session, kind=KIND, cohort_id=place.beat.cohort_id, local_date=place.day
    )
    if standing is None or not today - timedelta(days=DAYS_BACK) <= place.day <= today:
        raise NotThere
    return place, standing


def unreachable(session: Session, speaker: Speaker, page: int) -> Unreachable:
    """Whom to call: people under her unit whose chat cannot be written to, longest first."""
    speaker.require("schedule")
    paths = paths_of(speaker)
    count = stored.count_unreachable(session, paths, bot=speaker.bot)
    pages = max(1, -(-count // ON_A_PAGE))
    page = max(0, min(page, pages - 1))
    people = stored.unreachable_people(
        session, paths, bot=speaker.bot, limit=ON_A_PAGE, offset=page * ON_A_PAGE
    )
    groups = stored.unreachable_groups(session, paths, bot=speaker.bot) if page == 0 else []
    return Unreachable(
        tuple(replace(p, reason=reason(outbox.SKIPPED, p.reason or "unreachable")) for p in people),
        tuple(replace(g, reason=reason(outbox.SKIPPED, g.reason or "unreachable")) for g in groups),
        page,
        pages,
    )


def paths_of(speaker: Speaker) -> list[str]:
    """The units in which she arranges what goes out."""
    return [
        grant.unit_path
        for grant in speaker.grants
        if speaker.may("schedule", unit_path=grant.unit_path)
    ]


def _line(place: Place, standing: outbox.Occasion, tallies: Iterable[Tally]) -> CohortDay:
    own = [tally for tally in tallies if tally.occasion == place.occasion.name]
    reasons: Counter[str] = Counter()
    for tally in own:
        if tally.status in (outbox.FAILED, outbox.SKIPPED):
            reasons[reason(tally.status, tally.error)] += tally.number
    is_settled = standing.state in (occasions.HELD, occasions.MERGED, occasions.SKIPPED)
    return CohortDay(
        name=place.occasion.name,
        kind=KIND,
        cohort_name=place.cohort.name,
        at=place.due_at(standing),
        outcome=standing.state if is_settled else occasions.PLANNED,
        people=_counts(tally for tally in own if not tally.is_group),
        groups=_counts(tally for tally in own if tally.is_group),
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    )


def _counts(tallies: Iterable[Tally]) -> Counts:
    numbers: Counter[str] = Counter()
    for tally in tallies:
        # Being sent at this very moment is still waiting to whoever looks.
        status = outbox.WAITING if tally.status == outbox.CLAIMED else tally.status
        numbers[status] += tally.number
    return Counts(planned=numbers.total(), **numbers)


def reason(status: str, error: str | None) -> str:
    """Why a row was not sent, as a code that has words in every language."""
    if error in REASONS:
        return error or ""
    return WORDED.get(error or "", "technical" if status == outbox.FAILED else "not_wanted")
