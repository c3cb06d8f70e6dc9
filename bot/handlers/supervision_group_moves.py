"""改时间 of a group session: a free time pressed or any written, and read back before it counts."""

from datetime import datetime
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers.supervision_groups import show_group
from bot.taps import carried, number
from curriculum import supervision_group_changes as changes
from curriculum import supervision_group_words as words
from curriculum import supervision_proposals as proposals
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE
from curriculum.rhythm import local_date

MOVE = "sup_gmove"
YES, AGAIN = "yes", "again"


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间."""
    speaker = await context.speaker(update)
    seen, group_id = map(number, carried(update, MOVE, 2))
    found = await context.read(words.view, group_id, speaker.person_id, now=context.now())
    if not found.accompanies:
        raise NotThere
    if found.version != seen or found.state != "planned" or found.has_begun:
        raise ChangedMeanwhile
    answers: Answers = {
        "group": group_id,
        "seen": seen,
        "was_at": found.starts_at.isoformat(),
        "names": list(found.names),
        "language": speaker.language,
    }
    await context.answer(update)
    await forms.start(update, context, MOVE, answers)


async def _free(update: Update, context: WuxueContext, answers: Answers) -> dict[str, datetime]:
    """The next free times, by what their buttons carry: no written moment begins so."""
    speaker = await context.speaker(update)
    found = await context.read(changes.free_moments, speaker, answers["group"], now=context.now())
    return {f"at{int(at.timestamp()) // 60}": at for at in found}


async def _offered(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    renderer, language = context.services.renderer, answers["language"]
    free = await _free(update, context, answers)
    return [(carries, renderer.moment(at, language)) for carries, at in free.items()]


async def _was(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    has_free = bool(await _free(update, context, answers))
    return {"was": datetime.fromisoformat(answers["was_at"]), "has_free": has_free}


async def _moment(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """The moment pressed or written, once it is sure that everybody could."""
    speaker, now = await context.speaker(update), context.now()
    free = await _free(update, context, answers)
    at = free.get(came) or proposals.read_one(came, today=local_date(now, ZONE), now=now)
    await context.read(changes.look_at, speaker, answers["group"], at, now=now)
    return at.isoformat()


async def _read_back(update: Update, context: WuxueContext, answers: Answers) -> dict[str, object]:
    del update, context
    return {
        "at": datetime.fromisoformat(answers["moment"]),
        "was": datetime.fromisoformat(answers["was_at"]),
    }


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        changes.move(
            session,
            speaker,
            answers["group"],
            datetime.fromisoformat(answers["moment"]),
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, MOVE)

    await context.in_session(store)
    await show_group(update, context, speaker, answers["group"])
    context.send_what_is_due()


FORM_BUTTONS = {MOVE: begin}
FORMS = (
    Form(
        MOVE,
        (
            Step("moment", "supervision_group_when", offer=_offered, settle=_moment, facts=_was),
            Step(
                "sure",
                "supervision_group_move",
                ((YES, "confirm"), (AGAIN, "write_again")),
                facts=_read_back,
                returns={AGAIN: "moment"},
            ),
        ),
        _finish,
        protected=True,
        way_on=("open_question", "sup_group", "{group}"),
    ),
)
