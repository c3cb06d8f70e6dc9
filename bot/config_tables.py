"""The tables of config.toml: every setting, its kind and its default."""

import base64
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config_values import (
    ApiBaseUrl,
    Clock,
    ContentLanguages,
    DatabaseUrl,
    DaysBefore,
    FileName,
    HeartbeatUrl,
    Host,
    InterfaceLanguages,
    Listen,
    Minutes,
    NoteKeyText,
    ProxyUrl,
    Token,
    WebhookPath,
    WebhookSecret,
    WebhookUrl,
    Weekday,
    Weekdays,
    Zone,
    key_bytes,
    whole,
    wrong,
)

# Of what people wrote, or of who they were: a month at least, so that nothing is lost by a slip.
Days = Annotated[int, whole(30, 36_500)]


class Table(BaseModel):
    """A table of config.toml: frozen, and an unknown key is a mistake, not a wish."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Telegram(Table):
    token: Token = SecretStr("")
    api_base_url: ApiBaseUrl = "https://api.telegram.org/bot"
    messages_per_second: Annotated[int, whole(1, 1000)] = 30
    proxy_url: ProxyUrl = SecretStr("")


class Webhook(Table):
    """How Telegram calls us; without `url` we ask it ourselves."""

    url: WebhookUrl = ""
    listen: Host = "127.0.0.1"
    port: Annotated[int, whole(1, 65535)] = 8443
    path: WebhookPath = "/telegram"
    max_body: Annotated[int, whole(1_024, 16_777_216)] = 1_048_576
    secret: WebhookSecret = SecretStr("")  # environment only

    @model_validator(mode="after")
    def _has_a_secret(self) -> "Webhook":
        if self.url and not self.secret.get_secret_value():
            raise wrong("webhook_secret_missing", key="url", needed="WUXUE_WEBHOOK__SECRET")
        return self


class Database(Table):
    url: DatabaseUrl = SecretStr("sqlite:///data/wuxue.sqlite")


class Secrets(Table):
    note_key_file: FileName = Path("data/note.key")
    note_key: NoteKeyText | None = None  # environment only


class Calendar(Table):
    zone: Zone = "Asia/Shanghai"
    national: Literal["china", "none"] = "china"
    quiet_from: Clock = time(21, 30)
    quiet_to: Clock = time(9, 0)
    working_weekdays: Weekdays = (1, 2, 3, 4, 5)

    def is_quiet(self, at: time) -> bool:
        """Whether local time `at` lies in quiet hours; the last minute is exclusive."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to


class Rhythm(Table):
    """What becomes of messages that were due while the bot was stopped."""

    late: Literal["send", "merge", "skip"] = "merge"
    skip_after_hours: Annotated[int, whole(1, 168)] = 10


class DailyLesson(Rhythm):
    on: bool = True
    time: Clock = time(10, 0)


class Gathering(Rhythm):
    """A study that people come to at a set hour; the weekly, monthly and quarterly ones are."""

    on: bool = False
    weekday: Weekday = "friday"
    time: Clock = time(15, 0)
    minutes: Minutes = 60
    # When 我来了 counts by itself: from so long before the start until so long after it.
    opens_minutes_before: Annotated[int, whole(0, 60)] = 10
    closes_minutes_after: Annotated[int, whole(0, 120)] = 15


class WeeklyStudy(Gathering):
    """The weekly group study: a gathering with nothing of its own to set."""


class MonthlyTopic(Gathering):
    weekday: Weekday = "thursday"
    minutes: Minutes = 90
    # Five working days at least lie between closing and session (EXPERIENCE.md section 8).
    pool_closes_working_days: Annotated[int, whole(5, 20)] = 7
    approval_working_days: Annotated[int, whole(1, 15)] = 3

    @model_validator(mode="after")
    def _approval_comes_after_closing(self) -> "MonthlyTopic":
        if self.approval_working_days >= self.pool_closes_working_days:
            closes = str(self.pool_closes_working_days)
            raise wrong("approval_before_closing", key="approval_working_days", closes=closes)
        return self


class QuarterlyShare(Gathering):
    month_of_quarter: Annotated[int, whole(1, 3)] = 3
    minutes: Minutes = 120
    call_opens_working_days: Annotated[int, whole(15, 45)] = 25
    stories_close_working_days: Annotated[int, whole(10, 40)] = 12
    review_working_days: Annotated[int, whole(5, 35)] = 5

    @model_validator(mode="after")
    def _dates_leave_time(self) -> "QuarterlyShare":
        """Calling, closing, reading lie five working days apart (EXPERIENCE.md section 8)."""
        closes = self.stories_close_working_days
        if self.call_opens_working_days - closes < 5 or closes - self.review_working_days < 5:
            raise wrong("share_days", key="stories_close_working_days")
        return self


