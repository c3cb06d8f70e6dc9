"""Records in chat: lists, sessions without one or with several, a coordinator's figures."""

import asyncio
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import turning, with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.handlers.records import PERIODS
from bot.handlers.supervision_records import show_record
from bot.reports.supervision_figures import write_figures
from bot.taps import Act, carried, number
from curriculum import (
    records,
    supervision_counts,
    supervision_held_groups,
    supervision_record_lists,
    supervision_several,
)
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.records import Period
from curriculum.rhythm import local_date
from curriculum.supervision_record_lists import RecordsPage

FIND, GROUP, PEER = "sup_recs_find", "sup_record_group", "sup_peer"
FORM_OF = {GROUP: "group", PEER: "peer"}
# The record of a session with several that was set; whoever was to come is offered.
HELD, THESE = "sup_grec", "these"
WORDS_BYTES = 30


async def turned(update: Update, context: WuxueContext) -> None:
    """督导记录: those of a pair, or all she is in (0), or another page of them."""
    speaker = await context.speaker(update)
    pair, page, words = carried(update, "sup_recs", 3)
    await _show(update, context, speaker, number(pair), words=words, page=number(page))
    await context.answer(update)


async def _show(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    pair_id: int,
    *,
    words: str,
    page: int = 0,
) -> None:
    found = await context.read(
        supervision_record_lists.own, speaker, pair_id, words=words, page=page
    )
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(place), "sup_rec", line.record_id) for place, line in lines]
    navigation = turning(context, language, found.page, _pages(found), _turning(found, pair_id))
    navigation.append(buttons.press(context.label("find_record", language), FIND, pair_id))
    if found.words:
        every = context.label("to_records", language)
        keys.append(buttons.press(every, "sup_recs", pair_id, 0, ""))
    elif speaker.may("be_supervised"):
        keys.append(buttons.press(context.label("sup_peer", language), PEER, 0))
    if pair_id:
        navigation.append(buttons.press(context.label("to_pair", language), "own_pair", pair_id))
    else:
        back = "accompanied" if speaker.may("supervise") else "sup_mine"
        navigation.append(buttons.press(context.label("back_to_pairs", language), back, 0))
    text = context.text(
        "supervision_records", language, page=found, lines=lines, of_pair=bool(pair_id)
    )
    await show(update, context, text, with_navigation(keys, navigation), protected=True)


def _pages(found: RecordsPage) -> int:
    """How many can be turned: what was searched for may be too long to go along."""
    return found.pages if len(found.words.encode()) <= WORDS_BYTES else 1


def _turning(found: RecordsPage, pair_id: int) -> Callable[[int], str]:
    return lambda other: buttons.data("sup_recs", pair_id, other, found.words)


async def find(update: Update, context: WuxueContext, forms: Forms) -> None:
    """找记录: by number, month or date."""
    speaker = await context.speaker(update)
    (pair_id,) = map(number, carried(update, FIND, 1))
    await context.answer(update)
    await forms.start(update, context, FIND, {"pair": pair_id, "language": speaker.language})


async def _finish_find(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    await context.in_session(drop, context, speaker.chat_id, FIND)
    await _show(update, context, speaker, answers["pair"], words=answers["words"])


async def unwritten(update: Update, context: WuxueContext) -> None:
    """Her sessions that have no record yet."""
    page, words = turned_to(carried(update, "sup_unwritten", 1)[0])
    await show_unwritten(update, context, 0, words, page)
    await context.answer(update)


async def show_unwritten(
    update: Update, context: WuxueContext, of: int, words: str = "", page: int = 0
) -> None:
    """One page of them, or of those that these words name; they are of whoever asks (`of` 0)."""
    del of
    speaker = await context.speaker(update)
    found = await context.read(
        supervision_record_lists.unwritten, speaker, words=words, page=page, now=context.now()
    )
    lines = list(enumerate(found.lines, start=1))
    keys = [
        buttons.press(str(place), HELD, one.group_id)
        if one.group_id
        else buttons.press(str(place), "sup_rec_new", one.pair_id, one.booking_id)
        for place, one in lines
    ]
    language = speaker.language
    navigation = searching(
        context,
        language,
        found,
        at=("sup_unwritten", 0),
        turn=lambda rest: buttons.data("sup_unwritten", rest),
    )
    navigation.append(buttons.press(context.label("back_to_pairs", language), "accompanied", 0))
    text = context.text("supervision_unwritten_list", language, found=found, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation), protected=True)


async def begin_group(update: Update, context: WuxueContext, forms: Forms) -> None:
    """小组督导: with whom."""
    await _begin(update, context, forms, GROUP)


async def begin_held(update: Update, context: WuxueContext, forms: Forms) -> None:
    """记小组 of a session that was set: who came, or what is written of it already."""
    speaker = await context.speaker(update)
    (group_id,) = map(number, carried(update, HELD, 1))
    found = await context.read(supervision_held_groups.held, speaker, group_id, now=context.now())
    await context.answer(update)
    if found.record_id is not None:
        await show_record(update, context, speaker, found.record_id)
        return
    answers: Answers = {
        "form": "group",
        "group": group_id,
        "at": found.starts_at.isoformat(),
        "names": "、".join(found.people.values()),
        "limit": supervision_several.MOST,
        "language": speaker.language,
    }
    await forms.start(update, context, GROUP, answers)


