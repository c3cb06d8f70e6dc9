"""A roster sent from the coordinator's phone on the page, imported, and its files opened there."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import io
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from bot.rehearsal.county import TOWN
from tests.journeys.test_page_journey import (  # noqa: F401  pytest finds fixtures by their names
    page,
    page_url,
    pytestmark,
)
from tests.rosters import person, xlsx


def test_a_coordinator_imports_a_roster_on_her_phone(page: Page, tmp_path: Path) -> None:
    """The blank sheet, a file with one problem, the mended one, 导入, then sheet and cards."""
    phone = page.locator("#phone-coordinator")
    phone.get_by_role("textbox").fill("名册")
    phone.get_by_role("textbox").press("Enter")
    expect(phone.get_by_text("名册空白表.xlsx")).to_be_visible()

    def send(*rows: tuple[object, ...]) -> None:
        file = tmp_path / "名册.xlsx"
        file.write_bytes(xlsx(rows))
        phone.locator("input[type=file]").set_input_files(file)
        phone.get_by_role("textbox").press("Enter")

    send(person("丹增", unit=TOWN, cohort="", phone="123"))
    expect(phone.get_by_text("第2行“电话”：电话“123”看不懂")).to_be_visible()
    send(person("丹增", unit=TOWN, cohort=""), person("玉珍", unit=f"{TOWN}/新村", cohort=""))
    expect(phone.get_by_text("2 人：新加入 2，改动 0，没有变 0")).to_be_visible()
    phone.get_by_role("button", name="导入", exact=True).click()
    expect(phone.get_by_text("邀请卡_2026-11-24.pdf")).to_be_visible(timeout=15_000)
    with page.expect_download() as waiting:
        phone.get_by_text("名册结果_2026-11-24.xlsx").click()
    rows = list(load_workbook(io.BytesIO(waiting.value.path().read_bytes()))["名册"].values)
    assert [row[5] for row in rows] == ["人员编号", "W-000001", "W-000002"]
