"""The last two days of a batch of 21, what they bring home, and what becomes of it."""

import io
from datetime import UTC, date, datetime, time, timedelta

import docx
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import Session

from bot.rehearsal.county import COUNTY, colleague_id
from curriculum import people
from storage import visit_logs, visits
from storage.people import Person, unit_by_name
from storage.visit_logs import VisitReport, VisitReturn
from storage.visits import APPROVED, COMING, ExchangeVisit, VisitPerson, VisitStop
from tests.journeys.conftest import COORDINATOR, LEARNER, STRANGER, Play
from tests.journeys.test_every_button import BUTTONS
from tests.journeys.test_visit_buttons import VisitWalk
from tests.media_files import opus, picture

pytestmark = pytest.mark.asyncio
FIRST, LAST = date(2026, 11, 24), date(2026, 11, 26)
EVENING = datetime(2026, 11, 25, 12, 1, tzinfo=UTC)
HOME = datetime(2026, 11, 27, 1, 31, tzinfo=UTC)
ROLL_DUE = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
TITLE = "赴拉萨参观交流"


def _arrange(session: Session, *, bot: int, now: datetime) -> None:
    """A batch of 21 on its way to two places, and one of 22 that came home a month before."""
    chats = (LEARNER, *map(colleague_id, range(3)))
    speakers = [people.who(session, bot=bot, chat_id=chat, now=now) for chat in chats]
    who = [(one.person_id, one.name) for one in speakers if one is not None]
    _batch(session, bot, TITLE, (FIRST, LAST), who[:3], (15, 3), now)
    before = (LAST - timedelta(days=32), LAST - timedelta(days=30))
    earlier = _batch(session, bot, "赴日喀则参观交流", before, who[3:], (17, 4), now)
    session.add(
        VisitReport(
            visit_id=earlier, evidence="on_paper", confirmed_at=now, published_at=now, log_on=LAST
        )
    )
    for line in visits.people(session, earlier):
        visit_logs.mark(session, line.id or 0, before[0], is_there=True, by=who[0][0], now=now)
    (hers, *_) = visits.people(session, earlier)
    words = {"first_step": "先在八一镇排一周"}
    session.add(
        VisitReturn(
            visit_id=earlier,
            line_id=hers.id or 0,
            parts=words,
            sharing="fellows",
            summary="no",
            updated_at=now,
        )
    )


def _batch(
    session: Session,
    bot: int,
    title: str,
    days: tuple[date, date],
    with_chat: list[tuple[int, str]],
    others: tuple[int, int],
    now: datetime,
) -> int:
    """An approved batch: colleagues with a chat, so many without one, so many officials."""
    (county,) = unit_by_name(session, COUNTY)
    visit = ExchangeVisit(
        bot=bot,
        unit_id=county.id or 0,
        title=title,
        aims="学站点管理",
        organiser=COUNTY,
        starts_on=days[0],
        ends_on=days[1],
        state=APPROVED,
        packing=[],
        reminders={"days": [], "hour": "08:00", "late": "merge", "skip_after_hours": 3},
        changes=[],
        created_at=now,
        approved_at=now,
    )
    session.add(visit)
    session.flush()
    visit_id = visit.id or 0
    for place, (name, day) in enumerate(zip((f"{title}一", f"{title}二"), days, strict=True), 1):
        stop = {"visit_id": visit_id, "place": place, "destination": name, "programme": "座谈"}
        session.add(VisitStop(**stop, day=day, at=time(10)))
    listed: list[tuple[int | None, str]] = [*with_chat]
    for number in range(others[0]):
        person = Person(name=f"扎西{number:02d}", created_at=now)
        session.add(person)
        session.flush()
        listed.append((person.id or 0, person.name))
    listed += [(None, f"{title}干部{number}") for number in range(others[1])]
    for person_id, name in listed:
        line = {"visit_id": visit_id, "person_id": person_id, "name": name, "state": COMING}
        session.add(VisitPerson(**line, changed_at=now))
    session.flush()
    return visit_id


