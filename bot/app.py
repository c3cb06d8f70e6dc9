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
from bot.config_tables import Webhook as WebhookSettings
from bot.context import WuxueContext, bot_id
from bot.delivering import Delivering
from bot.forgotten_people import ForgottenPeople
from bot.handlers import (
    absences,
    absences_of_others,
    certificate_messages,
    danger,
    days_off,
    deputies,
    enrolment,
    facilitators,
    gathering_messages,
    lesson_messages,
    monday_line,
    pack_ending,
    question_news,
    restored_span,
    seat_moves,
    story_messages,
    supervision,
    supervision_booking,
    supervision_brief,
    supervision_groups,
    supervision_handover,
    supervision_pairs,
    supervision_proposals,
    supervision_record_answers,
    todo,
    topic_answers,
    training_feedback,
    training_messages,
    training_tests,
    training_uses,
    visit_log,
    visit_messages,
    visit_return,
    visit_steps,
    visit_summary,
)
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
from curriculum import absences_of_others as absences_of_others_rules
from curriculum import (
    annual_training,
    certificate_notes,
    chat_accounts,
    danger_alerts,
    deputy_words,
    exchange_visit,
    facilitator_swaps,
    gathering_words,
    handovers,
    quarterly_share,
    story_words,
    supervision_group_words,
    supervision_handover_due,
    supervision_handover_words,
    supervision_holidays,
    supervision_words,
    topic_notes,
    training_seats,
    urgent_questions,
    visit_asks,
    visit_owing,
    welcome_back,
)
from curriculum import daily_lesson as daily_lesson_rules
from curriculum import monday_line as monday_line_rules
from curriculum import monthly_topic as monthly_topic_rules
from curriculum import pack_ending as pack_ending_rules
from curriculum import question_news as question_news_rules
from curriculum import restored_span as restored_span_rules
from curriculum import seat_moves as seat_moves_rules
from curriculum import todo as todo_rules
from curriculum import topic_answers as topic_answers_rules
from curriculum import training_feedback as training_feedback_rules
from curriculum import training_tests as training_tests_rules
from curriculum import training_uses as training_uses_rules
from curriculum import visit_summary as visit_summary_rules
from curriculum.people import PRIVACY_VERSION
from scheduler.clock import Clock, SystemClock
from scheduler.pace import ChatPace
from scheduler.ticker import KEEP_DELIVERIES_DAYS
from storage import send_budget
from storage.engine import Database
from storage.sealed import NoteKey

log = structlog.get_logger(__name__)
# How each kind of delivery is worded.
WORDINGS = {
    daily_lesson_rules.KIND: lesson_messages.parts,
    daily_lesson_rules.ASKED: lesson_messages.parts,
    welcome_back.KIND: absences.welcome_parts,
    absences_of_others_rules.KIND: absences_of_others.told_parts,
    pack_ending_rules.KIND: pack_ending.parts,
    chat_accounts.KIND: enrolment.last_word,
    monday_line_rules.KIND: monday_line.parts,
    restored_span_rules.KIND: restored_span.parts,
    monthly_topic_rules.KIND: topic_answers.page_parts,
    topic_answers_rules.KIND: topic_answers.parts,
    topic_notes.KIND: topic_answers.note_parts,
    todo_rules.KIND: todo.parts,
    quarterly_share.KIND: story_messages.call_parts,
    story_words.KIND: story_messages.word_parts,
    question_news_rules.KIND: question_news.parts,
    urgent_questions.KIND: question_news.urgent_parts,
    urgent_questions.JOINED: question_news.urgent_parts,
    danger_alerts.KIND: danger.parts,
    gathering_words.AHEAD: gathering_messages.ahead_parts,
    gathering_words.CARD: gathering_messages.card_parts,
    gathering_words.CHANGED: gathering_messages.changed_parts,
    gathering_words.UPDATE: gathering_messages.update_parts,
    gathering_words.ASK: facilitators.ask_parts,
    gathering_words.KIT: facilitators.kit_parts,
    gathering_words.FALLBACK: facilitators.fallback_parts,
    facilitator_swaps.SWAP: facilitators.swap_parts,
    seat_moves_rules.KIND: seat_moves.parts,
    gathering_words.NUDGE: facilitators.nudge_parts,
    deputy_words.KIND: deputies.parts,
    handovers.KIND: deputies.handover_parts,
    supervision_words.PAIR: supervision_pairs.pair_parts,
    supervision_words.BOOKING: supervision_booking.word_parts,
    supervision_words.AHEAD: supervision_booking.ahead_parts,
    supervision_words.CARD: supervision_booking.card_parts,
    supervision_words.PROPOSAL: supervision_proposals.parts,
    supervision_words.DUE: supervision.due_parts,
    supervision_words.RECORD: supervision_record_answers.record_parts,
    supervision_words.UNWRITTEN: supervision_record_answers.unwritten_parts,
    supervision_words.ACTION: supervision_record_answers.action_parts,
    supervision_words.AGENDA: supervision_brief.ask_parts,
    supervision_group_words.GROUP: supervision_groups.word_parts,
    supervision_group_words.GROUP_CARD: supervision_groups.card_parts,
    supervision_group_words.GROUP_ANSWER: supervision_groups.answer_parts,
    supervision_group_words.GROUP_HINT: supervision_groups.hint_parts,
    supervision_handover_words.HANDOVER: supervision_handover.word_parts,
    supervision_handover_due.HANDOVER_DUE: supervision_handover.due_parts,
    supervision_holidays.HOLIDAY: days_off.holiday_parts,
    supervision_holidays.HOLIDAY_OPEN: days_off.open_parts,
    annual_training.KIND: training_messages.invitation_parts,
    annual_training.AHEAD: training_messages.ahead_parts,
    annual_training.CHANGED: training_messages.changed_parts,
    training_seats.SEAT: training_messages.seat_parts,
    certificate_notes.KIND: certificate_messages.parts,
    training_feedback_rules.KIND: training_feedback.parts,
    training_tests_rules.KIND: training_tests.parts,
    training_uses_rules.KIND: training_uses.parts,
    exchange_visit.KIND: visit_messages.invitation_parts,
    visit_owing.AHEAD: visit_messages.ahead_parts,
    visit_owing.DAY: visit_messages.day_parts,
    visit_owing.CHANGED: visit_messages.changed_parts,
    visit_owing.PLACE: visit_messages.place_parts,
    visit_owing.VERDICT: visit_messages.verdict_parts,
    visit_asks.LOG: visit_log.asked_parts,
    visit_asks.RETURN: visit_return.asked_parts,
    visit_asks.CHECK: visit_steps.check_parts,
    visit_summary_rules.KIND: visit_summary.told_parts,
}


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
