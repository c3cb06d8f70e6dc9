"""One part of a story as it is asked for and kept, by its author or whoever sorts what she told."""

from collections.abc import Callable

from sqlmodel import Session
from telegram import Update

from bot import guarding
from bot.context import WuxueContext
from bot.form_steps import Answers, Step
from bot.forms import drop
from curriculum.people import Speaker
from curriculum.story_texts import LIMITS, StoryView, usable


def asked(
    story: StoryView,
    part: str,
    language: str,
    *,
    left: int = 0,
    is_guided: bool = False,
    erased: str = "",
    files: int = 0,
) -> Answers:
    """What the form of a part begins with; `left` is how many more are asked for after it.

    `files` is how many the story has, where one has just come in.
    """
    return {
        "story": story.story_id,
        "version": story.version,
        "part": part,
        "old": story.texts.get(part, ""),
        "limit": LIMITS[part],
        "left": left,
        "guided": is_guided,
        "erased": erased,
        "files": files,
        "language": language,
    }


async def _settle(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, context
    return usable(answers["part"], came)


STEPS = guarding.behind_guard(Step("text", "story_part", settle=_settle))


async def keep(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    answers: Answers,
    *,
    form: str,
    save: Callable[..., StoryView],
) -> tuple[StoryView, str]:
    """Keep what was written at once, and end its form in the same transaction.

    Gives the story as it stands, and what became of words that the guard masked.
    """

    def store(session: Session) -> StoryView:
        saved = save(
            session,
            speaker,
            answers["story"],
            answers["part"],
            answers["text"],
            version=answers["version"],
            note_key=context.services.note_key,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, form)
        return saved

    story = await context.in_session(store)
    return story, await guarding.erase(update, context, answers, "text")