async def test_from_the_last_evening_but_one_to_the_first_step(morning: Play) -> None:
    """Logs in words, voice and picture, a story, the roll and 21, the summary, the first step."""
    play = morning
    await play.rest_lessons()
    now = play.running.clock.now()
    await play.running.wuxue.database.write(_arrange, bot=play.running.wuxue.bot.id, now=now)
    await play.through(EVENING)
    await _write(play)
    await play.through(HOME)
    await _bring_home(play)
    await _first_step(play)
    await play.through(ROLL_DUE)
    await _call_the_roll(play)
    await _sum_up(play)


async def _write(play: Play) -> None:
    """Asked without a sound; a masked text, a recording and a picture; one written for another."""
    asked = play.with_text(LEARNER, "今天的参观日志")
    assert asked.json.get("disable_notification", True)
    assert (await play.press(LEARNER, "写日志")).startswith("写日志")
    await play.say(LEARNER, "展板每月换，站长13988887777")
    said = await play.press(LEARNER, play.labels(LEARNER)[0])
    assert said.startswith("记下了")
    assert "13988887777" not in said
    assert "同行的人和协调员能看" in said
    assert "写名字" in await play.press(LEARNER, "署名放总结")

    fellow, other = colleague_id(0), colleague_id(1)
    await play.press(fellow, "写日志")
    play.world.send_voice(fellow, opus())
    await play.settle()
    assert play.last(fellow).startswith("录音收下了")
    assert (await play.say(fellow, "站长说值班")).startswith("记下了")
    assert "不写名字" in await play.press(fellow, "不署名放总结")
    await play.press(other, "写日志")
    play.world.send_file(other, "a.jpg", picture(), "展板", kind="photo")
    await play.settle()
    assert play.last(other).startswith("记下了")
    await play.press(other, "只自己看")

    # A colleague reads what is shared; what is not, nobody else, whatever is pressed.
    await play.press(fellow, "回到日志")
    said = await play.press(fellow, "看日志")
    assert "站长说值班" in said
    assert "（照片）" not in said
    await play.press(fellow, "1")
    label = next(one for one in play.labels(fellow) if one.startswith("听录音"))
    await play.press(fellow, label)
    assert play.said(fellow)[-1].json["voice"]
    ((hidden,),) = await play.rows("SELECT id FROM visit_log WHERE kind = 'picture'")
    for user, verb in (
        (fellow, f"visit_entry:{hidden}"),
        (fellow, f"visit_file:{hidden}"),
        (fellow, f"visit_entry_drop:{hidden}"),
        (COORDINATOR, f"visit_entry:{hidden}"),
        (fellow, "visit_roll:1:0"),
        (fellow, "visit_summary:1"),
    ):
        play.world.forge_callback(user, user, 1, verb)
        await play.settle()
        assert "没有找到" in play.toast(user), verb
    play.world.forge_callback(STRANGER, STRANGER, 1, "visit_hub:1")
    await play.settle()

    await play.press(other, "改一改")
    assert "展板和值班表" in await play.say(other, "展板和值班表")
    await play.press(other, "删这条日志")
    assert play.last(other).startswith("删掉了")
    assert (await play.press(other, "撤销")).startswith("一条日志")


