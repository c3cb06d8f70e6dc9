"""config.toml's rhythms as the defaults that a new cohort, training or visit copies."""

from typing import Any

from bot.config import Config
from bot.config_tables import AnnualTraining, ExchangeVisit
from curriculum import daily_lesson, monthly_topic, quarterly_share, weekly_study
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


def reminders_of(training: AnnualTraining) -> dict[str, Any]:
    """What a training that is planned now keeps of the configuration."""
    return {
        "days": list(training.reminder_days),
        "late": training.late,
        "skip_after_hours": training.skip_after_hours,
        "certificate_share": training.certificate_share,
    }


def visit_reminders_of(visits: ExchangeVisit) -> dict[str, Any]:
    """What a visit that is planned now keeps of the configuration."""
    return {
        "days": list(visits.reminder_days),
        "hour": visits.morning_time.isoformat(timespec="minutes"),
        "late": visits.late,
        "skip_after_hours": visits.skip_after_hours,
    }


def beats_of(config: Config) -> tuple[BeatDefaults, ...]:
    """The rhythms of the studies that exist, as the configuration has them today."""
    daily, weekly, monthly = config.daily_lesson, config.weekly_study, config.monthly_topic
    share = config.quarterly_share
    series = weekly_study.Series(
        weekday=weekly.weekday,
        at=weekly.time,
        minutes=weekly.minutes,
        opens_before=weekly.opens_minutes_before,
        closes_after=weekly.closes_minutes_after,
    )
    return (
        BeatDefaults(daily_lesson.KIND, daily.on, daily.time, daily.late, daily.skip_after_hours),
        BeatDefaults(
            weekly_study.KIND,
            weekly.on,
            weekly.time,
            weekly.late,
            weekly.skip_after_hours,
            series.settings,
        ),
        BeatDefaults(
            monthly_topic.KIND,
            monthly.on,
            monthly.time,
            monthly.late,
            monthly.skip_after_hours,
            {
                "weekday": monthly.weekday,
                "minutes": monthly.minutes,
                "pool_closes_working_days": monthly.pool_closes_working_days,
                "approval_working_days": monthly.approval_working_days,
            },
        ),
        BeatDefaults(
            quarterly_share.KIND,
            share.on,
            share.time,
            share.late,
            share.skip_after_hours,
            {
                "month_of_quarter": share.month_of_quarter,
                "weekday": share.weekday,
                "minutes": share.minutes,
                "call_opens_working_days": share.call_opens_working_days,
                "stories_close_working_days": share.stories_close_working_days,
                "review_working_days": share.review_working_days,
            },
        ),
    )
