"""Forms of several steps as draft rows: they outlive restarts and can be gone back in.

Every form shares back, cancel and expiry; a tap on an earlier step is told so and shown where the
form stands now.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.taps import carried
from curriculum.errors import NotThere
from curriculum.rich_text import RichText
from storage import drafts
from storage.drafts import OpenDraft

BACK, CANCEL = "back", "cancel"
KEPT = timedelta(days=7)
FIRST_VERSIONS = 1_000_000
SHORT_WORDS = 5
Answers = dict[str, Any]
Offer = Callable[[Update, WuxueContext, Answers], Awaitable[Sequence[tuple[str, str]]]]
Settle = Callable[[Update, WuxueContext, Answers, str], Awaitable[Any]]


def _always(answers: Answers) -> bool:
    del answers
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a form.

    `choices` are (value, label name) pairs; with none the answer is typed. `take` turns what came
    into an answer or raises a Refusal, which leaves the form where it is. The choice `declines`
    ends the form at once, another way than finishing it. `offer` reads choices at the moment, as
    (value, text) pairs beside which an answer can be typed; `settle` is a `take` that has to look
    something up. A step that is not needed is passed over.
    """

    name: str
    template: str
    choices: tuple[tuple[str, str], ...] = ()
    take: Callable[[str], Any] = str
    # Where the choices are only the usual ones and another answer may be typed.
    also_typed: bool = False
    declines: str = ""
    offer: Offer | None = None
    settle: Settle | None = None
    is_needed: Callable[[Answers], bool] = _always


@dataclass(frozen=True, slots=True)
class Form:
    """Steps in order, and what to do when all are answered."""

    name: str
    steps: tuple[Step, ...]
    finish: Callable[[Update, WuxueContext, Answers], Awaitable[None]]
    # False where one of the choices already means "no, leave it".
    can_cancel: bool = True
    # Whether words typed at a step with buttons show the step again, there being nothing else
    # that whoever fills in this form could mean.
    asks_again: bool = False
    # What to do when a step was declined.
    declined: Callable[[Update, WuxueContext, Answers], Awaitable[None]] | None = None

    def step(self, name: str) -> Step:
        """A step by name."""
        return next(step for step in self.steps if step.name == name)

    def after(self, name: str, by: int = 1, answers: Answers | None = None) -> Step | None:
        """The next needed step in direction `by` (1 or -1), or None past either end."""
        place = [step.name for step in self.steps].index(name) + by
        while 0 <= place < len(self.steps) and not self.steps[place].is_needed(answers or {}):
            place += by
        return self.steps[place] if 0 <= place < len(self.steps) else None


class Forms:
    """Every form of the bot by name."""

    def __init__(self, *forms: Form) -> None:
        self._forms: Mapping[str, Form] = {form.name: form for form in forms}

    async def start(
        self, update: Update, context: WuxueContext, form_name: str, answers: Answers
    ) -> None:
        """Begin a form, replacing one of the same name that was left half filled."""
        form = self._forms[form_name]
        saved = await begin(update, context, form, answers)
        await self._show(update, context, form, saved, is_new=True)

    async def typed(self, update: Update, context: WuxueContext) -> bool:
        """Take a typed answer; False when no form waits for one."""
        draft = await context.read(current, context, _chat(update))
        if draft is None or draft.form not in self._forms:
            return False
        form = self._forms[draft.form]
        step = form.step(draft.step)
        message = update.effective_message
        if message is None or message.text is None:
            return False
        if step.choices and not step.also_typed:
            # Whoever types at a step with buttons sees the step again rather than nothing.
            if form.asks_again:
                await self._show(update, context, form, draft, is_new=True)
                return True
            return False
        answer = await _settled(update, context, step, draft, message.text)
        await self._accept(update, context, form, draft, answer)
        return True

    async def pressed(self, update: Update, context: WuxueContext) -> None:
        """Take a tap on a form's button; the button carries the version it was made on."""
        name, version, value = carried(update, "form", 3)
        if name not in self._forms:
            raise NotThere
        form = self._forms[name]
        draft = await context.read(current, context, _chat(update), name)
        if draft is None or version != str(draft.version):
            # The buttons of a form outlive it in the chat: under what was answered by typing, or
            # where it was finished, cancelled or forgotten since. That is no refusal.
            passed = "old_button" if draft is None else "step_passed"
            await context.answer(update, context.label(passed, await context.language(update)))
            return
        if value == CANCEL:
            await self._cancel(update, context, form)
        elif value == BACK:
            await self._move(update, context, form, draft, by=-1)
        else:
            step = form.step(draft.step)
            offered = await step.offer(update, context, draft.answers) if step.offer else ()
            if value not in dict((*step.choices, *offered)):
                raise NotThere
            if value == step.declines and form.declined is not None:
                await form.declined(update, context, draft.answers)
            else:
                answer = await _settled(update, context, step, draft, value)
                await self._accept(update, context, form, draft, answer)
        # Last, because a tap is answered once, and a refusal needs that answer for its sentence.
        await context.answer(update)

    async def _accept(
        self, update: Update, context: WuxueContext, form: Form, draft: OpenDraft, answer: Any
    ) -> None:
        answers = draft.answers | {draft.step: answer}
        await self._move(
            update, context, form, OpenDraft(draft.form, draft.step, answers, draft.version)
        )

    async def _move(
        self, update: Update, context: WuxueContext, form: Form, draft: OpenDraft, *, by: int = 1
    ) -> None:
        step = form.after(draft.step, by, draft.answers)
        if step is None and by > 0:
            await form.finish(update, context, draft.answers)
            return
        moved = OpenDraft(draft.form, (step or form.steps[0]).name, draft.answers, draft.version)
        saved = await context.in_session(_save, context, _chat(update), moved)
        await self._show(update, context, form, saved, is_new=update.callback_query is None)

    async def _cancel(self, update: Update, context: WuxueContext, form: Form) -> None:
        language = await context.language(update)
        await context.in_session(drop, context, _chat(update), form.name)
        await show(update, context, context.text("form_cancelled", language))

    async def _show(
        self, update: Update, context: WuxueContext, form: Form, draft: OpenDraft, *, is_new: bool
    ) -> None:
        step = form.step(draft.step)
        language = draft.answers.get("language") or await context.language(update)
        text = context.text(step.template, language, **draft.answers)
        keys = [
            [buttons.press(context.label(label, language), "form", form.name, draft.version, value)]
            for value, label in step.choices
        ]
        if step.offer is not None:
            keys += _in_rows(
                [
                    buttons.press(words, "form", form.name, draft.version, value)
                    for value, words in await step.offer(update, context, draft.answers)
                ]
            )
        navigation = [
            buttons.press(context.label(name, language), "form", form.name, draft.version, name)
            for name in ((BACK, CANCEL) if form.after(draft.step, -1, draft.answers) else (CANCEL,))
        ]
        rows = [*_side_by_side(keys), navigation] if form.can_cancel else _side_by_side(keys)
        keyboard = InlineKeyboardMarkup(rows)
        await show(update, context, text, keyboard, is_new=is_new)


