"""Forms of several steps as draft rows: they outlive restarts and can be gone back in.

Every form shares back, cancel and expiry; a tap on an earlier step is told so and shown where the
form stands now.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons, split_texts
from bot.context import WuxueContext
from bot.form_drafts import begin, chat_of, current, drop, note, save, waiting
from bot.form_steps import Answers, Form, Step
from bot.taps import carried
from curriculum.errors import NotThere, Refusal
from curriculum.rich_text import RichText
from storage.drafts import OpenDraft

__all__ = [
    "TYPED",
    "Answers",
    "Form",
    "Forms",
    "Step",
    "begin",
    "current",
    "drop",
    "show",
    "waiting",
]
BACK, CANCEL = "back", "cancel"
# Where a form keeps the ids of what was typed in it and of its own messages around that.
TYPED, PROMPTS = "typed_messages", "prompt_messages"
SHORT_WORDS = 5


class Forms:
    """Every form of the bot by name."""

    def __init__(self, *forms: Form) -> None:
        self._forms: Mapping[str, Form] = {form.name: form for form in forms}

    async def start(
        self, update: Update, context: WuxueContext, form_name: str, answers: Answers
    ) -> None:
        """Begin a form, replacing one of the same name that was left half filled.

        Where `answers` hold everything it needs, it is finished at once.
        """
        form = self._forms[form_name]
        if form.first(answers) is None:
            await form.finish(update, context, answers)
            return
        saved = await begin(update, context, form, answers)
        await self._show(update, context, form, saved, is_new=True)

    async def typed(self, update: Update, context: WuxueContext) -> bool:
        """Take a typed answer; False when no form waits for one."""
        draft = await context.read(current, context, chat_of(update))
        if draft is None or draft.form not in self._forms:
            return False
        form = self._forms[draft.form]
        step = form.step(draft.step)
        message = update.effective_message
        if message is None or message.text is None:
            return False
        if step.choices and not step.also_typed:
            return await self._said(update, context, draft, message.text.strip())
        written = await split_texts.whole(context, message)
        if written is None:
            return True
        if len(written.message_ids) > 1:
            language = draft.answers.get("language") or await context.language(update)
            await split_texts.say_joined(context, chat_of(update), language, written)
        if step.private:
            draft = _noting(draft, TYPED, *written.message_ids)
        try:
            came = await _chosen(update, context, step, draft, written.text)
            answer = await _settled(update, context, step, draft, came)
        except Refusal as refusal:
            # What was not understood is in the chat as well, and goes with the rest.
            if step.private:
                await context.in_session(note, context, chat_of(update), draft)
            # Words that are none of what is offered, where nothing was looked up that could lack.
            if step.settle is not None or not isinstance(refusal, NotThere):
                raise
            await self._show(update, context, form, draft, is_new=True)
            return True
        await self._accept(update, context, form, draft, answer)
        return True

    async def _said(
        self, update: Update, context: WuxueContext, draft: OpenDraft, words: str
    ) -> bool:
        """Take what a button says as a tap on it; other words show the step again, if anything."""
        form = self._forms[draft.form]
        step = form.step(draft.step)
        value = await _named(update, context, step, draft, words)
        if value is None:
            return await self.shown_again(update, context)
        answer = await _settled(update, context, step, draft, value)
        await self._accept(update, context, form, draft, answer)
        return True

    async def shown_again(self, update: Update, context: WuxueContext) -> bool:
        """Show what is waited for to whoever sent something else; False where nothing is."""
        draft = await context.read(current, context, chat_of(update))
        if draft is None or draft.form not in self._forms:
            return False
        form = self._forms[draft.form]
        step = form.step(draft.step)
        if not form.asks_again or not step.choices or step.also_typed:
            return False
        await self._show(update, context, form, draft, is_new=True)
        return True

    async def pressed(self, update: Update, context: WuxueContext) -> None:
        """Take a tap on a form's button; the button carries the version it was made on."""
        name, version, value = carried(update, "form", 3)
        if name not in self._forms:
            raise NotThere
        form = self._forms[name]
        draft = await context.read(current, context, chat_of(update), name)
        if draft is None or version != str(draft.version):
            # The buttons of a form outlive it in the chat: under what was answered by typing, or
            # where it was finished, cancelled or forgotten since. That is no refusal.
            passed = "old_button" if draft is None else "step_passed"
            await context.answer(update, context.label(passed, await context.language(update)))
            return
        if value == CANCEL:
            await self._cancel(update, context, form, draft.answers)
        elif value == BACK:
            await self._move(update, context, form, draft, by=-1)
        else:
            step = form.step(draft.step)
            if value in step.returns:
                await self._show_step(update, context, form, draft, step.returns[value])
                await context.answer(update)
                return
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
        put = form.step(draft.step).put
        answers = put(draft.answers, answer) if put else draft.answers | {draft.step: answer}
        await self._move(update, context, form, replace(draft, answers=answers))

    async def _move(
        self, update: Update, context: WuxueContext, form: Form, draft: OpenDraft, *, by: int = 1
    ) -> None:
        step = form.after(draft.step, by, draft.answers)
        if step is None and by > 0:
            await form.finish(update, context, draft.answers)
            return
        await self._show_step(update, context, form, draft, (step or form.steps[0]).name)

    async def _show_step(
        self, update: Update, context: WuxueContext, form: Form, draft: OpenDraft, name: str
    ) -> None:
        moved = replace(draft, step=name)
        saved = await context.in_session(save, context, chat_of(update), moved)
        await self._show(update, context, form, saved, is_new=update.callback_query is None)

    async def _cancel(
        self, update: Update, context: WuxueContext, form: Form, answers: Answers
    ) -> None:
        language = await context.language(update)
        await context.in_session(drop, context, chat_of(update), form.name)
        keyboard, way = None, form.leads_on(answers)
        if way is not None:
            label, *carries = way
            keyboard = buttons.row(buttons.press(context.label(label, language), *carries))
        await show(update, context, context.text(form.left, language), keyboard)

    async def _show(
        self, update: Update, context: WuxueContext, form: Form, draft: OpenDraft, *, is_new: bool
    ) -> None:
        step = form.step(draft.step)
        language = draft.answers.get("language") or await context.language(update)
        found = await step.facts(update, context, draft.answers) if step.facts else {}
        text = context.text(step.template, language, **(draft.answers | dict(found)))
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
            buttons.press(context.label(label, language), "form", form.name, draft.version, name)
            for name, label in _ways_out(form, step, draft)
        ]
        can_leave = form.can_cancel or step.private
        rows = [*_side_by_side(keys), navigation] if can_leave else _side_by_side(keys)
        keyboard = InlineKeyboardMarkup(rows)
        shown = await show(update, context, text, keyboard, is_new=is_new, protected=form.protected)
        if step.private and shown is not None:
            noted = _noting(draft, PROMPTS, shown)
            await context.in_session(note, context, chat_of(update), noted)


