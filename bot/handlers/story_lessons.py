"""做成课稿 in chat: a coordinator asks, the author agrees or not, and the draft comes as a file."""

from collections.abc import Callable, Coroutine
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.reports.story_files import lesson_draft, lesson_file_name
from bot.taps import carried, number
from curriculum import story_lessons
from curriculum.errors import NotThere
from curriculum.story_texts import reach_of

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
MAKE, UNASK, SAID = "story_to_lesson", "story_unask", "story_lesson_said"
YES, NO, BACK = "yes", "no", "back"


async def make(update: Update, context: WuxueContext) -> None:
    """做成课稿: its author is asked; once she agreed, the draft as a file, to be finished."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, MAKE, 1))
    note_key = context.services.note_key
    draft = await context.in_session(
        story_lessons.ask, speaker, story_id, note_key=note_key, now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    if draft is None:
        undo = buttons.press(context.label("undo", language), UNASK, story_id)
        text = context.text("story_lesson_asked", language, is_undone=False)
        await show(update, context, text, buttons.row(undo), is_new=True)
        context.send_what_is_due()
        return
    written = lesson_draft(draft.story, draft.mark)
    caption = context.text("story_to_lesson", language, scope=reach_of(draft.story.scope)).text
    await context.send_file(
        speaker.chat_id, written, lesson_file_name(draft.story), caption=caption
    )


async def unask(update: Update, context: WuxueContext) -> None:
    """撤销 of the asking, for ten minutes."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, UNASK, 1))
    await context.in_session(story_lessons.take_back, speaker, story_id, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    text = context.text("story_lesson_asked", speaker.language, is_undone=True)
    await show(update, context, text)


async def said(update: Update, context: WuxueContext) -> None:
    """同意, 不用了 or 撤销 by the author."""
    speaker = await context.speaker(update)
    story, word = carried(update, SAID, 2)
    if word not in (YES, NO, BACK):
        raise NotThere
    story_id = number(story)

    def store(session: Session) -> None:
        if word == BACK:
            story_lessons.unanswer(session, speaker, story_id, now=context.now())
        else:
            agrees = word == YES
            story_lessons.answer(session, speaker, story_id, agrees=agrees, now=context.now())

    await context.in_session(store)
    language = speaker.language
    await context.answer(update, context.label("changed_toast", language))
    wanted = {"agree": YES, "decline_story": NO} if word == BACK else {"undo": BACK}
    keys = [
        buttons.press(context.label(label, language), SAID, story_id, answer)
        for label, answer in wanted.items()
    ]
    keys.append(buttons.press(context.label("look", language), "my_story", story_id))
    text = context.text("story_lesson_said", language, said=word)
    await show(update, context, text, buttons.row(*keys))


BUTTONS: dict[str, Act] = {MAKE: make, UNASK: unask, SAID: said}
