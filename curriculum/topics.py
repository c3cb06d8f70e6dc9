"""Who may see, change and lead a monthly topic, and the lists of them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import topic_page
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.topic_page import TopicPage
from storage import cohorts as stored_cohorts
from storage import topics
from storage.topics import APPROVED, DRAFT, DUE, HELD, Standing

ON_A_PAGE = 6


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A line of the list."""

    topic_id: int
    month: date
    cohort: str
    state: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """A page of the list, the latest session first.

    `coming` are the cohorts whose pool closes or has closed, and on which day: no draft yet.
    """

    lines: tuple[TopicLine, ...]
    page: int
    has_next: bool
    coming: tuple[tuple[str, date], ...] = ()


def listed(session: Session, speaker: Speaker, *, page: int = 0) -> TopicsPage:
    """The topics somebody coordinates, leads or learns in; raises NotThere for whoever does not."""
    paths = speaker.reach("lead_topic")
    found = {
        one.topic.id: one
        for one in (
            *(topics.within(session, paths, bot=speaker.bot, limit=1_000) if paths else ()),
            *topics.led_by(session, speaker.person_id, bot=speaker.bot),
            *_of_own_cohorts(session, speaker),
        )
    }
    if not found and not speaker.may("ask"):
        raise NotThere
    ordered = sorted(found.values(), key=lambda one: (one.topic.starts_at, one.topic.id or 0))[::-1]
    shown = ordered[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    lines = tuple(
        TopicLine(
            one.topic.id or 0,
            one.topic.month,
            one.cohort.name,
            one.topic.state,
            one.topic.starts_at,
        )
        for one in shown
    )
    due = topics.in_states(session, (DUE,), bot=speaker.bot) if paths and not page else []
    coming = [(one.cohort.name, one.topic.closes_on) for one in due if may_edit(speaker, one)]
    return TopicsPage(lines, page, len(ordered) > (page + 1) * ON_A_PAGE, tuple(coming))


def _of_own_cohorts(session: Session, speaker: Speaker) -> list[Standing]:
    own = {cohort.id for _, cohort in stored_cohorts.cohorts_of(session, speaker.person_id)}
    published = topics.in_states(session, topic_page.PUBLISHED, bot=speaker.bot) if own else []
    return [one for one in published if one.topic.cohort_id in own]


def may_edit(speaker: Speaker, standing: Standing) -> bool:
    """Whether somebody coordinates the cohort of a topic."""
    return standing.topic.bot == speaker.bot and speaker.may(
        "lead_topic", unit_path=standing.unit_path
    )


def leads(speaker: Speaker, standing: Standing) -> bool:
    """Whether somebody may enter a topic's answers: the trainer, and whoever may edit it."""
    is_published = (
        standing.topic.state in topic_page.PUBLISHED and standing.topic.bot == speaker.bot
    )
    return (is_published and speaker.acts_as(standing.topic.trainer_id)) or may_edit(
        speaker, standing
    )


def readable(session: Session, speaker: Speaker, topic_id: int) -> Standing:
    """A topic somebody may read; NotThere otherwise, also for a draft that is not hers to edit."""
    standing = topics.standing(session, topic_id)
    if standing is None or standing.topic.state == DUE:
        raise NotThere
    if leads(speaker, standing):
        return standing
    own = {cohort.id for _, cohort in stored_cohorts.cohorts_of(session, speaker.person_id)}
    is_theirs = standing.topic.cohort_id in own or (
        speaker.may("see_workers", unit_path=standing.unit_path)
    )
    if standing.topic.state not in topic_page.PUBLISHED or not is_theirs:
        raise NotThere
    return standing


def page(session: Session, speaker: Speaker, topic_id: int) -> tuple[TopicPage, bool]:
    """A topic's page, and whether this person may change it (hidden themes included then)."""
    standing = readable(session, speaker, topic_id)
    is_editor = may_edit(speaker, standing)
    with_hidden = is_editor and standing.topic.state == DRAFT
    return topic_page.of(session, standing, with_hidden=with_hidden), is_editor


def to_edit(session: Session, speaker: Speaker, topic_id: int, *, version: int | None) -> Standing:
    """A draft to be changed, locked; NotThere, ChangedMeanwhile when it is another version."""
    standing = topics.standing(session, topic_id, lock=True)
    if standing is None or standing.topic.state == DUE or not may_edit(speaker, standing):
        raise NotThere
    if standing.topic.state != DRAFT or (version is not None and standing.topic.version != version):
        raise ChangedMeanwhile
    return standing


def to_answer(session: Session, speaker: Speaker, theme_id: int) -> Standing:
    """The topic of a theme whose answer somebody may enter, locked; raises NotThere."""
    standing = topics.of_theme(session, theme_id, lock=True)
    if standing is None or not leads(speaker, standing):
        raise NotThere
    if standing.topic.state not in (APPROVED, HELD, topics.ANSWERED):
        raise NotThere
    return standing
