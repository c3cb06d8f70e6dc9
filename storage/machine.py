"""What the machine under the database says: room on its disk, the newest copy of the file."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from storage.engine import is_sqlite, sqlite_path


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the disk that the SQLite file lies on."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What can be seen from here; all None with a PostgreSQL server, whose disk is its own."""

    is_sqlite: bool
    disk: Disk | None
    # When the newest copy beside the SQLite file was written, machine time.
    last_backup: datetime | None


def look(engine: Engine) -> Machine:
    """Look at the disk and at the copies beside the file."""
    url = engine.url.render_as_string(hide_password=False)
    if not is_sqlite(url):
        return Machine(is_sqlite=False, disk=None, last_backup=None)
    path = sqlite_path(url)
    usage = shutil.disk_usage(path.parent)
    return Machine(
        is_sqlite=True, disk=Disk(usage.free, usage.total), last_backup=last_backup(path)
    )


def last_backup(path: Path) -> datetime | None:
    """When the newest copy of a SQLite file beside it was written; None where there is none.

    A copy is named after the file with more behind a dot: wuxue.before-20261124T140000Z.sqlite.
    """
    copies = [one for one in path.parent.glob(f"{path.stem}.*{path.suffix}") if one != path]
    written = [one.stat().st_mtime for one in copies if one.is_file()]
    return datetime.fromtimestamp(max(written), UTC) if written else None
