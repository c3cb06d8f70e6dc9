"""A small county for tests: short lessons, units, a cohort, people who joined by invite."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlmodel import Session

from curriculum import cohorts, joining, lessons, working_days
from curriculum.cohorts import BeatDefaults, Hours
from curriculum.lesson_pack import LessonPack, read_pack
from curriculum.people import COORDINATOR, LEARNER, PRIVACY_VERSION, Speaker
from storage.cohorts import Cohort
from storage.people import Unit, add_unit
from tests.kept import kept

BOT = 7_000_000_009
HOURS = Hours("Asia/Shanghai", time(21, 30), time(9, 0), (1, 2, 3, 4, 5))

LESSON = """---
code: "{code}"
title: 第{code}课的题目
module: M1
minutes: {minutes}
key_point: 一个要点
basis: [测试]
reviewed_by: {reviewed_by}
status: {status}
question:
  text: 选哪一个
  options: [甲, 乙, 丙]
  answer: 2
  explanation: 因为是乙
---
{body}
"""


def write_pack(
    folder: Path, count: int = 4, *, changed: dict[str, str] | None = None, status: str = "draft"
) -> LessonPack:
    """Write and read a pack of `count` short lessons; `changed` gives a lesson another body."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text(
        'code = "test"\ntitle = "测试课"\nversion = "1"\n[[modules]]\ncode = "M1"\ntitle = "一"\n',
        encoding="utf-8",
    )
    for number in range(1, count + 1):
        code = f"{number:03d}"
        body = (changed or {}).get(code, f"正文 {code}。")
        (folder / f"{code}.zh.md").write_text(
            LESSON.format(
                code=code,
                minutes=5,
                body=body,
                status=status,
                reviewed_by="null" if status == "draft" else "持证社工",
            ),
            encoding="utf-8",
        )
    return read_once(folder)


_read: dict[frozenset[tuple[str, bytes]], LessonPack] = {}


def read_once(folder: Path) -> LessonPack:
    """`read_pack` for a folder, once for each content (0.1 s for four lessons, 1 s for sixty)."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    content = frozenset((str(file.relative_to(folder)), file.read_bytes()) for file in files)
    if content not in _read:
        _read[content] = read_pack(folder)
    return _read[content]


@dataclass
class County:
    """What was stored, by role in the tests."""

    top: Unit
    station: Unit
    other_station: Unit
    cohort: Cohort
    pack_id: int
    learners: list[Speaker] = field(default_factory=list)
    coordinator: Speaker | None = None


def build(
    session: Session,
    pack: LessonPack,
    *,
    now: datetime,
    learners: int = 3,
    pace: str = cohorts.TOGETHER,
    late: str = "merge",
    start_on: date = date(2026, 11, 25),
) -> County:
    """Units, a cohort beginning on `start_on`, learners (chat 100, 101, ...), a coordinator."""
    wished: dict[str, Any] = {
        "now": now,
        "learners": learners,
        "pace": pace,
        "late": late,
        "start_on": start_on,
    }
    if all(pack is not known for known in _read.values()):
        return _build(session, pack, **wished)
    key = ("county", id(pack), *wished.values())
    return kept(session, key, lambda: _build(session, pack, **wished))


def _build(
    session: Session,
    pack: LessonPack,
    *,
    now: datetime,
    learners: int,
    pace: str,
    late: str,
    start_on: date,
) -> County:
    working_days.import_national(session, first_year=2026, last_year=2026)
    imported = lessons.import_pack(session, pack, now=now)
    top = add_unit(session, name_zh="林芝市", level="prefecture", parent=None)
    station = add_unit(session, name_zh="八一镇社工站", level="township_station", parent=top)
    other = add_unit(session, name_zh="鲁朗镇社工站", level="township_station", parent=top)
    cohort = cohorts.create(
        session,
        unit=top,
        bot=BOT,
        name="一期",
        pace=pace,
        pack_id=imported.pack_id,
        hours=HOURS,
        beats=(BeatDefaults("daily_lesson", True, time(10, 0), late, 10),),
        start_on=start_on,
        now=now,
    )
    county = County(top, station, other, cohort, imported.pack_id)
    for number in range(learners):
        county.learners.append(
            join(session, county, chat_id=100 + number, name=f"学员{number + 1}", now=now)
        )
    county.coordinator = join(
        session, county, chat_id=900, name="协调员", role=COORDINATOR, unit=top, now=now
    )
    return county


def join(
    session: Session,
    county: County,
    *,
    chat_id: int,
    name: str,
    now: datetime,
    role: str = LEARNER,
    unit: Unit | None = None,
) -> Speaker:
    """Enrol somebody through an invite, as in life."""
    invite = joining.make_invite(
        session,
        role=role,
        unit=unit or county.station,
        cohort=county.cohort if role == LEARNER else None,
        uses=1,
        created_by=None,
        now=now,
    )
    return joining.enrol(
        session,
        token=invite.token,
        bot=BOT,
        chat_id=chat_id,
        name=name,
        language="zh",
        privacy_version=PRIVACY_VERSION,
        now=now,
    )
