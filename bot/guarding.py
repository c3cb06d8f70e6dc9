"""The guard behind a free-text step of any form: what it found, the masked text, her choice.

The text waits in the form's sealed draft; only what she chose goes on. Use: `*behind_guard(Step(
"text", "template"))` among a form's steps, and `erase` when it is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from telegram import Update
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.context import WuxueContext
from bot.form_steps import Answers, Step
from bot.forms import PROMPTS, TYPED
from curriculum import guard
from curriculum.private_details import Kind

log = structlog.get_logger(__name__)
USE_MASKED, AS_WRITTEN, CHANGE = "masked", "as_written", "change"
REWORDED = "is_reworded"
# What became of the words as she typed them.
NOTHING_TO_ERASE, ERASED, NOT_ERASED, IN_GROUP = "", "yes", "no", "in_group"


@dataclass(frozen=True, slots=True)
class Seen:
    """The kinds of detail a text holds, each once, and how it reads without them."""

    kinds: tuple[Kind, ...]
    masked: str


def look(text: str) -> Seen:
    """What the guard has to say about a text, names that a sentence announces included."""
    looked = guard.look(text)
    names = guard.client_words(looked.masked)
    kinds = (*(found.kind for found in looked.findings), *(found.kind for found in names))
    return Seen(tuple(dict.fromkeys(kinds)), guard.masked(looked.masked, names))


def _guard_name(name: str) -> str:
    return f"{name}_guard"


def behind_guard(step: Step) -> tuple[Step, Step]:
    """A free-text step and the one behind it, which is passed over where nothing was found.

    Answers keep the chosen text under the step's own name.
    """
    name, chosen = step.name, _guard_name(step.name)

    def is_needed(answers: Answers) -> bool:
        return step.is_needed(answers | {"given": False}) and bool(
            look(answers.get(name) or "").kinds
        )

    def put(answers: Answers, choice: Any) -> Answers:
        text = answers[name]
        kept = look(text).masked if choice == USE_MASKED else text
        return answers | {name: kept, chosen: choice}

    def put_text(answers: Answers, text: Any) -> Answers:
        # What she typed first is in the chat as well, whatever she writes instead.
        is_reworded = answers.get(REWORDED) or bool(look(answers.get(name) or "").kinds)
        return answers | {name: text, chosen: "", REWORDED: is_reworded}

    async def facts(
        update: Update, context: WuxueContext, answers: Answers
    ) -> Mapping[str, object]:
        del update, context
        seen = look(answers[name])
        return {"kinds": [f"detail_{kind}" for kind in seen.kinds], "masked": seen.masked}

    return (
        replace(step, private=True, put=put_text),
        Step(
            chosen,
            "guard_found",
            (
                (USE_MASKED, "use_masked"),
                (AS_WRITTEN, "as_written"),
                (CHANGE, "change_text"),
            ),
            is_needed=is_needed,
            put=put,
            facts=facts,
            returns={CHANGE: name},
            private=True,
        ),
    )


def given(update: Update, name: str, text: str) -> Answers:
    """The answers of a form that begins with words typed before it: nothing asks for them again."""
    message = update.effective_message
    is_typed = message is not None and update.callback_query is None
    in_group = message is not None and message.chat.type != "private"
    typed = [message.message_id] if message and is_typed and not in_group else []
    return {
        name: text,
        "given": True,
        _guard_name(name): "",
        TYPED: typed,
        IN_GROUP: in_group,
    }


def is_asked(answers: Answers) -> bool:
    """Whether the words are still to be asked for (`is_needed` of a step that `given` may fill)."""
    return not answers.get("given")


async def erase(
    update: Update,
    context: WuxueContext,
    answers: Answers,
    name: str,
    *,
    is_private: bool = False,
) -> str:
    """After a masked text was stored: take what she typed, and our prompts, out of the chat.

    With `is_private` whatever it was: nobody who holds her phone should read it there.
    Returns what the reply should say: ERASED, NOT_ERASED where Telegram no longer allows it
    (48 hours), IN_GROUP where it was written in a group, NOTHING_TO_ERASE where nothing has to go.
    """
    chat, shown = update.effective_user, update.effective_message
    is_masked = is_private or answers.get(_guard_name(name)) == USE_MASKED
    if not (is_masked or answers.get(REWORDED)) or chat is None:
        return NOTHING_TO_ERASE
    stands = shown.message_id if update.callback_query is not None and shown is not None else None
    for message_id in answers.get(PROMPTS, ()):
        if message_id != stands:
            await _delete(context, chat.id, message_id)
    gone = [await _delete(context, chat.id, typed) for typed in answers.get(TYPED, ())]
    if answers.get(IN_GROUP):
        return IN_GROUP
    return ERASED if all(gone) else NOT_ERASED


async def _delete(context: WuxueContext, chat_id: int, message_id: int) -> bool:
    """Delete one message; one that is gone already is as good."""
    try:
        await context.patiently(lambda: context.bot.delete_message(chat_id, message_id))
    except (BadRequest, Forbidden) as error:
        return "not found" in error.message.lower()
    except TelegramError as error:
        log.info("not_erased", message=message_id, error=type(error).__name__)
        return False
    return True
