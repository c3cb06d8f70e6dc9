"""证书 in chat: who earned one, issuing to all, undoing that, revoking one; one's own as a file."""

import asyncio
from functools import partial

from sqlmodel import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import turning, with_navigation
from bot.handlers.event_pages import change_one
from bot.handlers.media import kilobytes
from bot.handlers.numbered_pages import searching, turned_to
from bot.render import Renderer
from bot.taps import Act, carried, number
from bot.training_certificate import certificate_pdf, file_name
from curriculum import certificates_seen, training_certificates, training_words
from curriculum.certificates import CODE_LENGTH, Statement
from curriculum.certificates_seen import EARNED, Held, Overview
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.rich_text import RichText
from curriculum.training_errors import NobodyEarned

Key = InlineKeyboardButton
REVOKE = "certificate_revoke"


async def opened(update: Update, context: WuxueContext) -> None:
    """证书 of a training, for whoever arranges it."""
    speaker = await context.speaker(update)
    event_id, page = map(number, carried(update, "certificates", 2))
    found = await context.read(
        certificates_seen.overview, speaker, event_id, page=page, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_overview(context, speaker, found))


def _overview(
    context: WuxueContext, speaker: Speaker, found: Overview
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, event_id = speaker.language, found.event_id
    lines = list(enumerate(found.lines, start=1))
    keys = [
        buttons.press(f"{n} {line.name}", "certificate", line.certificate_id)
        for n, line in lines
        if line.certificate_id is not None
    ]
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda page: buttons.data("certificates", event_id, page),
    )
    if found.pages > 1 and not found.can_undo:
        look = context.label("find_people", language)
        navigation.append(buttons.press(look, "training_look", "cert", event_id))
    if found.can_undo:
        undo = context.label("undo", language)
        navigation.append(buttons.press(undo, "certificates_undo", event_id))
    if found.counts[EARNED]:
        label = context.label("certificates_issue", language)
        navigation.append(buttons.press(label, "certificates_preview", event_id))
    back = context.label("training_back", language)
    navigation.append(buttons.press(back, "training_manage", event_id))
    text = context.text("certificates", language, found=found, lines=lines, counts=found.counts)
    return text, with_navigation(keys, navigation)


async def preview(update: Update, context: WuxueContext) -> None:
    """发证书: to how many and in which words; issued only after another press."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "certificates_preview", 1))
    found = await context.read(certificates_seen.overview, speaker, event_id, now=context.now())
    sample = _sample(found, context)
    await context.answer(update)
    language, people = speaker.language, found.counts[EARNED]
    confirm = context.label("certificates_confirm", language)
    keys = [buttons.press(confirm, "certificates_issue", event_id, people)]
    back = buttons.press(context.label("back", language), "certificates", event_id, 0)
    text = context.text(
        "certificates_preview", language, people=people, s=sample, to_confirm=found.to_confirm
    )
    await show(update, context, text, with_navigation(keys, [back]))


def _sample(found: Overview, context: WuxueContext) -> Statement:
    """How the first of them would read; its number and code are not given out yet."""
    first = found.first
    if first is None:
        raise NobodyEarned
    today = local_date(context.now(), ZONE)
    return Statement(
        serial=f"{today.year}-000000",
        code="2" * CODE_LENGTH,
        name=first.name,
        unit=first.unit_name,
        title=found.title,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        minutes=first.minutes,
        issuer=found.organiser,
        issued_on=today,
    )


async def issue(update: Update, context: WuxueContext) -> None:
    """确认发证书: signed and kept now, told in a minute, with 撤销 for ten."""
    speaker = await context.speaker(update)
    event_id, seen = map(number, carried(update, "certificates_issue", 2))
    before = await context.read(certificates_seen.overview, speaker, event_id, now=context.now())
    signer = context.services.note_key.signer
    sample = _sample(before, context)
    # Its size is said on the button before anybody has it made.
    made = await asyncio.to_thread(
        certificate_pdf, sample, signer.sign(b""), username=context.services.renderer.bot_username
    )
    found = await context.in_session(
        training_certificates.issue,
        speaker,
        event_id,
        seen=seen,
        size=len(made),
        signer=signer,
        now=context.now(),
    )
    await context.answer(update)
    await show(update, context, *_overview(context, speaker, found))
    context.send_what_is_due()


async def undo(update: Update, context: WuxueContext) -> None:
    """撤销 what was issued just now."""
    act = training_certificates.undo
    await change_one(update, context, "certificates_undo", act, _overview, toast="undone_toast")
    context.send_what_is_due()


async def one(update: Update, context: WuxueContext) -> None:
    """One certificate, in its coordinator's hands."""
    speaker = await context.speaker(update)
    (certificate_id,) = map(number, carried(update, "certificate", 1))
    found = await context.read(certificates_seen.read, speaker, certificate_id)
    await context.answer(update)
    await show(update, context, *_one(context, speaker, found))


