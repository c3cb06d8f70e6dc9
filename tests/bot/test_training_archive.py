"""一期一档: what lies in a training's zip, that nobody is given away in it, and its parts."""

import io
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document as Word
from openpyxl import load_workbook  # type: ignore[import-untyped]
from sqlmodel import Session

from bot import training_archive
from bot.render import Renderer
from bot.reports.certificates import signed_of
from bot.training_archive import FOR_CONTENTS, Archive, Making, Packed
from curriculum import (
    training_attendance,
    training_certificates,
    training_feedback,
    training_file,
    training_papers,
    training_seats,
)
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.training_file import TrainingFile
from storage.engine import Database
from storage.people import Person
from storage.signatures import Signer
from storage.trainings import TrainingEvent
from tests.county import BOT, County, build, write_pack
from tests.curriculum.trainings import announced, coordinator

END = datetime.fromisoformat("2026-12-22T10:00:00+00:00")
CLOSED = END + timedelta(days=9)
MARKED = "多些演练"


class Filed:
    """A training that six of seven came to; one of them left without a certificate."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database, self.folder = database, folder
        self.county: County = database.write_now(
            build, write_pack(folder / "pack", 1), now=start, learners=7
        )
        self.chief = coordinator(self.county)
        self.event = database.write_now(
            lambda session: announced(session, self.county, now=start, places=7)
        )
        self.event_id = self.event.event_id
        for learner in self.county.learners:
            database.write_now(training_seats.register, learner, self.event_id, now=start)
        database.write_now(
            training_seats.decline,
            self.county.learners[6],
            self.event_id,
            reason="field_visit",
            now=start,
        )
        for place, period in enumerate(self.event.periods):
            for learner in self.county.learners[: 6 - place // 3]:
                self.tick(period.period_id, learner)

    def tick(self, period_id: int, learner: Speaker) -> None:
        """A tap on the list."""
        self.database.write_now(
            training_attendance.tick, self.chief, period_id, learner.person_id, now=END
        )

    def answer(self, learner: Speaker) -> None:
        """Somebody's feedback."""
        self.database.write_now(
            training_feedback.answer,
            learner,
            self.event_id,
            dict.fromkeys(training_feedback.ASPECTS, 4),
            MARKED,
            now=END + timedelta(hours=1),
        )

    def collect(self, by: Speaker | None = None, now: datetime = CLOSED) -> TrainingFile:
        """What goes into it."""
        return self.database.read_now(
            training_file.collect, by or self.chief, self.event_id, now=now
        )

    def pack(self, found: TrainingFile, name: str = "made", *, limit: int | None = None) -> Packed:
        """Everything on disk."""
        folder = self.folder / name
        folder.mkdir()
        renderer = Renderer(zone="Asia/Shanghai", wordings={})

        def register(session: Session) -> tuple[Path, int]:
            return training_archive.write_register(
                session, found, folder, renderer=renderer, language="zh", made_at=CLOSED
            )

        path, rows = self.database.read_now(register)
        paper = folder / "paper"
        paper.write_bytes(b"PK a notice")
        making = Making(
            found=found,
            register=path,
            rows=rows,
            papers={one.paper_id: paper for one in found.papers[:1]},
            renderer=renderer,
            language="zh",
            username="wuxue_bot",
            made_at=CLOSED,
        )
        more = {} if limit is None else {"limit": limit}
        return training_archive.pack(making, folder, **more)


@pytest.fixture
def filed(database: Database, tmp_path: Path, start: datetime) -> Iterator[Filed]:
    """On either database."""
    return Filed(database, tmp_path, start)  # type: ignore[return-value]


def words(zipped: ZipFile, name: str) -> str:
    """What a document in it says."""
    made = Word(io.BytesIO(zipped.read(name)))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in made.paragraphs), *cells])


def test_a_training_leaves_one_file_with_everything(filed: Filed) -> None:
    """Notice, roster, sheets, register as the ledger has it, evaluation, certificates, papers."""
    with pytest.raises(NotThere):
        filed.collect(by=filed.county.learners[0])
    for name in ("通知/终稿.docx", "讲义.pdf"):
        filed.database.write_now(
            training_papers.SHELF.add,
            filed.chief,
            filed.event_id,
            file_id="x",
            name=name,
            size=9,
            now=END,
        )
    for learner in filed.county.learners[:5]:
        filed.answer(learner)
    filed.database.write_now(
        training_certificates.issue,
        filed.chief,
        filed.event_id,
        seen=6,
        size=9,
        signer=Signer(b"c" * 32),
        now=END,
    )
    # One tick was a mistake; what looks like a formula is a name.
    filed.tick(filed.event.periods[3].period_id, filed.county.learners[4])
    filed.database.write_now(_rename, filed.county.learners[0].person_id)
    found = filed.collect()
    packed = filed.pack(found)
    assert (packed.missing, packed.notes) == (("讲义.pdf",), ())
    assert packed.files == found.pieces - 1
    (path,) = packed.parts
    assert path.stat().st_mode & 0o777 == 0o600
    with ZipFile(path) as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
        assert names[:4] == ["1_通知.docx", "1_通知.pdf", "2_花名册.xlsx", names[3]]
        assert "3_签到表/01_2026-12-21_接案.docx" in names
        assert sum(name.startswith("6_证书/证书_") for name in names) == 6
        assert "7_文件/01_通知-终稿.docx" in names
        assert "2026年12月21日 至 2026年12月22日" in words(zipped, "1_通知.docx")
        assert "接案" in words(zipped, "1_通知.docx")
        index = words(zipped, "目录.docx")
        assert "培训档案目录" in index
        assert "6张" in index
        assert "4个半天" in index
        assert "讲义.pdf" in index
        _workbooks(zipped)
        said = words(zipped, "5_培训评价.docx")
        assert said.count(MARKED) == 5
        assert "4.0 分" in said
        assert "这次没有前后测" in said
        assert not [one.name for one in found.people if one.name in said]
        certificate = next(name for name in names if name.startswith("6_证书/"))
        assert signed_of(zipped.read(certificate)).document["title"] == "社工实务培训"


