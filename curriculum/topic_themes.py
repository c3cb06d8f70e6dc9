"""Themes changed by a coordinator: merged, split, moved, renamed, hidden, and taken back.

Each change names the version it was made on; a stale one is refused. What a merge or a split says
about questions is kept as a label.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import topics
from curriculum.clean_text import clean
from curriculum.errors import NotThere, NumbersNotUnderstood
from curriculum.people import Speaker
from curriculum.theme_ranking import REPRESENTATIVES
from curriculum.topic_errors import ThemeTitleNotUsable, TopicTextNotUsable
from curriculum.topic_history import change_topic
from storage import topics as stored
from storage.topics import ThemeQuestion, Topic, TopicTheme

TITLE_LIMIT, TEXT_LIMIT = 40, 1_500
Change = Callable[[Session, Topic, TopicTheme], dict[str, Any] | None]


def usable_title(written: str) -> str:
    """A theme's title as it stands; raises ThemeTitleNotUsable."""
    title = " ".join(clean(written).split())
    if not 1 <= len(title) <= TITLE_LIMIT:
        raise ThemeTitleNotUsable(limit=TITLE_LIMIT)
    return title


def usable_text(written: str) -> str:
    """A paragraph or an answer as it stands; raises TopicTextNotUsable."""
    text = clean(written).strip()
    if not 1 <= len(text) <= TEXT_LIMIT:
        raise TopicTextNotUsable(limit=TEXT_LIMIT)
    return text


def rename(
    session: Session, speaker: Speaker, theme_id: int, title: str, *, version: int, now: datetime
) -> None:
    """Give a theme another title; raises NotThere, ChangedMeanwhile, ThemeTitleNotUsable."""
    words = usable_title(title)

    def change(session: Session, topic: Topic, theme: TopicTheme) -> None:
        del session, topic
        theme.title = words

    _change(session, speaker, theme_id, "rename", change, version=version, now=now)


def set_hidden(
    session: Session, speaker: Speaker, theme_id: int, *, hidden: bool, version: int, now: datetime
) -> None:
    """Leave a theme out of the topic, or take it in again; its questions go back to the pool
    when the topic is approved.
    """

    def change(session: Session, topic: Topic, theme: TopicTheme) -> None:
        del session, topic
        theme.is_hidden = hidden

    kind = "hide" if hidden else "show"
    _change(session, speaker, theme_id, kind, change, version=version, now=now)


def move_up(
    session: Session, speaker: Speaker, theme_id: int, *, version: int, now: datetime
) -> None:
    """Let a theme change places with the one before it; the first one stays."""

    def change(session: Session, topic: Topic, theme: TopicTheme) -> None:
        order = stored.themes(session, topic.id or 0)
        place = next(n for n, one in enumerate(order) if one.id == theme.id)
        order.insert(max(0, place - 1), order.pop(place))
        _number(session, order)

    _change(session, speaker, theme_id, "move_up", change, version=version, now=now)


def merge(
    session: Session,
    speaker: Speaker,
    theme_id: int,
    into_id: int,
    *,
    version: int,
    now: datetime,
) -> None:
    """Put a theme's questions into another one of the topic; the other keeps its title."""

    def change(session: Session, topic: Topic, theme: TopicTheme) -> dict[str, Any]:
        into = _theme_of(session, topic, into_id)
        if into.id == theme.id:
            raise NotThere
        mine, others = _members(session, topic, theme), _members(session, topic, into)
        for row in mine:
            row.theme_id = into.id or 0
            session.add(row)
        both = [*into.representatives, *theme.representatives]
        into.representatives = list(dict.fromkeys(both))[:REPRESENTATIVES]
        into.lessons = _lessons_of_both(into, theme)
        into.gaps = list(dict.fromkeys([*into.gaps, *theme.gaps]))
        theme.is_gone = True
        session.add(into)
        return {"together": [_ids(others), _ids(mine)]}

    _change(session, speaker, theme_id, "merge", change, version=version, now=now)


def split(
    session: Session,
    speaker: Speaker,
    theme_id: int,
    question_ids: Sequence[int],
    *,
    title: str | None,
    into_id: int | None,
    version: int,
    now: datetime,
) -> None:
    """Take questions out of a theme: into a new one with this title, or into another one.

    Raises NotThere, ChangedMeanwhile, and NumbersNotUnderstood where all or none were named.
    """

    def change(session: Session, topic: Topic, theme: TopicTheme) -> dict[str, Any]:
        members = _members(session, topic, theme)
        moved = [row for row in members if row.question_id in set(question_ids)]
        rest = [row for row in members if row.question_id not in set(question_ids)]
        if not moved or not rest:
            raise NumbersNotUnderstood(last=len(members))
        label = {"apart": [_ids(moved), _ids(rest)]}
        if into_id is None:
            into = _new_theme(session, topic, theme, _ids(moved), usable_title(title or ""))
        else:
            into = _theme_of(session, topic, into_id)
            label["together"] = [_ids(_members(session, topic, into)), _ids(moved)]
        for row in moved:
            row.theme_id = into.id or 0
            session.add(row)
        left = set(_ids(rest))
        theme.representatives = [one for one in theme.representatives if one in left] or _ids(
            rest[:REPRESENTATIVES]
        )
        return label

    _change(session, speaker, theme_id, "split", change, version=version, now=now)


def _new_theme(
    session: Session, topic: Topic, theme: TopicTheme, question_ids: list[int], title: str
) -> TopicTheme:
    """A theme of its own right behind the one it comes from; what is taught stays the same."""
    made = TopicTheme(
        topic_id=topic.id or 0,
        position=theme.position,
        title=title,
        language=theme.language,
        is_hidden=False,
        is_gone=False,
        representatives=question_ids[:REPRESENTATIVES],
        lessons=list(theme.lessons),
        gaps=[one for one in theme.gaps if one in question_ids],
    )
    session.add(made)
    session.flush()
    order = [one for one in stored.themes(session, topic.id or 0) if one.id != made.id]
    place = next(n for n, one in enumerate(order) if one.id == theme.id)
    order.insert(place + 1, made)
    _number(session, order)
    return made


def _change(
    session: Session,
    speaker: Speaker,
    theme_id: int,
    kind: str,
    change: Change,
    *,
    version: int,
    now: datetime,
) -> None:
    found = stored.of_theme(session, theme_id)
    if found is None:
        raise NotThere
    standing = topics.to_edit(session, speaker, found.topic.id or 0, version=version)
    theme = _theme_of(session, standing.topic, theme_id)

    def run(topic: Topic) -> dict[str, Any] | None:
        label = change(session, topic, theme)
        session.add(theme)
        return label

    change_topic(session, standing, speaker, kind, run, now=now)


def _theme_of(session: Session, topic: Topic, theme_id: int) -> TopicTheme:
    theme = session.get(TopicTheme, theme_id)
    if theme is None or theme.topic_id != topic.id or theme.is_gone:
        raise NotThere
    return theme


def _members(session: Session, topic: Topic, theme: TopicTheme) -> list[ThemeQuestion]:
    return [row for row in stored.places(session, topic.id or 0) if row.theme_id == theme.id]


def _ids(rows: Sequence[ThemeQuestion]) -> list[int]:
    return [row.question_id for row in rows]


def _lessons_of_both(into: TopicTheme, theme: TopicTheme) -> list[dict[str, Any]]:
    known = {one["id"] for one in into.lessons}
    return [*into.lessons, *(one for one in theme.lessons if one["id"] not in known)]


def _number(session: Session, order: Sequence[TopicTheme]) -> None:
    for position, one in enumerate(order):
        one.position = position
        session.add(one)
    session.flush()
