"""config.toml's rhythms as the defaults that a new cohort copies."""

from bot.config import Config
from curriculum import daily_lesson
from curriculum.cohorts import BeatDefaults, Hours


def hours_of(config: Config) -> Hours:
    """Where and when a new cohort lives."""
    calendar = config.calendar
    return Hours(
        calendar.zone,
        calendar.quiet_from,
        calendar.quiet_to,
        tuple(calendar.working_weekdays),
    )


def beats_of(config: Config) -> tuple[BeatDefaults, ...]:
    """The rhythms of the studies that exist, as the configuration has them today."""
    daily = config.daily_lesson
    return (
        BeatDefaults(daily_lesson.KIND, daily.on, daily.time, daily.late, daily.skip_after_hours),
    )