def _rename(session: Session, person_id: int) -> None:
    session.get_one(Person, person_id).name = "=SUM(1)"


def _workbooks(zipped: ZipFile) -> None:
    """Typed cells; who declined stands last with why; what was taken back is in no row."""
    roster = load_workbook(io.BytesIO(zipped.read("2_花名册.xlsx"))).worksheets[0]
    rows = [[cell.value for cell in row] for row in roster.iter_rows()]
    assert rows[0] == ["序号", "姓名", "人员编号", "单位", "职务", "联系方式", "报名", "说明"]
    assert len(rows) == 8
    assert rows[-1][-2:] == ["不来", "下乡走访"]
    named = next(row for row in roster.iter_rows() if row[1].value == "=SUM(1)")
    assert named[1].data_type == "s"
    book = load_workbook(io.BytesIO(zipped.read("4_学时台账.xlsx")))
    attendance, ledger = book.worksheets
    totals = [row[-1].value for row in attendance.iter_rows(min_row=2)]
    assert sorted(totals) == [540, 540, 720, 720, 720, 720]
    # 6 + 6 + 6 + 5 half days, less the one that was a mistake.
    assert ledger.max_row - 1 == 22
    head = [cell.value for cell in ledger[1]]
    assert [ledger.cell(2, head.index(name) + 1).data_type for name in ("日期", "分钟")] == [
        "d",
        "n",
    ]


def test_fewer_than_five_answers_are_not_in_it(filed: Filed) -> None:
    """Neither a mean nor a sentence; and nothing while more answers can come."""
    for learner in filed.county.learners[:4]:
        filed.answer(learner)
    with ZipFile(filed.pack(filed.collect()).parts[0]) as zipped:
        said = words(zipped, "5_培训评价.docx")
    assert "不到 5 人" in said
    assert MARKED not in said
    filed.answer(filed.county.learners[4])
    open_yet = filed.collect(now=END + timedelta(days=2))
    with ZipFile(filed.pack(open_yet, "open").parts[0]) as zipped:
        said = words(zipped, "5_培训评价.docx")
    assert "收到2026年12月29日为止" in said
    assert MARKED not in said


def test_a_cancelled_training_keeps_its_notice_and_roster(filed: Filed) -> None:
    """It had no half days, so there are no sheets to sign; a draft has no file at all."""

    def set_state(session: Session, state: str) -> None:
        event = session.get_one(TrainingEvent, filed.event_id)
        event.state, event.reason = state, "大雪封山"

    filed.database.write_now(set_state, "cancelled")
    with ZipFile(filed.pack(filed.collect()).parts[0]) as zipped:
        assert not [name for name in zipped.namelist() if name.startswith("3_签到表/")]
        assert "大雪封山" in words(zipped, "1_通知.docx")
    filed.database.write_now(set_state, "draft")
    with pytest.raises(NotThere):
        filed.collect()
    with pytest.raises(NotThere):
        filed.database.read_now(training_file.by_id, filed.event_id, bot=BOT)


def test_a_large_file_comes_in_numbered_parts(tmp_path: Path) -> None:
    """No part passes the limit, each opens by itself, the contents lie in the first."""
    noise = secrets.token_bytes(400_000)
    limit = FOR_CONTENTS + 900_000
    archive = Archive(tmp_path, made_at=CLOSED, limit=limit)
    parts = [archive.add(f"{number}.pdf", noise) for number in range(12)]
    paths = archive.finish("目录.docx", noise)
    assert parts == sorted(parts)
    assert parts[-1] == len(paths) == 4
    names = []
    for path in paths:
        assert path.stat().st_size <= limit
        with ZipFile(path) as zipped:
            assert zipped.testzip() is None
            names.append(zipped.namelist())
    assert "目录.docx" in names[0]
    assert sum(map(len, names)) == archive.files == 13


def test_a_file_name_is_one_that_every_system_keeps() -> None:
    """No path leads out of the folder, nothing is too long, an ending stays."""
    assert training_archive.safe("../../etc/passwd") == "-..-etc-passwd"
    assert training_archive.safe('a:b*?"<>|\n.docx') == "a-b-.docx"
    assert len(training_archive.safe("很" * 300 + ".docx")) <= training_archive.NAME_LIMIT
    assert training_archive.safe("སྦྱོང་བརྡར།.pdf") == "སྦྱོང་བརྡར།.pdf"
    assert training_archive.safe(" .. ") == "-"


def test_nobody_is_left_out_for_having_left(filed: Filed) -> None:
    """Who left since stands on the roster as she did; who was forgotten stands nowhere."""

    def set_status(session: Session, status: str) -> None:
        session.get_one(Person, filed.county.learners[0].person_id).status = status

    filed.database.write_now(set_status, "left")
    assert len(filed.collect().people) == 7
    filed.database.write_now(set_status, "forgotten")
    assert len(filed.collect().people) == 6
    assert replace(filed.collect(), papers=()).pieces == 6 + 8
