"""The composition root: one running bot, everything it is made of wired in one place."""

import asyncio
from dataclasses import InitVar, dataclass, field
from pathlib import Path

import structlog
from telegram import Bot
from telegram.ext import ApplicationBuilder, ContextTypes, ExtBot

from bot import cohort_defaults, menus
from bot.config_tables import AnnualTraining as TrainingSettings
from bot.config_tables import ExchangeVisit as VisitSettings
from bot.config_tables import Retention as RetentionDays
from bot.config_tables import Supervision as SupervisionSettings
from bot.config_tables import Webhook as WebhookSettings
from bot.context import WuxueContext, bot_id
from bot.delivering import Delivering
from bot.forgotten_people import ForgottenPeople
from bot.long_jobs import JOBS, long_jobs
from bot.matcher_upkeep import MatcherUpkeep
from bot.operations.watch import Watch
from bot.reactions import App, register
from bot.receiving import Receiving
from bot.render import Renderer
from bot.retention import Retention
from bot.services import Services
from bot.telegram_request import TelegramRequest
from bot.topic_upkeep import TopicUpkeep
from bot.wordings import WORDINGS
from curriculum import (
    danger_alerts,
    urgent_questions,
)
from curriculum.people import PRIVACY_VERSION
from scheduler.clock import Clock, SystemClock
from scheduler.pace import ChatPace
from scheduler.ticker import KEEP_DELIVERIES_DAYS
from storage import send_budget
from storage.engine import Database
from storage.sealed import NoteKey

log = structlog.get_logger(__name__)