async def _bring_home(play: Play) -> None:
    """Part by part, stopped and gone on with; then a story that she alone begins."""
    assert play.with_text(LEARNER, "参观带回来的")
    assert (await play.press(LEARNER, "一步一步写")).startswith("写“看到了什么”")
    assert "还有2段" in await play.say(LEARNER, "社区有值班表")
    assert "写好的都在" in await play.press(LEARNER, "先停")
    await play.press(LEARNER, "接着写")
    assert "社区有值班表" in play.last(LEARNER)
    await play.press(LEARNER, "接着写")
    await play.say(LEARNER, "值班表")
    said = await play.say(LEARNER, "先在八一镇排一周")
    assert "先在八一镇排一周" in said
    await play.press(LEARNER, "署名放总结")
    # A colleague reads it; whoever arranges the visit may propose it.
    await play.press(colleague_id(0), "回到日志")
    await play.press(colleague_id(0), "看日志")
    assert play.with_text(colleague_id(0), "展板每月换")
    said = await play.press(LEARNER, "看大家的")
    assert "社区有值班表" in said
    await play.press(LEARNER, "1")
    assert "推荐经验" not in play.labels(LEARNER)
    await play.press(LEARNER, "看大家的")
    await play.press(LEARNER, "回到日志")
    await play.press(LEARNER, "带回来的")
    await play.press(LEARNER, "改一改")
    await play.press(LEARNER, "一次说完")
    said = await play.say(LEARNER, "看到：社区有值班表\n能用：值班表\n第一步：先在八一镇排一周")
    assert "社区有值班表" in said
    said = await play.press(LEARNER, "写成经验")
    assert "社区有值班表" in said
    rows = await play.rows("SELECT kind FROM story_source")
    assert rows == [("visit",)]


async def _call_the_roll(play: Play) -> None:
    """Asked for in the morning's list; one tap for all, one taken out and put back; 21 counted."""
    said = await play.say(COORDINATOR, "待办")
    place = next(line for line in said.split("\n") if "参观点名还没确认" in line).partition(".")[0]
    said = await play.press(COORDINATOR, place)
    assert "名单21人，去了21人（不是社工的3人）" in said
    await play.press(COORDINATOR, "谁没去")
    name = play.labels(COORDINATOR)[0]
    assert "去了20人" in await play.press(COORDINATOR, name)
    await play.press(COORDINATOR, name.removeprefix("✅ "))
    await play.press(COORDINATOR, "参观点名")
    await play.press(COORDINATOR, "按天改")
    await play.press(COORDINATOR, name)
    day = play.labels(COORDINATOR)[1]
    await play.press(COORDINATOR, day)
    assert day.removeprefix("✅ ") in play.labels(COORDINATOR)
    await play.press(COORDINATOR, day.removeprefix("✅ "))
    await play.press(COORDINATOR, "上一步")
    await play.press(COORDINATOR, "参观点名")
    await _paste(play)
    await play.press(COORDINATOR, "改时长")
    await play.press(COORDINATOR, play.labels(COORDINATOR)[2])
    assert "30 到 720" in await play.say(COORDINATOR, "半天")
    await play.say(COORDINATOR, "240")
    assert "已确认（纸质）" in await play.press(COORDINATOR, "纸质确认")
    await play.press(COORDINATOR, "撤销")
    said = await play.press(COORDINATOR, "全部确认")
    assert "已确认（点名）" in said
    rows = await play.rows(
        "SELECT count(*), count(DISTINCT person_id), sum(minutes) FROM learning_record"
        " WHERE study = 'exchange_visit' AND evidence = 'roll_call' AND mode = 'offline'"
    )
    assert rows == [(54, 18, 18 * (360 + 360 + 240))]
    await play.press(COORDINATOR, "回到日志")
    said = await play.press(COORDINATOR, "参观统计")
    assert "2批 43名（社工36，其他7），43人次，4个地方" in said
    assert "2026年1月1日(周四)—12月31日(周四)" in said
    assert (await play.press(COORDINATOR, "全部")).startswith("参观统计\n\n全部\n")
    await play.press(COORDINATOR, "今年")
    await play.press(COORDINATOR, "下载表格")
    book = load_workbook(io.BytesIO(_document(play, COORDINATOR)))
    assert [cell.value for cell in book.worksheets[0][2]][1:] == [2, 43, 36, 7, 43, 4, 0]
    assert book.worksheets[2].max_row == 44

    # Somebody without a chat has told her something meanwhile.
    await play.press(COORDINATOR, "回到日志")
    await play.press(COORDINATOR, "替人写")
    await play.press(COORDINATOR, "扎西00")
    await play.press(COORDINATOR, play.labels(COORDINATOR)[-2])
    assert "扎西00" in await play.say(COORDINATOR, "食堂菜单是老人定的")
    await play.press(COORDINATOR, "回到日志")


