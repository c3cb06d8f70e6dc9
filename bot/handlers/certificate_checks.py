"""/verify for anybody: a certificate's code, or its PDF, and what is true of it."""

import asyncio

from telegram import Update

from bot.context import WuxueContext
from bot.reports.certificates import MOST_BYTES, NotOurs, signed_of
from curriculum import certificates
from curriculum.certificates import UNKNOWN, Checked

COMMAND = "/verify"
PDF = "application/pdf"


async def verify(update: Update, context: WuxueContext) -> None:
    """/verify CODE; without one it says how."""
    await checked(update, context, " ".join(context.args or ()))


async def checked(update: Update, context: WuxueContext, code: str) -> None:
    """The answer to a code, typed or scanned, in one message; nobody has to be enrolled."""
    if update.effective_user is None:
        return
    if not certificates.read_code(code):
        text = context.text("certificate_how", await context.language(update))
        await context.say(update.effective_user.id, text)
        return
    found = await context.read(certificates.check, code, bot=context.services.bot_id)
    await _say(update, context, found, is_file=False)


async def received(update: Update, context: WuxueContext) -> bool:
    """A PDF sent here is checked where it is a certificate, or was sent to be; False for others."""
    message, user = update.effective_message, update.effective_user
    document = message.document if message is not None else None
    if message is None or document is None or user is None:
        return False
    is_asked = (message.caption or "").strip().lower().startswith(COMMAND)
    is_pdf = document.mime_type == PDF or (document.file_name or "").lower().endswith(".pdf")
    if not (is_pdf or is_asked):
        return False
    if not is_pdf or (document.file_size or 0) > MOST_BYTES:
        if is_asked:
            await _say(update, context, Checked(UNKNOWN), is_file=True)
        return is_asked
    sent = await context.bot.get_file(document.file_id)
    data = bytes(await sent.download_as_bytearray())
    try:
        signed = await asyncio.to_thread(signed_of, data)
    except NotOurs:
        if is_asked:
            await _say(update, context, Checked(UNKNOWN), is_file=True)
        return is_asked
    found = await context.read(
        certificates.check_file,
        signed.document,
        signed.signature,
        bot=context.services.bot_id,
        by=context.services.note_key.signer.public,
        before=context.services.note_key.signed_before,
    )
    await _say(update, context, found, is_file=True)
    return True


async def _say(update: Update, context: WuxueContext, found: Checked, *, is_file: bool) -> None:
    if update.effective_user is None:
        return
    language = await context.language(update)
    text = context.text("certificate_checked", language, found=found, is_file=is_file)
    await context.say(update.effective_user.id, text)
