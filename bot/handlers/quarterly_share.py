"""季度分享 in chat: calling for stories, the quarter's dates, stopping, the digest afterwards."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, time
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.form_steps import Answers, Form, Step
from bot.forms import Forms, drop, show
from bot.handlers import story_pages
from bot.reports.story_files import digest_docx, digest_markdown
from bot.taps import carried, number
from curriculum import share_call, share_changes, share_digest
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.share_call import CallView
from curriculum.share_changes import CHANGEABLE, SESSION
from curriculum.share_digest import Digest
from curriculum.written_times import read_date, read_moment

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
DATES = "share_dates"
ON_A_PAGE = 6


async def overview(update: Update, context: WuxueContext) -> None:
    """季度分享, /share: the one cohort she runs, or which of several."""
    speaker = await context.speaker(update)
    found = await context.read(share_call.mine, speaker, now=context.now())
    is_press = update.callback_query is not None
    if len(found) == 1:
        await _show(update, context, speaker, found[0][0])
    else:
        await _choose(update, context, speaker, found, 0)
    if is_press:
        await context.answer(update)


async def _choose(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    found: Sequence[tuple[int, str]],
    page: int,
) -> None:
    page = min(page, max(0, (len(found) - 1) // ON_A_PAGE))
    shown = list(enumerate(found[page * ON_A_PAGE : (page + 1) * ON_A_PAGE], 1))
    keys = [buttons.press(str(n), "share_of", cohort_id) for n, (cohort_id, _) in shown]
    turns = {"previous_page": page - 1, "next_page": page + 1}
    navigation = [
        buttons.press(context.label(name, speaker.language), "shares", other)
        for name, other in turns.items()
        if 0 <= other * ON_A_PAGE < len(found)
    ]
    names = [(n, name) for n, (_, name) in shown]
    text = context.text("share_choose", speaker.language, cohorts=names)
    await show(update, context, text, story_pages.keyboard(keys, navigation))


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of cohorts."""
    speaker = await context.speaker(update)
    (page,) = map(number, carried(update, "shares", 1))
    found = await context.read(share_call.mine, speaker, now=context.now())
    await context.answer(update)
    await _choose(update, context, speaker, found, page)


