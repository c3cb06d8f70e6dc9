"""看简报 in chat, the same for both of a pair, and 想聊什么, which its worker writes or says."""

from collections.abc import Sequence

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import TYPED, Answers, Form, Forms, Step, current, drop, show
from bot.handlers import danger
from bot.handlers.directory import with_navigation
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import question_voices
from curriculum import supervision_agenda as agendas
from curriculum import supervision_brief as briefs
from curriculum.facts import Facts
from curriculum.people import Speaker
from scheduler.channel import Part

AGENDA, CLEAR = "agenda", "clear"


async def opened(update: Update, context: WuxueContext) -> None:
    """看简报."""
    speaker = await context.speaker(update)
    pair_id = number(carried(update, "brief", 1)[0])
    await show_brief(update, context, speaker, pair_id)
    await context.answer(update)


async def show_brief(update: Update, context: WuxueContext, speaker: Speaker, pair_id: int) -> None:
    """The brief; only its worker is offered to say what she wants to talk about."""
    found = await context.read(
        briefs.of_pair,
        speaker,
        pair_id,
        note_key=context.services.note_key,
        now=context.now(),
    )
    language = speaker.language
    keys = []
    if found.agenda.has_voice:
        listen = context.label("hear_agenda", language)
        keys.append(buttons.press(listen, "agenda_voice", pair_id))
    if found.may_write:
        keys.append(buttons.press(context.label("say_agenda", language), AGENDA, pair_id))
    back = buttons.press(context.label("back", language), "own_pair", pair_id)
    text = context.text("supervision_brief", language, brief=found)
    await show(update, context, text, with_navigation(keys, [back]), protected=True)


async def ask(update: Update, context: WuxueContext, forms: Forms) -> None:
    """想聊什么: typed or spoken, until the session begins; what she wrote before stands above."""
    speaker = await context.speaker(update)
    pair_id = number(carried(update, AGENDA, 1)[0])
    found = await context.read(
        agendas.own, speaker, pair_id, note_key=context.services.note_key, now=context.now()
    )
    await context.answer(update)
    answers: Answers = {
        "pair": pair_id,
        "before": found.text,
        "had_voice": found.has_voice,
        "language": speaker.language,
    }
    await forms.start(update, context, AGENDA, answers)


async def _clearing(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """不聊了, where there is something to take back."""
    has_any = answers["before"] or answers["had_voice"]
    language = await context.language(update)
    return [(CLEAR, context.label("clear_agenda", language))] if has_any else []


def _agenda(written: str) -> str:
    return "" if written == CLEAR else agendas.readable(written)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    pair_id, text = int(answers["pair"]), str(answers["text"])

    def store(session: Session) -> None:
        drop(session, context, speaker.chat_id, AGENDA)
        if not text:
            agendas.clear(session, speaker, pair_id, now=context.now())
            return
        agendas.write(
            session,
            speaker,
            pair_id,
            text=text,
            note_key=context.services.note_key,
            now=context.now(),
        )

    await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text", is_private=bool(text))
    await _kept(update, context, speaker, pair_id, said="text" if text else "", erased=erased)


async def _kept(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    pair_id: int,
    *,
    said: str,
    erased: str,
) -> None:
    """Say where it is read; `said` is text, voice or "" where it was taken back."""
    language = speaker.language
    text = context.text("supervision_agenda_kept", language, said=said, erased=erased)
    keyboard = buttons.row(
        buttons.press(context.label("see_brief", language), "brief", pair_id),
        buttons.press(context.label("back", language), "own_pair", pair_id),
    )
    await show(update, context, text, keyboard, protected=True)


async def spoken(update: Update, context: WuxueContext, *, otherwise: Act) -> None:
    """A recording of what she wants to talk about, while she is asked; `otherwise` takes others."""
    speaker, message = await context.who(update), update.effective_message
    draft = None
    if speaker is not None and speaker.has_agreed and message is not None and message.voice:
        draft = await context.read(current, context, speaker.chat_id)
    if speaker is None or message is None or draft is None or draft.form != AGENDA:
        await otherwise(update, context)
        return
    voice = message.voice
    if voice is None:
        return
    question_voices.check_size(voice.file_size or 0)
    pair_id, name = int(draft.answers["pair"]), voice.file_id

    def store(session: Session) -> None:
        drop(session, context, speaker.chat_id, AGENDA)
        agendas.write(
            session,
            speaker,
            pair_id,
            voice=name,
            note_key=context.services.note_key,
            now=context.now(),
        )

    await context.in_session(store)
    answers = draft.answers | {TYPED: [message.message_id]}
    erased = await guarding.erase(update, context, answers, "text", is_private=True)
    await _kept(update, context, speaker, pair_id, said="voice", erased=erased)


async def hear(update: Update, context: WuxueContext) -> None:
    """听语音: what she said, for the two alone."""
    speaker = await context.speaker(update)
    pair_id = number(carried(update, "agenda_voice", 1)[0])
    voice = await context.read(
        agendas.voice_of, speaker, pair_id, note_key=context.services.note_key, now=context.now()
    )
    await context.answer(update)
    await context.patiently(
        lambda: context.bot.send_voice(
            speaker.chat_id, voice, disable_notification=True, protect_content=True
        )
    )


def ask_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """您想聊什么, three days before: silent, with the way to say it and to see the brief."""
    text = renderer.text("supervision_agenda", facts.language, **facts.values)
    pair_id = facts.values["view"].pair_id
    keyboard = buttons.row(
        buttons.press(renderer.label("say_agenda", facts.language), AGENDA, pair_id),
        buttons.press(renderer.label("see_brief", facts.language), "brief", pair_id),
    )
    return [Part(Text(text.text, tuple(entities(text)), keyboard, protected=True), silent=True)]


TEXT, GUARD = guarding.behind_guard(
    Step("text", "supervision_agenda_ask", (), _agenda, also_typed=True, offer=_clearing)
)
BUTTONS: dict[str, Act] = {
    "brief": opened,
    "agenda_voice": hear,
}
FORM_BUTTONS = {AGENDA: ask}
FORMS = (
    Form(
        AGENDA,
        (TEXT, danger.STEP, GUARD),
        _finish,
        protected=True,
        declined=danger.declined(AGENDA),
        way_on=("see_brief", "brief", "{pair}"),
    ),
)