class AnnualTraining(Rhythm):
    reminder_days: DaysBefore = (30, 7, 1)
    # Per cent of the minutes from which on a certificate is given: two thirds.
    certificate_share: Annotated[int, whole(1, 100)] = 66


class Supervision(Table):
    # After so many days without her word a record is sealed as one side's.
    confirm_days: Annotated[int, whole(1, 60)] = 7

    @property
    def confirm_within(self) -> timedelta:
        """How long a record waits to be confirmed."""
        return timedelta(days=self.confirm_days)


class ExchangeVisit(Rhythm):
    reminder_days: DaysBefore = (7, 1)
    # When each day of the journey is told; quiet hours hold it back where they end later.
    morning_time: Clock = time(8, 0)


class Languages(Table):
    interface: InterfaceLanguages = ("zh", "en")
    content: ContentLanguages = ("zh", "bo")
    default: Literal["zh", "en"] = "zh"

    @model_validator(mode="after")
    def _default_is_one_of_them(self) -> "Languages":
        if self.default not in self.interface:
            raise wrong("default_language", key="default", allowed=", ".join(self.interface))
        return self


class Operations(Table):
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    backup_keep: Annotated[int, whole(1, 365)] = 7
    listen: Listen = ""
    heartbeat_url: HeartbeatUrl = SecretStr("")
    # A year and a month: whoever looks back at last year finds it.
    keep_deliveries_days: Annotated[int, whole(120, 36_500)] = 400


class Retention(Table):
    """For how many days each kind is kept; the ledger and the audit trail are kept for good."""

    declined_questions: Days = 400
    question_voices: Days = 120
    used_sentences: Days = 400
    apology_reasons: Days = 120
    absences: Days = 400
    ended_accounts: Days = 400
    topic_changes: Days = 400
    story_drafts: Days = 400
    danger_alerts: Days = 1100
    deputies: Days = 400
    supervision_notes: Days = 1100
    people_who_left: Days = 2200


class Config(BaseSettings):
    """All settings. `Config()` is every default; `load_config` is the way to the real ones."""

    model_config = SettingsConfigDict(
        env_prefix="WUXUE_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        enable_decoding=False,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )
    # Keys that come from the environment only, so that they never lie in a file beside the data.
    ENVIRONMENT_ONLY: ClassVar[frozenset[tuple[str, str]]] = frozenset(
        {("secrets", "note_key"), ("webhook", "secret")}
    )

    telegram: Telegram = Telegram()
    webhook: Webhook = Webhook()
    database: Database = Database()
    secrets: Secrets = Secrets()
    calendar: Calendar = Calendar()
    daily_lesson: DailyLesson = DailyLesson()
    weekly_study: WeeklyStudy = WeeklyStudy()
    monthly_topic: MonthlyTopic = MonthlyTopic()
    quarterly_share: QuarterlyShare = QuarterlyShare()
    annual_training: AnnualTraining = AnnualTraining()
    supervision: Supervision = Supervision()
    exchange_visit: ExchangeVisit = ExchangeVisit()
    languages: Languages = Languages()
    operations: Operations = Operations()
    retention: Retention = Retention()

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls, _: type[BaseSettings], init_settings: Any, **__: Any
    ) -> tuple[Any, ...]:
        """Only what is passed in: load_config reads the environment it is given."""
        return (init_settings,)

    def secret_texts(self) -> tuple[str, ...]:
        """Every text that must not reach a log, in the forms it can take there."""
        found = {self.telegram.token.get_secret_value(), self.webhook.secret.get_secret_value()}
        # Whoever knows the heartbeat's address can pretend that a dead bot lives.
        found.add(self.operations.heartbeat_url.get_secret_value())
        for url in (self.database.url, self.telegram.proxy_url):
            password = urlsplit(url.get_secret_value()).password or ""
            found |= {password, unquote(password), quote(unquote(password), safe="")}
        if self.secrets.note_key is not None:
            key = key_bytes(self.secrets.note_key.get_secret_value())
            found |= {self.secrets.note_key.get_secret_value(), key.hex()}
            found |= {base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()}
        return tuple(sorted(found - {""}, key=len, reverse=True))