@dataclass(kw_only=True, eq=False, repr=False)
class Wuxue:
    """One running bot: receives, plans, sends.

    `receives` and `delivers` say which of it this process does.
    """

    token: InitVar[str]
    api_base_url: str
    database: Database
    clock: Clock
    note_key: NoteKey
    zone: str
    messages_per_second: float
    temporary_folder: Path
    default_language: str = "zh"
    proxy_url: str | None = None
    privacy_version: str = PRIVACY_VERSION
    pace: ChatPace | None = None
    listen: str = ""
    heartbeat_url: str = ""
    mark_file: Path | None = None
    forgotten_file: Path | None = None
    keep_deliveries_days: int = KEEP_DELIVERIES_DAYS
    retention: RetentionDays = field(default_factory=RetentionDays)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    visits: VisitSettings = field(default_factory=VisitSettings)
    supervision: SupervisionSettings = field(default_factory=SupervisionSettings)
    receives: bool = True
    delivers: bool = True
    webhook: WebhookSettings | None = None

    def __post_init__(self, token: str) -> None:
        """Wire everything, in this order; nothing runs before `start`."""
        self._bot_id = bot_id(token)
        self.renderer = Renderer(zone=self.zone, wordings=WORDINGS)
        polling = TelegramRequest(proxy_url=self.proxy_url)
        self.application = self._application(token, polling)
        self._delivering = self._wired_delivering()
        self.postman, self.budget = self._delivering.postman, self._delivering.budget
        self.ticker = self._delivering.ticker
        self._receiving = self._wired_receiving(polling)
        self.inbox = self._receiving.inbox
        self._watch = self._wired_watch()
        self._topics = TopicUpkeep(self.database, self.clock, bot=self._bot_id)
        self._matching = MatcherUpkeep(self.database, self.clock, bot=self._bot_id, zone=self.zone)
        self.forgotten = ForgottenPeople(self.database, self.clock, self.forgotten_file)
        self._retention = Retention(
            self.database, self.clock, bot=self._bot_id, zone=self.zone, days=self.retention
        )
        self.ticker.chores += [
            self._follow_database,
            self._move_on,
            *self._watch.chores,
            self._topics.run,
            self._matching.run,
            self._retention.run,
            self.forgotten.run,
        ]
        self.jobs = long_jobs(
            self.application, self.database, self.clock, bot=self._bot_id, by_name=JOBS
        )
        self._services = self._wired_services()
        self.application.bot_data["services"] = self._services
        register(self.application)

    def _application(self, token: str, polling: TelegramRequest) -> App:
        """python-telegram-bot without its own ways of receiving and of keeping time."""
        bot: ExtBot[None] = ExtBot(
            token,
            base_url=self.api_base_url,
            base_file_url=self.api_base_url.replace("/bot", "/file/bot"),
            request=TelegramRequest(proxy_url=self.proxy_url),
            get_updates_request=polling,
        )
        return (
            ApplicationBuilder()
            .bot(bot)
            .updater(None)
            .job_queue(None)
            .context_types(ContextTypes(context=WuxueContext))
            .build()
        )

    def _wired_delivering(self) -> Delivering:
        return Delivering(
            self.application.bot,
            self.database,
            self.clock,
            self.renderer,
            bot_id=self._bot_id,
            messages_per_second=self.messages_per_second,
            pace=self.pace,
            mark_file=self.mark_file,
            keep_deliveries_days=self.keep_deliveries_days,
            confirm_within=self.supervision.confirm_within,
        )

    def _wired_receiving(self, polling: TelegramRequest) -> Receiving:
        return Receiving(
            self.application.bot,
            self.database,
            self.clock,
            self.note_key,
            self.application.process_update,
            bot_id=self._bot_id,
            request=polling,
            webhook=self.webhook,
        )

    def _wired_watch(self) -> Watch:
        return Watch(
            self.database,
            self.clock,
            counts=self.postman.counts,
            received=self.inbox.received,
            bot=self._bot_id,
            zone=self.zone,
            listen=self.listen,
            heartbeat_url=self.heartbeat_url,
            ticks=self.delivers,
            polls=self.receives and self.webhook is None,
        )

    def _wired_services(self) -> Services:
        return Services(
            database=self.database,
            clock=self.clock,
            renderer=self.renderer,
            note_key=self.note_key,
            postman=self.postman,
            budget=self.budget,
            bot_id=self._bot_id,
            zone=self.zone,
            default_language=self.default_language,
            temporary_folder=self.temporary_folder,
            jobs=self.jobs,
            forgotten=self.forgotten,
            privacy_version=self.privacy_version,
            delivers=self.delivers,
            training_reminders=cohort_defaults.reminders_of(self.training),
            visit_reminders=cohort_defaults.visit_reminders_of(self.visits),
            confirm_within=self.supervision.confirm_within,
        )

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
        await self.forgotten.begin()
        await self._watch.start()
        await self.application.initialize()
        self.renderer.bot_username = self.bot.username
        await self.jobs.start()
        if self.receives:
            await self._receiving.start()
        if self.delivers:
            await self._delivering.start(self._services)
        if self.receives:
            # Last, since what is due should not wait for so many round trips.
            await menus.offer_general(self.bot, self.renderer)
        log.info("started", bot=self._bot_id, receives=self.receives, delivers=self.delivers)

    async def _follow_database(self) -> None:
        """Machines whose clocks differ still agree on leases and slots: PostgreSQL's counts."""
        if isinstance(self.clock, SystemClock) and not self.database.is_sqlite:
            self.clock.follow(await self.database.read(send_budget.machine_time))

    async def _move_on(self) -> None:
        """What nobody took up in time goes to the next person."""
        now = self.clock.now()
        for move_on in (danger_alerts.move_on, urgent_questions.move_on):
            if await self.database.write(move_on, bot=self._bot_id, now=now):
                self.postman.wake()

    async def wait(self) -> None:
        """Return or raise when receiving ends: PollingEnded means that it can never work.

        A process that only delivers goes on until it is told to stop.
        """
        await self._receiving.wait()

    @property
    def is_drafting(self) -> bool:
        """Whether a month's questions are being made a topic, which takes up to a minute."""
        return self._topics.is_drafting

    async def idle(self) -> None:
        """Return when nothing received is being processed and nothing is being sent."""
        await self.inbox.idle()
        await self.jobs.idle()
        await self._topics.idle()
        await self._matching.idle()
        await self._retention.idle()
        while self._services.errands:
            await asyncio.wait(set(self._services.errands))
        await self.postman.drain()

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, let go of every connection."""
        self._topics.stop()
        self._matching.stop()
        self._retention.stop()
        await self._delivering.stop()
        await self._receiving.stop()
        await self.jobs.stop()
        await self.postman.drain()
        await self._watch.stop()
        await self.application.shutdown()
        log.info("stopped", bot=self._bot_id)
