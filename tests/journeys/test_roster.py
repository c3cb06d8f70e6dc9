"""A coordinator imports her roster in chat: blank sheet, dry run, problems, links and cards."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from bot.handlers import roster
from bot.rehearsal.county import COUNTY, TOWN
from storage import drafts
from storage.people import Membership, Person
from tests.journeys.conftest import (
    COORDINATOR,
    LEARNER,
    STRANGER,
    SUPERVISOR,
    Play,
)
from tests.rosters import HEAD, person, xlsx

pytestmark = pytest.mark.asyncio


def _row(name: str, **cells: Any) -> tuple[Any, ...]:
    return person(name, **({"unit": TOWN, "cohort": ""} | cells))


async def _send(play: Play, *rows: tuple[Any, ...], user: int = COORDINATOR) -> str:
    play.world.send_file(user, "名册.xlsx", xlsx(rows))
    await play.settle()
    return play.last(user)


def _files(play: Play, user: int = COORDINATOR) -> list[tuple[str, bytes]]:
    sent = [m.json["document"] for m in play.said(user) if "document" in m.json]
    return [(d["file_name"], play.world.files.by_id[d["file_id"]].data) for d in sent]


def _table(data: bytes, sheet: str = "名册") -> list[list[Any]]:
    return [list(row) for row in load_workbook(io.BytesIO(data))[sheet].values]


async def test_the_blank_sheet_is_under_more(play: Play) -> None:
    """更多, 名册导入: a sheet with the columns, how to fill them, what may be written."""
    await play.say(COORDINATOR, "更多")
    await play.press(COORDINATOR, "人和单位")
    assert "名册导入" in play.labels(COORDINATOR)
    assert (await play.press(COORDINATOR, "名册导入")).startswith("名册导入\n\n请填这张空白表")
    ((name, data),) = _files(play)
    assert name == "名册空白表.xlsx"
    assert _table(data) == [list(HEAD)]
    assert _table(data, "怎么填")[3][0] == "单位"
    places = _table(data, "可填的单位和班组")
    assert [f"{COUNTY}/{TOWN}", None] in places or any(TOWN in str(row[0]) for row in places)
    assert "名册导入" in await play.say(COORDINATOR, "花名册")


async def test_a_filled_sheet_is_looked_at_imported_and_comes_back_with_links_and_cards(
    play: Play,
) -> None:
    """Dry run, 导入, a sheet with numbers, links and codes, a PDF of cards; then it opens."""
    said = await _send(play, _row("丹增"), _row("བསོད་ནམས།"), _row("玉珍", role="督导者"))
    assert said.startswith("名册看过了，没有问题\n\n3 人：新加入 3，改动 0，没有变 0。")
    assert play.labels(COORDINATOR) == ["导入", "重发邀请", "取消"]
    before = await play.count("person")
    await play.press(COORDINATOR, "导入")
    assert await play.count("person") == before + 3
    assert await play.count("draft") == 0
    told = [message.text for message in play.said(COORDINATOR)]
    assert any(text.startswith("名册已导入\n\n已记录：新加入 3") for text in told)
    (sheet_name, sheet), (cards_name, cards) = _files(play)
    assert (sheet_name[:5], cards_name[:4], cards[:5]) == ("名册结果_", "邀请卡_", b"%PDF-")
    head, first, *_ = _table(sheet)
    line = dict(zip(head, first, strict=True))
    assert (line["姓名"], line["人员编号"], line["结果"]) == ("丹增", "W-000001", "新加入")
    token = line["邀请链接"].partition("?start=")[2]
    assert await play.open(STRANGER, token)
    assert "用不了" not in play.last(STRANGER)
    assert len(line["邀请码"]) == 8


async def test_the_returned_sheet_sent_again_changes_nothing_but_what_was_changed(
    play: Play,
) -> None:
    """As it came: nothing. With one station changed: one change, by name, and no new link."""
    await _send(play, _row("丹增"), _row("玉珍"))
    await play.press(COORDINATOR, "导入")
    sheet = _files(play)[0][1]
    play.world.send_file(COORDINATOR, "again.xlsx", sheet)
    await play.settle()
    assert "新加入 0，改动 0，没有变 2。将发出邀请 0 份" in play.last(COORDINATOR)
    book = load_workbook(io.BytesIO(sheet))
    book["名册"]["B2"] = "丹增多吉"
    changed = io.BytesIO()
    book.save(changed)
    play.world.send_file(COORDINATOR, "again.xlsx", changed.getvalue())
    await play.settle()
    assert "丹增多吉：改姓名" in play.last(COORDINATOR)
    await play.press(COORDINATOR, "导入")
    assert len(_files(play)) == 3
    assert "邀请未过期" in _table(_files(play)[-1][1])[1]
    play.world.send_file(COORDINATOR, "again.xlsx", changed.getvalue())
    await play.settle()
    await play.press(COORDINATOR, "重发邀请")
    assert [name[:3] for name, _ in _files(play)[-2:]] == ["名册结", "邀请卡"]


async def test_problems_are_told_by_row_and_nothing_is_written(play: Play) -> None:
    """A few as text, many as a sheet; what is kept is said."""
    before = await play.count("person")
    said = await _send(play, _row("丹增", phone="123"), _row(""), _row("玉珍", role="所长"))
    assert said.startswith("名册有 3 处要改\n\n什么都没有写入。")
    assert "第2行“电话”：电话“123”看不懂" in said
    assert "第4行“角色”：不认识角色“所长”" in said
    await _send(play, *(_row("") for _ in range(40)))
    assert any("还有 25 处" in message.text for message in play.said(COORDINATOR))
    ((name, data),) = _files(play)
    assert name == "名册要改的地方.xlsx"
    assert len(_table(data, "要改的地方")) == 41
    assert [await play.count("person"), await play.count("draft")] == [before, 0]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("照片.pdf", b"%PDF-1.4", "只收 .xlsx 和 .csv"),
        ("名册.xlsx", b"PK\x03\x04 not whole", "文件打不开"),
        ("名册.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧格式的 .xls"),
        ("大.xlsx", b"PK\x03\x04" + bytes(5 * 1024 * 1024), "文件超过 5 MB"),
        ("空.csv", "随便,写点\n什么,东西\n".encode(), "没有找到列名"),
    ],
)
async def test_what_is_no_roster_is_said_kindly(
    play: Play, name: str, data: bytes, words: str
) -> None:
    """Wrong kind, broken, old, too large, without columns: each is told what to do."""
    play.world.send_file(COORDINATOR, name, data)
    await play.settle()
    assert words in play.last(COORDINATOR)


async def test_cancel_and_an_old_button_write_nothing(play: Play) -> None:
    """取消 forgets the rows; a button under an earlier file fits nothing any more."""
    before = await play.count("person")
    await _send(play, _row("丹增"))
    first = play.said(COORDINATOR)[-1]
    await _send(play, _row("玉珍"))
    play.world.press(COORDINATOR, COORDINATOR, first.message_id, row=0, column=0)
    await play.settle()
    assert play.toast(COORDINATOR) == "这一步已经走过了，请看最下面一条"
    assert await play.press(COORDINATOR, "取消") == "已取消，没有保存"
    assert [await play.count("person"), await play.count("draft")] == [before, 0]


async def test_the_rows_wait_sealed(play: Play) -> None:
    """Names and phones between the dry run and 导入 are not readable in the database."""
    await _send(play, _row("丹增", phone="13900000001"))
    ((answers,),) = await play.rows("SELECT answers FROM draft")
    assert "丹增".encode() not in answers
    assert b"13900000001" not in answers


async def test_what_changed_meanwhile_is_not_overwritten(play: Play) -> None:
    """Between the dry run and 导入 somebody of that name was added: refused, and asked."""
    await _send(play, _row("丹增"))
    ((unit_id,),) = await play.rows("SELECT id FROM unit WHERE name_zh = :name", name=TOWN)

    def add(session: Session) -> None:
        someone = Person(name="丹增", number="LZ-1", created_at=play.running.clock.now())
        session.add(someone)
        session.flush()
        session.add(
            Membership(person_id=someone.id, unit_id=unit_id, since=someone.created_at.date())
        )

    await play.running.wuxue.database.write(add)
    before = await play.count("person")
    said = await play.press(COORDINATOR, "导入")
    assert any("名册没有导入" in message.text for message in play.said(COORDINATOR))
    assert "已有丹增（LZ-1）" in said
    assert [await play.count("person"), await play.count("draft")] == [before, 0]


@pytest.mark.parametrize("user", [LEARNER, SUPERVISOR])
async def test_whoever_may_not_import_sends_a_file_in_vain(play: Play, user: int) -> None:
    """No dry run, no button, and the sheet is not there for her."""
    assert (await _send(play, _row("丹增"), user=user)).startswith("现在只收文字")
    assert "没有找到" in await play.say(user, "名册导入")
    assert await play.count("draft") == 0


async def test_an_english_coordinator_reads_it_in_english(play: Play) -> None:
    """The same sheets and sentences in the other language."""
    ((person_id,),) = await play.rows(
        "SELECT person_id FROM chat_account WHERE chat_id = :chat", chat=COORDINATOR
    )

    def speak_english(session: Session) -> None:
        session.get_one(Person, person_id).language = "en"

    await play.running.wuxue.database.write(speak_english)
    assert (await play.say(COORDINATOR, "roster")).startswith("Import a roster")
    assert _table(_files(play)[0][1], "Roster")[0][:3] == ["Unit", "Name", "Role"]
    said = await _send(play, _row("Tenzin", role="learner", phone="123"))
    assert "Row 2, Phone: The phone “123” cannot be read." in said
    await _send(play, _row("Tenzin", role="social worker"))
    await play.press(COORDINATOR, "Import")
    assert _files(play)[-2][0].startswith("roster_result_")


async def test_on_postgresql_a_roster_is_imported_by_whoever_takes_the_job(
    on_postgresql: Play,
) -> None:
    """It is said that it is under way; then the same message says what was recorded."""
    play = on_postgresql
    await _send(play, _row("丹增"), _row("玉珍"))
    await play.press(COORDINATOR, "导入")
    told = [message.text for message in play.said(COORDINATOR)]
    assert any(text.startswith("名册已导入\n\n已记录：新加入 2") for text in told)
    assert not any(text.startswith("正在导入名册") for text in told)
    assert len(_files(play)) == 2
    assert await play.rows("SELECT * FROM wuxue_jobs.procrastinate_jobs") == []


async def test_a_roster_is_imported_once_however_often_its_job_is_done(play: Play) -> None:
    """A process that died after the import may leave the job to another."""
    await _send(play, _row("丹增"))
    services = play.running.wuxue.application.bot_data["services"]
    draft = await services.database.read(
        drafts.current,
        bot=services.bot_id,
        chat_id=COORDINATOR,
        note_key=services.note_key,
        now=services.clock.now(),
    )
    assert draft is not None
    message_id = play.said(COORDINATOR)[-1].json["message_id"]
    arguments: dict[str, int | str] = {
        "chat_id": COORDINATOR,
        "message_id": message_id,
        "choice": roster.IMPORT,
        "checked": roster.fingerprint(draft.answers),
    }
    before = await play.count("person")
    for _ in range(2):
        await play.running.wuxue.jobs.run(roster.IMPORT_JOB, arguments)
    await play.settle()
    assert await play.count("person") == before + 1
    assert any(m.text.startswith("这份名册已办完") for m in play.said(COORDINATOR))
