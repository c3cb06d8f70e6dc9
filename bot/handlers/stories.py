"""讲经验 in chat: a story written part by part or told at once, with its files, and handed in."""

from collections.abc import Callable, Coroutine
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.form_steps import Answers, Form, Step
from bot.forms import Forms, current, drop, show
from bot.handlers import story_attachments as attachments
from bot.handlers import story_pages, story_parts
from bot.taps import carried, number
from curriculum import stories
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.story_texts import COHORT, SCOPES, WHOLE, StoryView

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
PART, FILES, HAND_IN = "story_part", "story_files", "story_hand_in"
STEPS, AT_ONCE = "steps", "whole"
DONE = "done"
YES, NO = "yes", "no"


async def begin(update: Update, context: WuxueContext) -> None:
    """讲经验: how she wants to tell it; or on with what she has begun."""
    speaker = await context.speaker(update)
    speaker.require("share_story")
    language = speaker.language
    await context.answer(update)
    for story in await context.read(stories.own, speaker, note_key=context.services.note_key):
        if story.state == "draft":
            await story_pages.show_own(update, context, speaker, story)
            return
    keys = [
        buttons.press(context.label("step_by_step", language), "story_write", STEPS),
        buttons.press(context.label("all_at_once", language), "story_write", AT_ONCE),
    ]
    back = buttons.press(context.label("back_to_stories", language), "stories", "")
    text = context.text("story_how", language)
    await show(update, context, text, story_pages.keyboard(keys, [back]))


async def write(update: Update, context: WuxueContext) -> None:
    """一步一步写, 一次说完: asks for the next part of the story she is writing."""
    speaker = await context.speaker(update)
    (how,) = carried(update, "story_write", 1)
    if how not in (STEPS, AT_ONCE):
        raise NotThere
    note_key = context.services.note_key
    story_id = await context.in_session(
        stories.begin, speaker, note_key=note_key, now=context.now()
    )
    story = await context.read(stories.one, speaker, story_id, note_key=note_key)
    await context.answer(update)
    if how == AT_ONCE:
        await _ask(update, context, speaker, story, WHOLE, is_guided=False)
    elif story.missing:
        await _ask(update, context, speaker, story, story.missing[0], is_guided=True)
    else:
        await story_pages.show_own(update, context, speaker, story)


async def go_on(update: Update, context: WuxueContext) -> None:
    """接着写: the next part of this story that has no words yet."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_go_on", 1))
    story = await story_pages.mine(context, speaker, story_id)
    await context.answer(update)
    if story.state in ("draft", "returned") and story.missing:
        await _ask(update, context, speaker, story, story.missing[0], is_guided=True)
    else:
        await story_pages.show_own(update, context, speaker, story)


async def part(update: Update, context: WuxueContext) -> None:
    """One part, chosen to be changed."""
    speaker = await context.speaker(update)
    who, _, name = carried(update, "story_part", 3)
    if not story_pages.is_part(name):
        raise NotThere
    story = await story_pages.mine(context, speaker, number(who))
    await context.answer(update)
    await _ask(update, context, speaker, story, name, is_guided=False)


async def _ask(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    story: StoryView,
    name: str,
    *,
    is_guided: bool,
    erased: str = "",
    files: int = 0,
) -> None:
    answers = story_parts.asked(
        story,
        name,
        speaker.language,
        left=len(story.missing),
        is_guided=is_guided,
        erased=erased,
        files=files,
    )
    await Forms(*FORMS).start(update, context, PART, answers)


async def _finish_part(update: Update, context: WuxueContext, answers: Answers) -> None:
    """Kept at once; then the next part that has no words yet, or the whole to look at."""
    speaker = await context.speaker(update)
    story, erased = await story_parts.keep(
        update, context, speaker, answers, form=PART, save=stories.save_part
    )
    if answers["guided"] and story.missing:
        name = story.missing[0]
        await _ask(update, context, speaker, story, name, is_guided=True, erased=erased)
        return
    await story_pages.show_own(update, context, speaker, story, is_new=True, erased=erased)


async def edit(update: Update, context: WuxueContext) -> None:
    """改一改: which part."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_edit", 1))
    story = await story_pages.mine(context, speaker, story_id)
    if story.state not in ("draft", "nominated", "returned"):
        raise NotThere
    await context.answer(update)
    back = buttons.press(context.label("back", speaker.language), "my_story", story_id)
    keys = story_pages.parts_keyboard(
        context.services.renderer, speaker.language, story, verb="story_part", back=back
    )
    await show(update, context, context.text("story_edit", speaker.language, story=story), keys)


