"""用上了 in chat: which lesson of the week, a sentence if she likes, shared only if she says so."""

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger, story_pages
from bot.handlers.directory import with_navigation
from bot.taps import Act, carried, number
from curriculum import story_sources, supervision_agenda, used_lessons
from curriculum.people import Speaker

USED, SKIP = "used_lesson", "skip"
CHOICES_SHOWN = 5


async def ask(update: Update, context: WuxueContext) -> None:
    """用上了 under the week's last lesson: the lessons of the week as buttons."""
    speaker = await context.speaker(update)
    carried(update, "used", 1)
    found = await context.read(used_lessons.choices, speaker, now=context.now())
    keys = [
        buttons.press(f"{choice.number} {choice.title}", "used_one", choice.lesson_id)
        for choice in found[-CHOICES_SHOWN:]
    ]
    none = buttons.press(context.label("no_chance_yet", speaker.language), "used_none", 0)
    await context.answer(update)
    text = context.text("used_which", speaker.language)
    # The lesson stays as it is.
    await show(update, context, text, with_navigation(keys, [none]), is_new=True)


async def none_yet(update: Update, context: WuxueContext) -> None:
    """还没机会: that is an answer too."""
    speaker = await context.speaker(update)
    carried(update, "used_none", 1)
    await context.in_session(used_lessons.note, speaker, None, "", now=context.now())
    await context.answer(update)
    noted = context.text("used_noted", speaker.language, said="none", brought=False)
    await show(update, context, noted)


async def chosen(update: Update, context: WuxueContext, forms: Forms) -> None:
    """A lesson: one sentence on how, if she likes."""
    speaker = await context.speaker(update)
    lesson_id = number(carried(update, "used_one", 1)[0])
    await context.in_session(used_lessons.note, speaker, lesson_id, "", now=context.now())
    await context.answer(update)
    answers: Answers = {"lesson": lesson_id, "language": speaker.language}
    await forms.start(update, context, USED, answers)


def _sentence(written: str) -> str:
    return SKIP if written == SKIP else used_lessons.readable(written)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    text = "" if answers["text"] == SKIP else answers["text"]

    def store(session: Session) -> int:
        drop(session, context, speaker.chat_id, USED)
        return used_lessons.note(session, speaker, answers["lesson"], text, now=context.now())

    used_id = await context.in_session(store)
    await guarding.erase(update, context, answers, "text")
    if text:
        await _show_further(update, context, speaker, used_id)
        return
    noted = context.text("used_noted", speaker.language, said="lesson", brought=False)
    await show(update, context, noted)


async def share(update: Update, context: WuxueContext) -> None:
    """放进共学, and 撤销 of it."""
    speaker = await context.speaker(update)
    used, wish = carried(update, "used_share", 2)
    is_shared = wish == "yes"
    await context.in_session(
        used_lessons.share, speaker, number(used), is_shared=is_shared, now=context.now()
    )
    await context.answer(update)
    await _show_further(update, context, speaker, number(used))


async def bring(update: Update, context: WuxueContext) -> None:
    """带给督导, and 不带了."""
    speaker = await context.speaker(update)
    used, wish = carried(update, "used_bring", 2)
    act = supervision_agenda.bring if wish == "yes" else supervision_agenda.keep
    await context.in_session(act, speaker, number(used), now=context.now())
    await context.answer(update)
    await _show_further(update, context, speaker, number(used))


async def _show_further(
    update: Update, context: WuxueContext, speaker: Speaker, used_id: int
) -> None:
    """A sentence is kept, and what she can do with it; to supervision where she has one."""
    language = speaker.language
    is_shared = await context.read(used_lessons.is_shared, speaker, used_id)
    can_bring, is_brought = await context.read(
        supervision_agenda.bringing, speaker, used_id, now=context.now()
    )
    label, value = ("undo", "no") if is_shared else ("share_used", "yes")
    keys = [
        buttons.press(context.label(label, language), "used_share", used_id, value),
        buttons.press(context.label("used_to_story", language), "used_story", used_id),
    ]
    if can_bring or is_brought:
        label, value = ("keep_used", "no") if is_brought else ("bring_used", "yes")
        keys.append(buttons.press(context.label(label, language), "used_bring", used_id, value))
    said = "shared" if is_shared else "sentence"
    text = context.text("used_noted", language, said=said, brought=is_brought)
    await show(update, context, text, buttons.row(*keys))


async def to_story(update: Update, context: WuxueContext) -> None:
    """讲成经验: a story of her own that begins with her sentence."""
    speaker = await context.speaker(update)
    (used_id,) = map(number, carried(update, "used_story", 1))
    note_key = context.services.note_key
    story_id = await context.in_session(
        story_sources.begin_from_used, speaker, used_id, note_key=note_key, now=context.now()
    )
    await context.answer(update)
    story = await story_pages.mine(context, speaker, story_id)
    # The sentence stays as it is, with what else can be done with it.
    await story_pages.show_own(update, context, speaker, story, is_new=True)


BUTTONS: dict[str, Act] = {
    "used": ask,
    "used_none": none_yet,
    "used_share": share,
    "used_bring": bring,
    "used_story": to_story,
}
FORM_BUTTONS = {"used_one": chosen}
TEXT, GUARD = guarding.behind_guard(
    Step("text", "used_sentence", ((SKIP, "write_nothing"),), _sentence, also_typed=True)
)
FORMS = (
    Form(
        USED,
        (TEXT, danger.STEP, GUARD),
        _finish,
        declined=danger.declined(USED),
        way_on=("say_used", "used", ""),
    ),
)