async def _offered(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """就这几位, where a session was set and enough of them were to come."""
    del update
    if "group" not in answers or "、" not in answers["names"]:
        return []
    return [(THESE, context.label("just_these", answers["language"]))]


async def _set_at(update: Update, context: WuxueContext, answers: Answers) -> dict[str, object]:
    del update, context
    at = answers.get("at")
    return {"at": datetime.fromisoformat(at) if at else None}


async def begin_peer(update: Update, context: WuxueContext, forms: Forms) -> None:
    """同辈督导: with whom."""
    await _begin(update, context, forms, PEER)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    carried(update, form, 1)
    found = await context.read(
        supervision_several.choices, speaker, FORM_OF[form], now=context.now()
    )
    await context.answer(update)
    names = "、".join(list(found.values())[: supervision_several.MOST])
    answers: Answers = {
        "form": FORM_OF[form],
        "names": names,
        "limit": supervision_several.MOST,
        "language": speaker.language,
    }
    await forms.start(update, context, form, answers)


async def _people(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    speaker = await context.speaker(update)
    found = await context.read(
        supervision_several.named,
        speaker,
        answers["form"],
        answers["names"] if came == THESE and "group" in answers else came,
        now=context.now(),
    )
    return {"ids": list(found), "names": "、".join(found.values())}


async def _finish_several(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    form = answers["form"]

    def store(session: Session) -> int:
        record_id = supervision_several.begin(
            session,
            speaker,
            form,
            answers["people"]["ids"],
            note_key=context.services.note_key,
            now=context.now(),
            group_id=answers.get("group"),
        )
        drop(session, context, speaker.chat_id, GROUP if form == "group" else PEER)
        return record_id

    record_id = await context.in_session(store)
    await show_record(update, context, speaker, record_id, is_new=True)


async def figures(update: Update, context: WuxueContext) -> None:
    """督导统计: a span's figures; what was said is in none of them."""
    speaker = await context.speaker(update)
    (word,) = carried(update, "sup_figures", 1)
    period = _period(context, word)
    found = await context.read(supervision_counts.counts, speaker, period)
    language = speaker.language
    keys = [
        buttons.press(context.label(label, language), "sup_figures", other)
        for other, label in PERIODS
        if other != word
    ]
    keys.append(buttons.press(context.label("as_sheet", language), "sup_figures_sheet", word))
    back = buttons.press(context.label("back_to_pairs", language), "pairs", 0, "")
    text = context.text("supervision_figures", language, found=found, period=period)
    await context.answer(update)
    await show(update, context, text, with_navigation(keys, [back]))


def _period(context: WuxueContext, word: str) -> Period:
    if word not in dict(PERIODS):
        raise NotThere
    return records.read_period(word, today=local_date(context.now(), ZONE))


async def figures_sheet(update: Update, context: WuxueContext) -> None:
    """出表格: the sessions and figures of a span as a workbook."""
    speaker = await context.speaker(update)
    (word,) = carried(update, "sup_figures_sheet", 1)
    period, language = _period(context, word), speaker.language
    held = await context.read(supervision_counts.held, speaker, period)
    found = await context.read(supervision_counts.counts, speaker, period)
    await context.answer(update, context.label("working", language))
    out = io.BytesIO()
    made_at = context.now().astimezone(ZoneInfo(context.services.zone))
    await asyncio.to_thread(
        write_figures,
        out,
        held,
        found,
        period=period,
        unit=speaker.unit_name,
        language=language,
        made_at=made_at,
    )
    name = context.label("supervision_figures", language)
    await context.send_file(
        speaker.chat_id, out.getvalue(), f"{name}-{period.since:%Y%m%d}-{period.until:%Y%m%d}.xlsx"
    )


def _several(name: str, template: str, way_on: tuple[str, ...]) -> Form:
    people = Step("people", template, settle=_people, offer=_offered, facts=_set_at)
    return Form(name, (people,), _finish_several, way_on=way_on)


BUTTONS: dict[str, Act] = {
    "sup_recs": turned,
    "sup_unwritten": unwritten,
    "sup_figures": figures,
    "sup_figures_sheet": figures_sheet,
}
FORM_BUTTONS = {FIND: find, GROUP: begin_group, HELD: begin_held, PEER: begin_peer}
FORMS = (
    Form(
        FIND,
        (Step("words", "supervision_records_find"),),
        _finish_find,
        way_on=("to_records", "sup_recs", "{pair}", "0", ""),
    ),
    _several(GROUP, "supervision_group_people", ("sup_groups", "sup_groups", "0")),
    _several(PEER, "supervision_peer_people", ("supervise", "open", "supervise")),
)
