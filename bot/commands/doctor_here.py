"""What this machine tells: the note key, the database, the disk, the calendar, the lessons."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from bot.commands import ground
from bot.commands.finding import ACT, FINE, LOOK, Finding
from bot.commands.ground import words
from bot.config import Config, key_bytes
from curriculum import duty, monday_line
from curriculum.rhythm import local_date
from storage import key_files, machine, pack_state, resealing, schema, soundness, theme_matchers
from storage.calendar_days import last_national_year
from storage.engine import Database, is_sqlite, sqlite_path
from storage.pack_state import PackState
from storage.sealed import NoteKey
from storage.theme_matchers import ThemeMatcher

SOON = timedelta(days=30)
OTHERS = stat.S_IRWXG | stat.S_IRWXO
GIGABYTE = 1_000_000_000


def look_here(config: Config, *, now: datetime) -> list[Finding]:
    """Everything on this side of the network, in the order in which it is needed."""
    found = [_note_key(config)]
    url = config.database.url.get_secret_value()
    if is_sqlite(url) and not _is_there(sqlite_path(url)):
        # Connecting would leave an empty file behind.
        missing = words("database_missing", file=sqlite_path(url))
        return [*found, Finding(ACT, words("doctor_database"), missing)]
    database = Database(url)
    try:
        found += _database(database.engine, config, now=now)
        if found[-1].level != ACT:
            found += database.read_now(_contents, config, now=now)
    except DatabaseError:
        found.append(Finding(ACT, words("doctor_database"), words("database_not_opened")))
    finally:
        database.close()
    return found


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True  # opening it says what is wrong


def _note_key(config: Config) -> Finding:
    about, file = words("doctor_key"), config.secrets.note_key_file
    if key_files.old_of(file).exists():
        return Finding(ACT, about, words("doctor_key_under_way"))
    if config.secrets.note_key is not None:
        return Finding(FINE, about, words("doctor_key_in_environment"))
    try:
        key_files.read_key(file)
        mode = file.stat().st_mode
    except FileNotFoundError:
        return Finding(ACT, about, words("note_key_missing", file=file))
    except (OSError, ValueError):
        return Finding(ACT, about, words("note_key_damaged", file=file))
    if mode & OTHERS and os.name == "posix":
        return Finding(ACT, about, words("doctor_key_open", file=file))
    return Finding(FINE, about, words("doctor_key_kept", file=file))


def _database(engine: Engine, config: Config, *, now: datetime) -> Iterator[Finding]:
    """Disk first where there is one, then the database, whose finding comes last."""
    seen = machine.look(engine)
    if seen.disk is not None:
        free = f"{seen.disk.free / GIGABYTE:.1f}"
        if monday_line.is_full(seen):
            yield Finding(ACT, words("doctor_disk"), words("doctor_disk_full", free=free))
        else:
            yield Finding(FINE, words("doctor_disk"), words("doctor_disk_free", free=free))
        yield _backup(seen.last_backup, config, now=now)
    yield _state(engine)


def _backup(last: datetime | None, config: Config, *, now: datetime) -> Finding:
    about = words("doctor_backup")
    if last is None:
        return Finding(LOOK, about, words("doctor_no_backup"))
    level = LOOK if now - last > monday_line.BACKUP_WITHIN else FINE
    day = local_date(last, config.calendar.zone).isoformat()
    return Finding(level, about, words("doctor_last_backup", day=day))


def _state(engine: Engine) -> Finding:
    about = words("doctor_database")
    sound = soundness.check(engine)
    if sound.broken:
        return Finding(ACT, about, words("doctor_database_broken", reason=sound.broken))
    stands_at, needed = schema.current(engine), schema.head()
    if stands_at is None:
        return Finding(ACT, about, words("database_empty"))
    if stands_at < needed:
        return Finding(ACT, about, words("database_old", stands_at=stands_at, needed=needed))
    if stands_at > needed:
        return Finding(ACT, about, words("database_too_new", stands_at=stands_at, known=needed))
    return Finding(FINE, about, words("doctor_database_sound", version=sound.version))


def _contents(session: Session, config: Config, *, now: datetime) -> list[Finding]:
    today = local_date(now, config.calendar.zone)
    packs = pack_state.states(session, on=today, soon=today + SOON)
    found = [_calendar(last_national_year(session), config, now=now)]
    found += [_pack(pack) for pack in packs]
    if not packs:
        found.append(Finding(ACT, words("doctor_lessons"), words("doctor_no_lessons")))
    found += _strange_keys(session, config)
    return found + duty_findings(session) + matcher_findings(session, config)


def _strange_keys(session: Session, config: Config) -> list[Finding]:
    """Texts that no key here opens: a machine that a change of the key has left out, say."""
    written, file = config.secrets.note_key, config.secrets.note_key_file
    try:
        secrets = [key_files.read_key(one) for one in key_files.former_of(file)]
        present = key_bytes(written.get_secret_value()) if written else key_files.read_key(file)
    except (OSError, ValueError):
        return []  # the first finding says so
    keys = [NoteKey(secret) for secret in (present, *secrets)]
    count = resealing.count_of_others(session, keys)
    said = words("doctor_key_strange", count=count, old=key_files.old_of(file))
    return [Finding(ACT, words("doctor_key"), said)] if count else []


def duty_findings(session: Session) -> list[Finding]:
    """Where nobody would be called or told in danger."""
    about, found = words("doctor_duty"), []
    for lack in duty.lacking_anywhere(session):
        if not lack.contacts:
            said = words("doctor_no_contacts", unit=lack.unit_name)
            found.append(Finding(LOOK, about, said))
        if lack.on_duty < duty.ON_DUTY_AT_LEAST:
            said = words("doctor_duty_lacks", unit=lack.unit_name, count=lack.on_duty)
            found.append(Finding(LOOK, about, said))
    if not found and duty.is_needed(session):
        found.append(Finding(FINE, about, words("doctor_duty_ready")))
    return found


def matcher_findings(session: Session, config: Config) -> list[Finding]:
    """What was learnt last about grouping questions; nothing where nothing was."""
    return [_matcher(one, config) for one in theme_matchers.newest_of_each(session)]


def _matcher(row: ThemeMatcher, config: Config) -> Finding:
    followed, not_followed = words("doctor_followed"), words("doctor_not_followed")
    said = words(
        "doctor_learnt",
        day=local_date(row.made_at, config.calendar.zone).isoformat(),
        labels=row.labels,
        topics=row.topics,
        before=f"{row.untaught_score:.1%}",
        after=f"{row.score:.1%}",
        outcome=followed if row.is_followed else not_followed,
    )
    return Finding(FINE, words("doctor_grouping"), said)


def _calendar(known_to: int | None, config: Config, *, now: datetime) -> Finding:
    about = words("doctor_calendar")
    if known_to is None:
        unused = config.calendar.national == "none"
        return Finding(FINE if unused else LOOK, about, words("doctor_no_holidays"))
    said = words("doctor_holidays", year=known_to)
    if known_to < local_date(now, config.calendar.zone).year:
        return Finding(ACT, about, words("doctor_holidays_old", year=known_to))
    if monday_line.lacks_holidays(known_to, now=now):
        return Finding(LOOK, about, words("doctor_holidays_soon", year=known_to))
    return Finding(FINE, about, said)


def _pack(pack: PackState) -> Finding:
    """What a pack has to say; only one without a single lesson to teach asks for something."""
    title = (pack.title_en if ground.language() == "en" else None) or pack.title
    said = [words("doctor_pack", title=title, count=pack.readable)]
    if pack.drafts:
        said.append(words("doctor_pack_drafts", count=pack.drafts))
    if pack.withdrawn:
        said.append(words("doctor_pack_withdrawn", count=pack.withdrawn))
    if pack.ended:
        said.append(words("doctor_pack_ended", count=pack.ended))
    if pack.ending:
        said.append(words("doctor_pack_ending", count=pack.ending))
    level = LOOK if pack.drafts or pack.ended or pack.ending else FINE
    if not pack.readable:
        level = ACT
        said.append(words("doctor_pack_empty"))
    return Finding(level, words("doctor_lessons"), words("list_sign").join(said))