async def _paste(play: Play) -> None:
    """贴接龙: of one day, only the unsure asked about; the others left out, then taken back."""
    assert (await play.press(COORDINATOR, "贴接龙")).startswith("是哪一天的接龙")
    day = play.labels(COORDINATOR)[1]
    assert (await play.press(COORDINATOR, day)).startswith("把接龙贴过来")
    names = "\n".join(f"{n + 2}. 扎西{n:02d} 到" for n in range(15))
    said = await play.say(COORDINATOR, f"接龙\n1. 扎西 到\n{names}\n17. 不认识的人 到")
    while "是哪一位" in said:
        said = await play.press(COORDINATOR, "都不是")
    assert said.startswith(f"认出 16 人，{day}")
    assert "名单里没有：不认识的人" in said
    assert "名单上不在接龙里的" in said
    said = await play.press(COORDINATOR, "其他人没去")
    assert said.startswith("记好了")
    assert f"{day}：去了 16 人，没去 5 人" in said
    said = await play.press(COORDINATOR, "撤销")
    assert "去了21人" in said
    rows = await play.rows(
        "SELECT count(*) FROM visit_day_mark WHERE NOT is_there AND line_id < 22"
    )
    assert rows == [(0,)]
    everybody = await play.rows("SELECT name FROM visit_person WHERE visit_id = 1")
    await play.press(COORDINATOR, "贴接龙")
    await play.press(COORDINATOR, "整个行程")
    said = await play.say(COORDINATOR, "\n".join(name for (name,) in everybody))
    assert said.startswith("认出 21 人\n")
    assert "其他人没去" not in play.labels(COORDINATOR)
    await play.press(COORDINATOR, "记到场")
    await play.press(COORDINATOR, "参观点名")


def _document(play: Play, user: int) -> bytes:
    sent = next(m for m in reversed(play.said(user)) if "document" in m.json)
    return bytes(play.world.files.by_id[sent.json["document"]["file_id"]].data)