async def files(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加附件: pictures, documents and recordings are taken until 加好了."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_files", 1))
    story = await story_pages.mine(context, speaker, story_id)
    if story.state not in ("draft", "nominated", "returned"):
        raise NotThere
    await context.answer(update)
    await forms.start(update, context, FILES, attachments.asked(story, speaker))


async def received(update: Update, context: WuxueContext, *, otherwise: Act) -> None:
    """A picture, document or recording for the story being written; `otherwise` takes others."""
    found, file = await context.who(update), attachments.sent(update)
    draft = None
    if found is not None and found.has_agreed and file is not None:
        draft = await context.read(current, context, found.chat_id)
    if found is None or file is None or draft is None or draft.form not in (PART, FILES):
        await otherwise(update, context)
        return
    form, story_id = draft.form, int(draft.answers["story"])
    part_name = draft.answers.get("part")

    def store(session: Session) -> StoryView:
        story = stories.add_file(
            session,
            found,
            story_id,
            file,
            note_key=context.services.note_key,
            now=context.now(),
        )
        if part_name == WHOLE:
            # One recording is a whole story: nothing else is asked for.
            drop(session, context, found.chat_id, PART)
        return story

    story = await context.in_session(store)
    if part_name == WHOLE:
        await story_pages.show_own(update, context, found, story, is_new=True)
    elif form == PART:
        # It belongs to the story, and the words of this part are still asked for.
        is_guided, count = bool(draft.answers["guided"]), len(story.files)
        await _ask(update, context, found, story, str(part_name), is_guided=is_guided, files=count)
    else:
        await Forms(*FORMS).start(update, context, FILES, attachments.asked(story, found))


async def _finish_files(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    note_key = context.services.note_key

    def settle(session: Session) -> StoryView:
        drop(session, context, speaker.chat_id, FILES)
        if answers["end"] == attachments.CLEAR:
            return stories.drop_files(
                session, speaker, answers["story"], note_key=note_key, now=context.now()
            )
        return stories.one(session, speaker, answers["story"], note_key=note_key)

    await story_pages.show_own(update, context, speaker, await context.in_session(settle))


async def hand_in(update: Update, context: WuxueContext, forms: Forms) -> None:
    """提交评审, or 同意 to what somebody prepared: asks for whom it may be read by."""
    speaker = await context.speaker(update)
    story_id, version = map(number, carried(update, "story_hand_in", 2))
    await story_pages.mine(context, speaker, story_id)
    await context.answer(update)
    answers: Answers = {"story": story_id, "version": version, "language": speaker.language}
    await forms.start(update, context, HAND_IN, answers)


def _may_go_further(answers: Answers) -> bool:
    """A lesson is taught beyond one cohort."""
    return answers.get("scope") != COHORT


async def _finish_hand_in(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> StoryView:
        story = stories.hand_in(
            session,
            speaker,
            answers["story"],
            scope=answers["scope"],
            may_become_lesson=answers.get("lesson") == YES,
            version=answers["version"],
            note_key=context.services.note_key,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, HAND_IN)
        return story

    story = await context.in_session(store)
    await story_pages.show_own(update, context, speaker, story)
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {
    "write_story": begin,
    "story_write": write,
    "story_go_on": go_on,
    "story_part": part,
    "story_edit": edit,
}
FORM_BUTTONS = {
    "story_files": files,
    "story_hand_in": hand_in,
}
FORMS = (
    Form(
        PART,
        story_parts.STEPS,
        _finish_part,
        way_out="stop_here",
        left="story_stopped",
        way_on=("go_on_writing", "write_story", ""),
    ),
    Form(
        FILES,
        (Step("end", "story_files", ((DONE, "files_done"),), offer=attachments.clearing),),
        _finish_files,
        can_cancel=False,
    ),
    Form(
        HAND_IN,
        (
            Step("scope", "story_scope", tuple((scope, f"scope_{scope}") for scope in SCOPES)),
            Step(
                "lesson",
                "story_lesson",
                ((YES, "lesson_yes"), (NO, "lesson_no")),
                is_needed=_may_go_further,
            ),
        ),
        _finish_hand_in,
        way_on=("back_to_story", "my_story", "{story}"),
    ),
)