async def _settled(
    update: Update, context: WuxueContext, step: Step, draft: OpenDraft, came: str
) -> Any:
    """What an answer comes to, looked up where the step says so."""
    if step.settle is not None:
        return await step.settle(update, context, draft.answers, came)
    return step.take(came)


def _in_rows(offered: list[Any]) -> list[list[Any]]:
    """Hours and other short words three in a row, names one below the other."""
    width = 3 if all(len(key.text) <= SHORT_WORDS for key in offered) else 1
    return [offered[start : start + width] for start in range(0, len(offered), width)]


def _side_by_side(keys: list[Any]) -> list[Any]:
    """Two or three short choices in one row, otherwise as they are given."""
    flat = [key for line in keys for key in line]
    if 1 < len(flat) <= 3 and all(len(key.text) <= buttons.ONE_COLUMN_FROM for key in flat):
        return [flat]
    return keys


async def show(
    update: Update,
    context: WuxueContext,
    text: RichText,
    keyboard: InlineKeyboardMarkup | None = None,
    *,
    is_new: bool = False,
) -> None:
    """Change the message a button stands under, or send a new one after something typed."""
    message = update.effective_message
    if message is None:
        return
    if update.callback_query is not None and not is_new:
        await context.edit(message.chat_id, message.message_id, text, keyboard)
    else:
        await context.say(message.chat_id, text, keyboard)


def _chat(update: Update) -> int:
    if update.effective_user is None:
        raise NotThere
    return update.effective_user.id


async def begin(
    update: Update,
    context: WuxueContext,
    form: Form,
    answers: Answers,
    *,
    instead_of: str | None = None,
) -> OpenDraft:
    """Begin a form whose first step the caller shows, with buttons that carry its version.

    `instead_of` is a form that ends with it.
    """
    # A random first version, so that buttons of an earlier, dropped form fit nothing now.
    draft = OpenDraft(form.name, form.steps[0].name, answers, secrets.randbelow(FIRST_VERSIONS))
    return await context.in_session(_begin, context, _chat(update), draft, instead_of)


def _begin(
    session: Session, context: WuxueContext, chat_id: int, draft: OpenDraft, instead_of: str | None
) -> OpenDraft:
    for form in {draft.form, instead_of or draft.form}:
        drop(session, context, chat_id, form)
    return _save(session, context, chat_id, draft)


def _save(session: Session, context: WuxueContext, chat_id: int, draft: OpenDraft) -> OpenDraft:
    services, now = context.services, context.now()
    return drafts.save(
        session,
        draft,
        bot=services.bot_id,
        chat_id=chat_id,
        note_key=services.note_key,
        now=now,
        expires_at=now + KEPT,
    )


def current(
    session: Session, context: WuxueContext, chat_id: int, form: str | None = None
) -> OpenDraft | None:
    """The form a chat is in the middle of, or the named one; None where it is gone."""
    services = context.services
    return drafts.current(
        session,
        bot=services.bot_id,
        chat_id=chat_id,
        form=form,
        note_key=services.note_key,
        now=context.now(),
    )


def drop(session: Session, context: WuxueContext, chat_id: int, form: str) -> None:
    """Forget a form with its answers, in the transaction that finishes it."""
    drafts.drop(session, bot=context.services.bot_id, chat_id=chat_id, form=form)
