"""The papers of a training's file: notice, evaluation, contents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.render import Renderer
from bot.reports.blocks import Document, Fields, Heading, Table, Text
from bot.reports.words import report_words
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.training_file import TrainingFile


@dataclass(frozen=True, slots=True)
class Contents:
    """One line of the contents: what it is, its name in the archive, how many, in which part."""

    what: str
    name: str
    count: str
    part: int


def words_of(language: str) -> Mapping[str, str]:
    """The words of a training's file."""
    return report_words(language)["training_file"]


def year_day(day: date, language: str) -> str:
    """2026年12月21日: what is filed is read years later."""
    return words_of(language)["date"].format(year=day.year, month=day.month, day=day.day)


def notice_document(found: TrainingFile, renderer: Renderer, language: str) -> Document:
    """The notice as it reads now: what, when, where, for whom, and the programme."""
    words, event = words_of(language), found.event
    first, last = (local_date(one, ZONE) for one in (event.starts_at, event.ends_at))
    roles = [renderer.label(role, language) for role in found.roles]
    invited = "、".join((*found.invited, *roles))
    span = words["span"].format(first=year_day(first, language), last=year_day(last, language))
    fields = (
        (words["held"], span if first != last else year_day(first, language)),
        (words["place"], event.place),
        (words["organiser"], event.organiser),
        (words["places"], words["places_of"].format(count=event.places)),
        (words["deadline"], year_day(event.deadline, language)),
        (words["invited"], invited),
    )
    rows = tuple(
        (
            renderer.moment(one.starts_at, language),
            one.topic,
            one.trainer,
            str(one.minutes),
        )
        for one in found.halves
    )
    called_off = words["called_off"].format(reason=event.reason)
    return Document(
        (
            Heading(words["notice_title"].format(title=event.title), 1),
            *((Text(called_off),) if event.state == "cancelled" else ()),
            Fields(fields),
            Heading(words["programme"], 2),
            Table(
                tuple(words[name] for name in ("at", "topic", "trainer", "minutes")),
                rows,
                (2.2, 3.6, 1.6, 0.8),
            ),
        ),
        language=language,
        foot=event.organiser,
    )


def evaluation_document(found: TrainingFile, renderer: Renderer, language: str) -> Document:
    """What people think and what the test came to: means alone, and those from five people up."""
    words = words_of(language)
    blocks: list[Any] = [
        Heading(words["evaluation_title"], 1),
        Fields(((words["training"], found.event.title),)),
        Heading(words["opinion"], 2),
        *_opinion(found, renderer, language),
        Heading(words["gain"], 2),
        *_gain(found, language),
    ]
    return Document(tuple(blocks), language=language, foot=found.event.organiser)


def _opinion(found: TrainingFile, renderer: Renderer, language: str) -> list[Any]:
    words, results = words_of(language), found.results
    if results is None:
        return [Text(words["not_over"])]
    rows = [
        (words["there"], words["people_of"].format(count=results.there)),
        (words["answered"], words["people_of"].format(count=results.answered)),
    ]
    if results.is_open:
        day = year_day(results.closes_on, language)
        return [Fields(tuple(rows)), Text(words["still_open"].format(day=day))]
    if not results.means:
        return [Fields(tuple(rows)), Text(words["too_few"])]
    rows += [
        (renderer.label(f"feedback_{name}", language), words["score_of"].format(mean=f"{mean:.1f}"))
        for name, mean in results.means.items()
    ]
    remarks = [Text(f"· {one}") for one in results.texts]
    return [Fields(tuple(rows)), *((Heading(words["remarks"], 3), *remarks) if remarks else ())]


def _gain(found: TrainingFile, language: str) -> list[Any]:
    words, test, results = words_of(language), found.test, found.results
    if test is None:
        return [Text(words["not_asked"])]
    if results is None:
        return [Text(words["not_over"])]
    if test.is_open:
        day = year_day(results.closes_on, language)
        return [Text(words["still_open"].format(day=day))]
    if test.before is None or test.after is None:
        return [Text(words["too_few"])]
    rows = (
        (words["questions"], str(len(test.questions))),
        (words["took_both"], words["people_of"].format(count=test.took_both)),
        (words["before"], words["right_of"].format(mean=f"{test.before:.1f}")),
        (words["after"], words["right_of"].format(mean=f"{test.after:.1f}")),
    )
    return [Fields(rows)]


def index_document(
    found: TrainingFile,
    lines: Sequence[Contents],
    *,
    notes: Sequence[str],
    parts: int,
    language: str,
    made_on: date,
) -> Document:
    """目录: what lies where and how much of it, in which part where there are several."""
    words = words_of(language)
    names = ["number", "what", "file", "count", *(["part"] if parts > 1 else [])]
    rows = tuple(
        (str(number), one.what, one.name, one.count, *((str(one.part),) if parts > 1 else ()))
        for number, one in enumerate(lines, start=1)
    )
    return Document(
        (
            Heading(words["index_title"], 1),
            Fields(
                (
                    (words["training"], found.event.title),
                    (words["held"], _held(found, language)),
                    (words["organiser"], found.event.organiser),
                    (words["made"], year_day(made_on, language)),
                )
            ),
            Table(
                tuple(words[name] for name in names),
                rows,
                (0.6, 1.5, 3.4, 1.1, *((0.8,) if parts > 1 else ())),
            ),
            *(Text(note) for note in notes),
        ),
        language=language,
        foot=found.event.organiser,
    )


def _held(found: TrainingFile, language: str) -> str:
    first, last = (
        year_day(local_date(one, ZONE), language)
        for one in (found.event.starts_at, found.event.ends_at)
    )
    span = words_of(language)["span"].format(first=first, last=last)
    return span if first != last else first
