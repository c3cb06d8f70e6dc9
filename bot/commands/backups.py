"""`wuxue db backup` and `wuxue db restore`: a SQLite file copied in one piece, and put back."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.database import locked, opened, upgrade_old
from bot.commands.ground import HERE, ConfigPath, fail, read_bot_id, read_config, say
from bot.config import Config
from curriculum import holds
from scheduler.clock import SystemClock
from scheduler.marks import last_seen
from scheduler.planner import STUDIES
from storage import backups
from storage.engine import is_sqlite, sqlite_path

BACKUP, REPLACED = "backup", "replaced"


def backup(config_path: ConfigPath = HERE) -> None:
    """备份数据库，机器人不用停。 Back the database up; the bot may go on running.

    备份放在数据库旁边，只有您能读，保留最近的 backup_keep 份。笔记密钥要另外备份。
    The copy lies beside the database, for its owner only; the newest backup_keep are kept. The
    note key needs a backup of its own, elsewhere.

    [bold]wuxue db backup[/bold]
    """
    config = read_config(config_path)
    path = _sqlite_file(config)
    if not path.exists():
        fail("database_missing", file=path)
    copy = backups.beside(path, BACKUP, now=SystemClock().now())
    try:
        backups.copy_whole(path, copy)
    except backups.Damaged:
        # The good ones of before stay.
        fail("backup_damaged", file=path)
    backups.keep_newest(path, BACKUP, keep=config.operations.backup_keep)
    say("backed_up", file=copy)


def restore(
    backup_file: Annotated[Path, typer.Argument(help="The backup to put in place.")],
    config_path: ConfigPath = HERE,
) -> None:
    """用备份换回数据库。 Put a backup in the database's place.

    先停下 wuxue run。现在的数据库会留在旁边。恢复以后先停发，等协调员选好补发、合并或不发。
    Stop `wuxue run` first. The present database is kept beside. Afterwards nothing goes out until
    the coordinators have chosen: send, merge or do not send.

    [bold]wuxue db restore data/wuxue.backup-20261127T070000Z.sqlite[/bold]
    """
    config = read_config(config_path)
    bot = read_bot_id(config, config_path)
    path = _sqlite_file(config)
    if not backup_file.is_file():
        fail("backup_missing", file=backup_file)
    if path.exists() and backup_file.samefile(path):
        fail("backup_is_database", file=backup_file)
    with locked(config, may_be_missing=True):
        _replace(path, backup_file)
        upgrade_old(config)
        with opened(config) as database:
            now = SystemClock().now()
            seen = database.read_now(last_seen, bot=bot)
            is_held = seen is not None and database.write_now(
                holds.begin, STUDIES, bot=bot, last_seen_at=seen, now=now
            )
    if is_held:
        say("restored_on_hold")
    else:
        say("restored")


def _sqlite_file(config: Config) -> Path:
    url = config.database.url.get_secret_value()
    if not is_sqlite(url):
        fail("backup_postgresql")
    return sqlite_path(url)


def _replace(path: Path, backup_file: Path) -> None:
    """Put a checked copy of the backup in place at one stroke, the present file beside it."""
    now = SystemClock().now()
    kept = backups.beside(path, REPLACED, now=now)
    fresh = path.with_name(f"{path.name}.restoring")
    try:
        backups.copy_whole(backup_file, fresh)
    except backups.Damaged:
        fail("backup_damaged", file=backup_file)
    if path.exists():
        try:
            backups.copy_whole(path, kept)
        except backups.Damaged:
            # Byte for byte: somebody may still read something out of it.
            path.replace(kept)
            kept.chmod(0o600)
        say("present_kept", file=kept)
    for ending in backups.BESIDE:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    fresh.replace(path)