def _ways_out(form: Form, step: Step, draft: OpenDraft) -> tuple[tuple[str, str], ...]:
    """What leads out of a step, with its label; one that has its own way back needs no other."""
    has_back = not step.returns and form.after(draft.step, -1, draft.answers) is not None
    out = (CANCEL, form.way_out)
    return ((BACK, BACK), out) if has_back else (out,)


def _noting(draft: OpenDraft, where: str, *message_ids: int) -> OpenDraft:
    """The draft with more messages noted, each once."""
    noted = [*dict.fromkeys((*draft.answers.get(where, ()), *message_ids))]
    return replace(draft, answers=draft.answers | {where: noted})


async def _named(
    update: Update, context: WuxueContext, step: Step, draft: OpenDraft, words: str
) -> str | None:
    """The choice whose button says these words, or these digits; None for other words."""
    language = draft.answers.get("language") or await context.language(update)
    for value, label in step.choices:
        is_meant = words == context.label(label, language) or (value.isdigit() and words == value)
        if is_meant and value != step.declines and value not in step.returns:
            return value
    return None


async def _chosen(
    update: Update, context: WuxueContext, step: Step, draft: OpenDraft, words: str
) -> str:
    """What was typed, or the choice whose words on its button were typed."""
    offered = await step.offer(update, context, draft.answers) if step.offer else ()
    by_words = {text: value for value, text in offered if value not in step.returns}
    return by_words.get(words.strip(), words)


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
    protected: bool = False,
) -> int | None:
    """Change the message a button stands under, or send a new one after something typed.

    An edited message stays as protected as it was.

    Returns the id of the message that says it now.
    """
    message = update.effective_message
    if message is None:
        return None
    if update.callback_query is not None and not is_new:
        await context.edit(message.chat_id, message.message_id, text, keyboard)
        return message.message_id
    return (await context.say(chat_of(update), text, keyboard, protected=protected)).message_id