def _one(
    context: WuxueContext, speaker: Speaker, found: Held
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, certificate_id = speaker.language, found.certificate_id
    can_undo = certificates_seen.can_restore(found, now=context.now())
    keys = []
    if found.revoked_at is None and found.statement is not None:
        keys.append(see(context.services.renderer, language, certificate_id, found.size))
    if found.can_revoke:
        label = context.label("certificate_revoke", language)
        keys.append(buttons.press(label, REVOKE, certificate_id))
    elif found.revoked_at is not None and not found.is_mine:
        if can_undo:
            undo = context.label("undo", language)
            keys.append(buttons.press(undo, "certificate_restore", certificate_id))
        label = context.label("certificate_again", language)
        keys.append(buttons.press(label, "certificate_again", certificate_id))
    back = buttons.press(context.label("back", language), "certificates", found.event_id, 0)
    text = context.text("certificate", language, held=found, can_undo=can_undo)
    return text, with_navigation(keys, [back])


def see(renderer: Renderer, language: str, certificate_id: int, size: int) -> Key:
    """看证书(24 KB)."""
    label = renderer.label("see_certificate", language)
    gap = " " if label.isascii() else ""
    return buttons.press(f"{label}{gap}({kilobytes(size)} KB)", "certificate_file", certificate_id)


async def again(update: Update, context: WuxueContext) -> None:
    """重新发证: another number and code for whoever's was revoked."""
    act = partial(training_certificates.issue_again, signer=context.services.note_key.signer)
    await change_one(update, context, "certificate_again", act, _one)
    context.send_what_is_due()


async def restore(update: Update, context: WuxueContext) -> None:
    """撤销 one's being revoked: the same number counts again."""
    act = training_certificates.undo_revoke
    await change_one(update, context, "certificate_restore", act, _one, toast="undone_toast")
    context.send_what_is_due()


async def send_file(update: Update, context: WuxueContext) -> None:
    """看证书: the PDF, made at that moment of what was signed."""
    speaker = await context.speaker(update)
    (certificate_id,) = map(number, carried(update, "certificate_file", 1))
    found = await context.read(certificates_seen.read, speaker, certificate_id)
    if found.statement is None or found.revoked_at is not None:
        raise NotThere
    toast = context.label("on_the_way_toast", speaker.language)
    await context.answer(update, toast.format(size=kilobytes(found.size)))
    data = await asyncio.to_thread(
        certificate_pdf,
        found.statement,
        found.signature,
        username=context.services.renderer.bot_username,
    )
    name = file_name(found.serial)
    await context.send_file(speaker.chat_id, data, name)


async def own(update: Update, context: WuxueContext) -> None:
    """我的证书."""
    page, words = turned_to(carried(update, "own_certificates", 1)[0])
    await show_own(update, context, 0, words, page)
    await context.answer(update)


async def show_own(
    update: Update, context: WuxueContext, owner: int, words: str = "", page: int = 0
) -> None:
    """One page of her own, or of those that hold these words; `owner` is she who asks."""
    del owner
    speaker = await context.speaker(update)
    found = await context.read(certificates_seen.own, speaker, words=words, page=page)
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [
        buttons.press(str(n), "certificate_file", line.certificate_id)
        for n, line in lines
        if line.revoked_at is None
    ]
    navigation = searching(
        context,
        language,
        found,
        at=("own_certificates", 0),
        turn=lambda rest: buttons.data("own_certificates", rest),
    )
    text = context.text("own_certificates", language, found=found, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation))


async def begin_revoke(update: Update, context: WuxueContext, forms: Forms) -> None:
    """撤回证书: asks why, since its holder is told."""
    speaker = await context.speaker(update)
    (certificate_id,) = map(number, carried(update, REVOKE, 1))
    found = await context.read(certificates_seen.read, speaker, certificate_id)
    if not found.can_revoke:
        raise NotThere
    await context.answer(update)
    answers: Answers = {
        "certificate": certificate_id,
        "name": found.name,
        "serial": found.serial,
        "language": speaker.language,
    }
    await forms.start(update, context, REVOKE, answers)


async def _finish_revoke(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> Held:
        drop(session, context, speaker.chat_id, REVOKE)
        return training_certificates.revoke(
            session,
            speaker,
            answers["certificate"],
            reason=answers["reason"],
            now=context.now(),
        )

    found = await context.in_session(store)
    await show(update, context, *_one(context, speaker, found))
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {
    "certificates": opened,
    "certificates_preview": preview,
    "certificates_issue": issue,
    "certificates_undo": undo,
    "certificate": one,
    "certificate_again": again,
    "certificate_restore": restore,
    "certificate_file": send_file,
    "own_certificates": own,
}
FORM_BUTTONS = {REVOKE: begin_revoke}
FORMS = (
    Form(
        REVOKE,
        (
            Step("reason", "certificate_why", take=training_words.reason),
            Step("sure", "certificate_sure", (("yes", "certificate_revoke"),)),
        ),
        _finish_revoke,
        way_on=("back_to_certificate", "certificate", "{certificate}"),
    ),
)
