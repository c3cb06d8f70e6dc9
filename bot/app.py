"""The composition root: everything is wired here, and every handler registered here, in order."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.error import Forbidden
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    MessageHandler,
    PollAnswerHandler,
    filters,
)

from bot import menus
from bot.config_tables import Webhook as WebhookSettings
from bot.context import Services, WuxueContext, bot_id
from bot.errors import give_up_job, on_error, refuse_job
from bot.forms import Forms
from bot.handlers import (
    absences,
    absences_of_others,
    arrivals,
    asked_lesson,
    consent,
    daily_lesson,
    directory,
    enrolment,
    holds,
    home,
    item_statistics,
    leaving,
    library,
    media,
    monday_line,
    newcomers,
    pack_ending,
    practice,
    preferences,
    progress,
    questions,
    recall,
    records,
    restored_span,
    roster,
    schedule,
    staffing,
    units,
    work_groups,
)
from bot.inbox import Inbox
from bot.jobs import Arguments, jobs_for
from bot.operations.watch import Watch
from bot.render import Renderer
from bot.telegram_channel import TelegramChannel
from bot.telegram_request import TelegramRequest
from bot.webhook import Webhook
from curriculum import absences_of_others as absences_of_others_rules
from curriculum import chat_accounts, welcome_back
from curriculum import daily_lesson as daily_lesson_rules
from curriculum import monday_line as monday_line_rules
from curriculum import pack_ending as pack_ending_rules
from curriculum import restored_span as restored_span_rules
from curriculum.errors import Refusal
from curriculum.people import PRIVACY_VERSION
from scheduler.clock import Clock, SystemClock
from scheduler.marks import Marks
from scheduler.pace import ChatPace
from scheduler.postman import Postman
from scheduler.rate import SendBudget, SharedSlots
from scheduler.ticker import KEEP_DELIVERIES_DAYS, Ticker
from storage import send_budget
from storage.engine import Database
from storage.sealed import NoteKey

log = structlog.get_logger(__name__)
PRIVATE, GROUP = filters.ChatType.PRIVATE, filters.ChatType.GROUPS
NEW_MESSAGE = filters.UpdateType.MESSAGE
# How each kind of delivery is worded.
WORDINGS = {
    daily_lesson_rules.KIND: daily_lesson.parts,
    daily_lesson_rules.ASKED: daily_lesson.parts,
    welcome_back.KIND: absences.welcome_parts,
    absences_of_others_rules.KIND: absences_of_others.told_parts,
    pack_ending_rules.KIND: pack_ending.parts,
    chat_accounts.KIND: enrolment.last_word,
    monday_line_rules.KIND: monday_line.parts,
    restored_span_rules.KIND: restored_span.parts,
}
# What takes long and is done apart from the handler that was asked for it, where it can be.
JOBS = {records.EXPORT: records.export, roster.IMPORT_JOB: roster.import_kept}
DRAIN_SECONDS = 4.0

App = Application[Any, WuxueContext, Any, Any, Any, Any]
Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]


def register(application: App) -> None:
    """Every handler, in the order in which they are asked; the first that fits takes it."""
    forms = Forms(
        *enrolment.FORMS,
        *questions.FORMS,
        *absences.FORMS,
        *absences_of_others.FORMS,
        *preferences.FORMS,
        *library.FORMS,
        *roster.FORMS,
        *directory.FORMS,
        *staffing.FORMS,
        *newcomers.FORMS,
        *units.FORMS,
        *schedule.FORMS,
    )
    words = home.read_words()
    # What a person can ask for by command, by button of 更多 and by typed word, all the same.
    acts: dict[str, Act] = {
        "today": daily_lesson.today,
        "ask": partial(questions.ask, forms=forms),
        "me": home.me,
        "more": home.more,
        "progress": progress.progress,
        "catch_up": asked_lesson.catch_up,
        "pause": partial(absences.pause, forms=forms),
        "resume": absences.resume,
        "hour": partial(preferences.hour, forms=forms),
        "language": partial(preferences.language, forms=forms),
        "help": home.help_,
        "privacy": home.privacy,
        "records": records.records_command,
        "recall": recall.recall,
        "library": library.library_command,
        "find_lesson": partial(library.ask_words, forms=forms),
        "item_statistics": item_statistics.statistics,
        "import_people": roster.offer,
        "people": directory.people,
        "workers": directory.workers,
        "units": units.tree,
        "schedule": schedule.overview,
        "arrivals": arrivals.overview,
        "work_groups": work_groups.overview,
        "held": holds.overview,
    }
    commands: dict[str, Act] = {
        "start": partial(enrolment.start, forms=forms),
        "roster": roster.offer,
        "delivery": arrivals.overview,
        "link": work_groups.overview,
        **acts,
    }
    for name, act in commands.items():
        application.add_handler(CommandHandler(name, act, PRIVATE & NEW_MESSAGE))
    # The one thing the bot listens to in a group, besides its becoming a supergroup.
    application.add_handler(CommandHandler("link", work_groups.link_in_group, GROUP & NEW_MESSAGE))
    application.add_handler(
        MessageHandler(GROUP & filters.StatusUpdate.MIGRATE, work_groups.migrated)
    )
    buttons: dict[str, Act] = {
        "learned": daily_lesson.pressed_learned,
        "option": daily_lesson.pressed_option,
        "show_question": daily_lesson.pressed_show_question,
        "media": media.pressed,
        "ask": partial(questions.ask, forms=forms),
        "form": forms.pressed,
        "open": partial(home.open_, acts=acts),
        "more": home.turn_page,
        "lesson": asked_lesson.pressed_lesson,
        "pause": partial(absences.change, forms=forms),
        "resume": absences.resume,
        "records": records.pressed_period,
        "records_as": records.turned_format,
        "recall": recall.pressed,
        "library": partial(library.pressed, forms=forms),
        "code": enrolment.asked_for_code,
        "practice": practice.pressed,
        "consent": consent.pressed,
        "statistics": item_statistics.statistics,
        directory.FIND: partial(directory.find, forms=forms),
        **directory.BUTTONS,
        **staffing.BUTTONS,
        **leaving.BUTTONS,
        **absences_of_others.BUTTONS,
        **units.BUTTONS,
        "schedule": schedule.turned,
        "occasion": schedule.opened,
        "arrange": partial(schedule.arranged, forms=forms),
        "arrivals": arrivals.turned,
        "arrival": arrivals.opened,
        "unreachable": arrivals.unreachable,
        "again": arrivals.previewed,
        "send_again": arrivals.sent_again,
        "take_back": arrivals.took_back,
        "link_page": work_groups.turned,
        "link_to": work_groups.chosen,
        "link": work_groups.confirmed,
        "link_cancel": work_groups.cancelled,
        "work_groups": work_groups.listed,
        "work_group": work_groups.opened,
        "unlink": work_groups.unlinked,
        "held": holds.turned,
        "held_line": holds.opened,
        "settle": holds.settled,
        "span": restored_span.opened,
        "enter": restored_span.entered,
    }
    form_buttons = staffing.FORM_BUTTONS | newcomers.FORM_BUTTONS | units.FORM_BUTTONS
    form_buttons |= absences_of_others.FORM_BUTTONS
    buttons |= {verb: partial(act, forms=forms) for verb, act in form_buttons.items()}
    for verb, act in buttons.items():
        application.add_handler(CallbackQueryHandler(act, pattern=f"^{verb}:"))
    application.add_handler(CallbackQueryHandler(home.old_button))
    application.add_handler(PollAnswerHandler(daily_lesson.answered_quiz))
    application.add_handler(
        ChatMemberHandler(
            partial(work_groups.standing_changed, private=enrolment.reachable_changed),
            ChatMemberHandler.MY_CHAT_MEMBER,
        )
    )
    application.add_handler(
        MessageHandler(
            PRIVATE & NEW_MESSAGE & filters.TEXT,
            partial(home.typed, words=words, acts=acts, forms=forms),
        )
    )
    application.add_handler(
        MessageHandler(
            PRIVATE & NEW_MESSAGE & filters.Document.ALL, partial(roster.received, forms=forms)
        )
    )
    application.add_handler(MessageHandler(PRIVATE & NEW_MESSAGE, home.not_text))
    application.add_error_handler(on_error)


class Wuxue:
    """One running bot: receives, plans, sends."""

    def __init__(
        self,
        *,
        token: str,
        api_base_url: str,
        database: Database,
        clock: Clock,
        note_key: NoteKey,
        zone: str,
        messages_per_second: float,
        temporary_folder: Path,
        default_language: str = "zh",
        proxy_url: str | None = None,
        privacy_version: str = PRIVACY_VERSION,
        pace: ChatPace | None = None,
        listen: str = "",
        heartbeat_url: str = "",
        mark_file: Path | None = None,
        keep_deliveries_days: int = KEEP_DELIVERIES_DAYS,
        receives: bool = True,
        delivers: bool = True,
        webhook: WebhookSettings | None = None,
    ) -> None:
        self._receives, self._delivers = receives, delivers
        self.clock = clock
        self.database = database
        self._bot_id = bot_id(token)
        request, polling = (TelegramRequest(proxy_url=proxy_url) for _ in range(2))
        bot: ExtBot[None] = ExtBot(
            token,
            base_url=api_base_url,
            base_file_url=api_base_url.replace("/bot", "/file/bot"),
            request=request,
            get_updates_request=polling,
        )
        self.application: App = (
            ApplicationBuilder()
            .bot(bot)
            .updater(None)
            .job_queue(None)
            .context_types(ContextTypes(context=WuxueContext))
            .build()
        )
        self.renderer = Renderer(zone=zone, wordings=WORDINGS)
        shared = None
        if not database.is_sqlite:
            shared = SharedSlots(database, clock, bot=self._bot_id, per_second=messages_per_second)
        self.budget = SendBudget(clock, per_second=messages_per_second, shared=shared)
        channel = TelegramChannel(bot, self.renderer, clock)
        self.postman = Postman(database, clock, channel, self.budget, bot=self._bot_id, pace=pace)
        marks = Marks(database, clock, mark_file, bot=self._bot_id) if mark_file else None
        self.ticker = Ticker(
            database,
            clock,
            self.postman,
            bot=self._bot_id,
            marks=marks,
            keep_deliveries_days=keep_deliveries_days,
        )
        self.inbox = Inbox(
            bot,
            database,
            clock,
            note_key,
            self.application.process_update,
            bot_id=self._bot_id,
            request=None if webhook else polling,
        )
        self._webhook = None if webhook is None else Webhook(webhook, bot, self.inbox)
        self.watch = Watch(
            database,
            clock,
            counts=self.postman.counts,
            received=self.inbox.received,
            bot=self._bot_id,
            zone=zone,
            listen=listen,
            heartbeat_url=heartbeat_url,
            ticks=delivers,
            polls=receives and webhook is None,
        )
        self.ticker.chores += [self._follow_database, *self.watch.chores]
        self.jobs = jobs_for(
            database, clock, bot=self._bot_id, perform=self._perform, give_up=self._give_up
        )
        self.application.bot_data["services"] = Services(
            database=database,
            clock=clock,
            renderer=self.renderer,
            note_key=note_key,
            postman=self.postman,
            budget=self.budget,
            bot_id=self._bot_id,
            zone=zone,
            default_language=default_language,
            temporary_folder=temporary_folder,
            jobs=self.jobs,
            privacy_version=privacy_version,
            delivers=delivers,
        )
        register(self.application)
        self._receiving: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[int] | None = None

    @property
    def bot(self) -> Bot:
        """The Telegram bot."""
        found: Bot = self.application.bot
        return found

    async def start(self) -> None:
        """Ask Telegram who we are, catch up on what is due, begin to receive: what is our part.

        May be called again after a TelegramError. Raises PortTaken and WebhookRefused, and
        CannotListen when the address for monitoring cannot be used.
        """
        await self._follow_database()
        await self.watch.start()
        await self.application.initialize()
        self.renderer.bot_username = self.bot.username
        await self.jobs.start()
        if self._receives:
            await menus.offer_general(self.bot, self.renderer)
            if self._webhook is not None:
                await self._webhook.start()
            self._receiving = asyncio.create_task(self.inbox.run())
        if self._delivers:
            await self.ticker.start()
            services: Services = self.application.bot_data["services"]
            self._telling = asyncio.create_task(holds.tell_in_charge(self.bot, services))
        log.info("started", bot=self._bot_id, receives=self._receives, delivers=self._delivers)

    async def _follow_database(self) -> None:
        """Machines whose clocks differ still agree on leases and slots: PostgreSQL's counts."""
        if isinstance(self.clock, SystemClock) and not self.database.is_sqlite:
            self.clock.follow(await self.database.read(send_budget.machine_time))

    async def _perform(self, name: str, arguments: Arguments) -> None:
        """Do a job; what is refused is said here when no handler is there to say it."""
        context = WuxueContext(self.application)
        try:
            await JOBS[name](context, arguments)
        except (Refusal, Forbidden) as error:
            if not self.jobs.is_queued:
                raise
            await refuse_job(context, error, chat_id=int(arguments["chat_id"]))

    async def _give_up(self, arguments: Arguments) -> None:
        context = WuxueContext(self.application)
        await give_up_job(context, chat_id=int(arguments["chat_id"]))

    async def wait(self) -> None:
        """Return or raise when receiving ends: PollingEnded means that it can never work.

        A process that only delivers goes on until it is told to stop.
        """
        if self._receiving is not None:
            await self._receiving
        else:
            await asyncio.Event().wait()

    async def idle(self) -> None:
        """Return when nothing received is being processed and nothing is being sent."""
        await self.inbox.idle()
        await self.jobs.idle()
        services: Services = self.application.bot_data["services"]
        while services.errands:
            await asyncio.wait(set(services.errands))
        await self.postman.drain()

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, let go of every connection."""
        self.ticker.stop()
        self.postman.stop()
        if self._webhook is not None:
            await self._webhook.stop()
        for task in (self._receiving, self._telling):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._receiving is not None:
            await self.inbox.drain(DRAIN_SECONDS)
        await self.jobs.stop()
        await self.postman.drain()
        await self.watch.stop()
        await self.application.shutdown()
        log.info("stopped", bot=self._bot_id)
