"""Copies of a SQLite file: made in one piece beside a writer, checked, the newest ones kept."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

# What SQLite keeps beside a file; of another database they would be read into this one.
BESIDE = ("-wal", "-shm", "-journal")


class Damaged(Exception):
    """A file is no whole database of ours."""


def copy_whole(source: Path, target: Path) -> None:
    """Copy and check a database; the target is replaced at one stroke, for its owner only.

    One `backup` call over all pages: page-wise copying never finishes while others write. Raises
    Damaged, and leaves the target as it was, for what is not a whole database of ours.
    """
    fresh = target.with_name(f"{target.name}.copying")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(fresh)) as new,
        ):
            old.backup(new, pages=-1)
            (verdict,) = new.execute("PRAGMA integrity_check(1)").fetchone()
            known = {row[0] for row in new.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        fresh.unlink()
        raise Damaged from error
    if verdict != "ok" or "alembic_version" not in known:
        fresh.unlink()
        raise Damaged
    for ending in BESIDE:
        target.with_name(f"{target.name}{ending}").unlink(missing_ok=True)
    fresh.replace(target)


def beside(path: Path, word: str, *, now: datetime) -> Path:
    """The name of a copy of this moment beside a database."""
    return path.with_name(f"{path.stem}.{word}-{now:%Y%m%dT%H%M%SZ}{path.suffix}")


def keep_newest(path: Path, word: str, *, keep: int) -> None:
    """Delete all but the newest copies of a word beside a database."""
    for old in sorted(path.parent.glob(f"{path.stem}.{word}-*{path.suffix}"))[: -max(keep, 1)]:
        old.unlink()