def _lines(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


def _words_of_pdf(data: bytes) -> str:
    assert data.startswith(b"%PDF")
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


async def _sum_up(play: Play) -> None:
    """Fetched, read back, edited, sent back, published after a look, undone, published again."""
    said = await play.press(COORDINATOR, "参观总结")
    assert "可用的日志2条，带回来的1份" in said
    await play.press(COORDINATOR, "看Word")
    built = _document(play, COORDINATOR)
    text = _lines(built)
    for words in ("展板每月换", "站长说值班", "社区有值班表（扎西）", "一位同事"):
        assert words in text, words
    for words in ("13988887777", "食堂菜单", "（照片）"):
        assert words not in text
    await play.press(COORDINATOR, "看PDF")
    assert _document(play, COORDINATOR).startswith(b"%PDF")
    document = docx.Document(io.BytesIO(built))
    document.add_paragraph("协调员补的一段")
    out = io.BytesIO()
    document.save(out)
    await play.press(COORDINATOR, "交回")
    # Where a Word file is waited for, a picture hears so, and not that words are taken alone.
    play.world.send_file(COORDINATOR, "a.jpg", picture(), kind="photo")
    await play.settle()
    assert play.last(COORDINATOR).startswith("交回总结")
    play.world.send_file(COORDINATOR, "总结.docx", b"PK\x03\x04 no document")
    await play.settle()
    assert "没法读" in play.last(COORDINATOR)
    play.world.send_file(COORDINATOR, "总结.docx", out.getvalue())
    await play.settle()
    assert "用的是您交回的文件" in play.last(COORDINATOR)
    # The PDF is made of what she sent back, and that Telegram gives again.
    await play.press(COORDINATOR, "看PDF")
    assert "协调员补的一段" in _words_of_pdf(_document(play, COORDINATOR))
    assert "社区有值班表（扎西）" in _words_of_pdf(_document(play, COORDINATOR))
    ((kept,),) = await play.rows("SELECT file_id FROM visit_report WHERE visit_id = 1")
    hidden = play.world.files.by_id.pop(kept)
    await play.press(COORDINATOR, "看PDF")
    assert "现在取不到" in play.toast(COORDINATOR)
    play.world.files.by_id[kept] = hidden
    await play.press(COORDINATOR, "用系统的")
    await play.press(COORDINATOR, "交回")
    play.world.send_file(COORDINATOR, "总结.docx", out.getvalue())
    await play.settle()
    assert (await play.press(COORDINATOR, "发给同行")).startswith("发给3人")
    await play.press(COORDINATOR, "确认发出")
    await play.press(COORDINATOR, "撤回")
    now = play.running.clock.now()
    await play.through(now + timedelta(minutes=3))
    assert not [m for m in play.said(LEARNER) if "参观总结好了" in m.text]
    await play.press(COORDINATOR, "发给同行")
    await play.press(COORDINATOR, "确认发出")
    await play.through(now + timedelta(minutes=6))
    assert play.with_text(LEARNER, "参观总结好了").json.get("disable_notification", True)
    await play.press(LEARNER, "看总结")
    assert "协调员补的一段" in _lines(_document(play, LEARNER))
    await play.press(LEARNER, "看PDF")
    assert "协调员补的一段" in _words_of_pdf(_document(play, LEARNER))
    assert not play.bugs


async def _first_step(play: Play) -> None:
    """A month after the batch before: her own words shown to her, one tap, a sentence, shared."""
    author = colleague_id(2)
    asked = play.with_text(author, "第一步做了吗")
    assert "先在八一镇排一周" in asked.text
    await play.press(author, "换了做法")
    said = await play.say(author, "改成两人一班")
    assert "只有您自己看得到" in said
    said = await play.say(COORDINATOR, "参观")
    place = next(line for line in said.split("\n") if "日喀则" in line).partition(".")[0]
    for label in (place, "参观日志", "参观总结", "大家的第一步"):
        said = await play.press(COORDINATOR, label)
    assert "还没有人给您看" in said
    await play.press(author, "给协调员看")
    await play.press(COORDINATOR, "参观总结")
    assert "换了做法，改成两人一班" in await play.press(COORDINATOR, "大家的第一步")
    await play.press(COORDINATOR, "参观总结")
    await play.press(COORDINATOR, "回到日志")
    assert TITLE not in await play.press(COORDINATOR, "回到参观")


@pytest.mark.parametrize("user", [LEARNER, COORDINATOR])
async def test_every_button_of_a_log_leads_somewhere(morning: Play, user: int) -> None:
    """Whoever travels or arranges it: each tap is answered, six buttons and one row to move."""
    now, wuxue = morning.running.clock.now(), morning.running.wuxue
    await morning.rest_lessons()
    await wuxue.database.write(_arrange, bot=wuxue.bot.id, now=now)
    await morning.through(HOME)
    # Under the evening's question it is that day's, however late; words name no other day.
    assert "11月26日(周四)。写字" in await morning.press(LEARNER, "写日志")
    assert "补写" in await morning.press(LEARNER, "写别的天")
    assert "补写" in await morning.say(LEARNER, "展板每月换")
    # A button's own words do as well as the button.
    assert "11月26日(周四)。写字" in await morning.say(LEARNER, "11月26日(周四)")
    await morning.say(LEARNER, "展板每月换")
    await morning.press(LEARNER, "署名放总结")
    walk = VisitWalk(morning, user)
    with walk.watching():
        await walk.through()
    full = [
        rows
        for rows in walk.keyboards
        if sum(map(len, rows)) > BUTTONS and sum(map(len, rows[:-1])) > BUTTONS
    ]
    assert full == []
    reached = {data.split(":")[0] for data in walk.pressed}
    hers = {"visit_entry_change", "visit_share", "visit_allow", "visit_part", "visit_story"}
    chiefs = {"visit_for", "visit_tick", "visit_tick_day", "visit_minutes", "visit_roll_undo"}
    chiefs |= {"visit_docx", "visit_summary_send", "visit_counts", "visit_xlsx", "visit_steps"}
    assert (hers if user == LEARNER else chiefs) - reached == set()
