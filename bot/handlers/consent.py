"""The privacy notice in chat: asked again when it changed, and taking consent back."""

from telegram import InlineKeyboardMarkup, ReplyKeyboardRemove, Update

from bot import buttons, menus
from bot.context import Stranger, WuxueContext
from bot.forms import show
from bot.taps import Act, carried
from curriculum import consent
from curriculum.errors import NotThere
from curriculum.people import Speaker

AGREE, ASK, WITHDRAW, KEEP = "agree", "ask", "withdraw", "keep"


def way_out(context: WuxueContext, language: str) -> InlineKeyboardMarkup:
    """What stands under the notice: her copy, being forgotten, taking consent back."""
    own = [buttons.press(context.label(act, language), "open", act) for act in ("mydata", "forget")]
    out = buttons.press(context.label("withdraw_consent", language), "consent", ASK)
    return InlineKeyboardMarkup([own, [out]])


async def ask_again(update: Update, context: WuxueContext) -> bool:
    """Show the present notice to somebody enrolled under another; False for everybody else."""
    speaker = await context.who(update)
    if speaker is None or speaker.has_agreed:
        return False
    await context.answer(update)
    keyboard = buttons.row(
        buttons.press(
            context.label("agree", speaker.language),
            "consent",
            AGREE,
            context.services.privacy_version,
        ),
        buttons.press(context.label("withdraw_consent", speaker.language), "consent", ASK),
    )
    await context.say(speaker.chat_id, context.text("consent_again", speaker.language), keyboard)
    return True


async def pressed(update: Update, context: WuxueContext) -> None:
    """A button under the notice; the only ones that work for whoever has not agreed to it."""
    (wish,) = carried(update, "consent", 1)
    act, _, version = wish.partition(":")
    speaker = await context.who(update)
    if speaker is None:
        raise Stranger
    if act == AGREE:
        await _agree(update, context, speaker, version)
    elif act == ASK:
        await _ask(update, context, speaker)
    elif act == WITHDRAW:
        await _withdraw(update, context, speaker)
    elif act == KEEP:
        await context.answer(update)
        await show(update, context, context.text("consent_kept", speaker.language))
    else:
        raise NotThere


async def _agree(update: Update, context: WuxueContext, speaker: Speaker, version: str) -> None:
    await context.in_session(
        consent.agree,
        speaker,
        version=version,
        present_version=context.services.privacy_version,
        now=context.now(),
    )
    await context.answer(update)
    await show(update, context, context.text("consent_given", speaker.language))


async def _ask(update: Update, context: WuxueContext, speaker: Speaker) -> None:
    await context.answer(update)
    keyboard = buttons.row(
        buttons.press(context.label("withdraw_consent", speaker.language), "consent", WITHDRAW),
        buttons.press(context.label("cancel", speaker.language), "consent", KEEP),
    )
    text = context.text("consent_withdraw", speaker.language)
    await context.say(speaker.chat_id, text, keyboard)


async def _withdraw(update: Update, context: WuxueContext, speaker: Speaker) -> None:
    await context.in_session(consent.withdraw, speaker, now=context.now())
    await context.answer(update)
    await show(update, context, context.text("consent_withdraw", speaker.language))
    text = context.text("consent_withdrawn", speaker.language)
    await context.say(speaker.chat_id, text, ReplyKeyboardRemove())
    await menus.offer(context, speaker.chat_id)


BUTTONS: dict[str, Act] = {
    "consent": pressed,
}