async def opened(update: Update, context: WuxueContext) -> None:
    """One cohort's share."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "share_of", 1))
    await _show(update, context, speaker, cohort_id)
    await context.answer(update)


async def _show(update: Update, context: WuxueContext, speaker: Speaker, cohort_id: int) -> None:
    found = await context.read(share_call.overview, speaker, cohort_id, now=context.now())
    await show(update, context, *_worded(context, speaker, found))


def _worded(
    context: WuxueContext, speaker: Speaker, found: CallView, *, can_take_back: bool = False
) -> Any:
    language, cohort = speaker.language, found.cohort_id
    is_open = found.call_id is not None and not found.has_digest
    wanted = [
        ("take_back", "share_stop", (cohort, found.mark), can_take_back),
        ("open_call", "share_preview", (cohort,), not is_open),
        ("change_time", DATES, (cohort, found.mark), is_open and not found.is_over),
        ("programme", "programme", (cohort,), found.call_id is not None),
        ("send_digest", "share_digest", (cohort,), found.is_over),
        (
            "stop_call",
            "share_stopping",
            (cohort, found.mark),
            is_open and not found.is_over and not can_take_back,
        ),
        (
            "switch_off" if found.is_on else "switch_on",
            "share_switch",
            (cohort, int(not found.is_on)),
            not can_take_back,
        ),
    ]
    keys = [
        buttons.press(context.label(label, language), verb, *ids)
        for label, verb, ids, is_there in wanted
        if is_there
    ]
    back = buttons.press(context.label("back_to_stories", language), "stories", "")
    text = context.text("share", language, call=found)
    return text, story_pages.keyboard(keys, [back])


async def preview(update: Update, context: WuxueContext) -> None:
    """开始征集: to how many, with which dates; sent only after another press."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "share_preview", 1))
    found = await context.read(share_call.overview, speaker, cohort_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    keys = story_pages.keyboard(
        [buttons.press(context.label("send_call", language), "share_open", cohort_id)],
        [buttons.press(context.label("back", language), "share_of", cohort_id)],
    )
    await show(update, context, context.text("share_preview", language, call=found), keys)


async def open_call(update: Update, context: WuxueContext) -> None:
    """发出征集: it goes out in a minute, with 撤回 until then."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "share_open", 1))
    found = await context.in_session(share_call.open_now, speaker, cohort_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_worded(context, speaker, found, can_take_back=True))


async def stopping(update: Update, context: WuxueContext) -> None:
    """停止征集: asks once, since everybody would be told."""
    speaker = await context.speaker(update)
    cohort_id, mark = map(number, carried(update, "share_stopping", 2))
    found = await context.read(share_call.overview, speaker, cohort_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    keys = story_pages.keyboard(
        [buttons.press(context.label("stop_call", language), "share_stop", cohort_id, mark)],
        [buttons.press(context.label("back", language), "share_of", cohort_id)],
    )
    await show(update, context, context.text("share_stop", language, call=found), keys)


async def stop(update: Update, context: WuxueContext) -> None:
    """停止征集 a second time, or 撤回 within the minute."""
    speaker = await context.speaker(update)
    cohort_id, mark = map(number, carried(update, "share_stop", 2))
    found = await context.in_session(
        share_call.cancel, speaker, cohort_id, mark=mark, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *_worded(context, speaker, found))


async def switch(update: Update, context: WuxueContext) -> None:
    """每季自动, 不再自动."""
    speaker = await context.speaker(update)
    cohort_id, is_on = map(number, carried(update, "share_switch", 2))
    found = await context.in_session(
        share_call.switch, speaker, cohort_id, is_on=bool(is_on), now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *_worded(context, speaker, found))


async def change(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间: which of the three days, then when."""
    speaker = await context.speaker(update)
    cohort_id, mark = map(number, carried(update, DATES, 2))
    await context.read(share_call.overview, speaker, cohort_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"cohort": cohort_id, "mark": mark, "language": speaker.language}
    await forms.start(update, context, DATES, answers)


async def _read_when(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> list[str]:
    """A date, for the session with an hour behind it where that changes too."""
    del update
    today = local_date(context.now(), ZONE)
    if answers["which"] != SESSION:
        return [read_date(came, today=today).isoformat(), ""]
    day, hour = read_moment(came, today=today)
    return [day.isoformat(), f"{hour:%H:%M}" if hour else ""]


async def _finish_change(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    day, hour = answers["when"]

    def store(session: Session) -> CallView:
        found = share_changes.change(
            session,
            speaker,
            answers["cohort"],
            answers["which"],
            day=date.fromisoformat(day),
            hour=time.fromisoformat(hour) if hour else None,
            mark=answers["mark"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, DATES)
        return found

    found = await context.in_session(store)
    await show(update, context, *_worded(context, speaker, found))


async def look_at_digest(update: Update, context: WuxueContext) -> None:
    """发摘要: what it will say and to how many it goes, before anybody is told."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "share_digest", 1))
    found = await context.read(share_digest.preview, speaker, cohort_id, now=context.now())
    await context.answer(update)
    send = buttons.press(context.label("send", speaker.language), "digest_send", cohort_id)
    back = buttons.press(context.label("share", speaker.language), "share_of", cohort_id)
    text = context.text("share_digest_look", speaker.language, digest=found)
    await show(update, context, text, story_pages.keyboard([send], [back]))


async def send_digest(update: Update, context: WuxueContext) -> None:
    """发送: the two files to her, a word to who was not there."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "digest_send", 1))
    found = await context.in_session(share_digest.digest, speaker, cohort_id, now=context.now())
    await context.answer(update)
    text = context.text("share_digest_sent", speaker.language, digest=found)
    back = buttons.press(context.label("share", speaker.language), "share_of", cohort_id)
    await show(update, context, text, story_pages.keyboard([], [back]))
    await _send_files(context, speaker, found)


async def _send_files(context: WuxueContext, speaker: Speaker, found: Digest) -> None:
    renderer, language = context.services.renderer, speaker.language
    word = await asyncio.to_thread(digest_docx, found, renderer, language)
    markdown = digest_markdown(found, renderer, language)
    name = context.label("share_digest_file_name", language)
    day = local_date(found.starts_at, ZONE).isoformat()
    for data, ending in ((word, "docx"), (markdown, "md")):
        await context.send_file(speaker.chat_id, data, f"{name}_{day}.{ending}")


async def read_digest(update: Update, context: WuxueContext) -> None:
    """看摘要: what was shared, as text; each story is read in the library."""
    speaker = await context.speaker(update)
    (call_id,) = map(number, carried(update, "digest", 1))
    found = await context.read(share_digest.read_digest, speaker, call_id)
    await context.answer(update)
    keys = [
        buttons.press(str(place), "story", story.story_id)
        for place, story in enumerate(found.stories[:ON_A_PAGE], 1)
    ]
    back = buttons.press(context.label("back_to_stories", speaker.language), "stories", "")
    text = context.text("share_digest", speaker.language, digest=found)
    await show(update, context, text, story_pages.keyboard(keys, [back]))


BUTTONS: dict[str, Act] = {
    "share": overview,
    "shares": turned,
    "share_of": opened,
    "share_preview": preview,
    "share_open": open_call,
    "share_stopping": stopping,
    "share_stop": stop,
    "share_switch": switch,
    "share_digest": look_at_digest,
    "digest_send": send_digest,
    "digest": read_digest,
}
FORM_BUTTONS = {DATES: change}
FORMS = (
    Form(
        DATES,
        (
            Step("which", "share_which", tuple((which, f"share_{which}") for which in CHANGEABLE)),
            Step("when", "share_when", settle=_read_when),
        ),
        _finish_change,
        way_on=("share", "share_of", "{cohort}"),
    ),
)
