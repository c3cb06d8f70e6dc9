"""The papers of a record: a form that comes back as it went out, and one to print and file."""

import io
from dataclasses import replace

import docx
import pytest

from bot import supervision_record_pages as pages
from bot.render import LANGUAGES, Renderer
from bot.reports import documents
from curriculum.supervision_actions_written import LIMIT as ACTION_LIMIT
from curriculum.supervision_actions_written import MOST, Named
from curriculum.supervision_confirming import LIMIT as REFLECTION_LIMIT
from curriculum.supervision_record_form import LIMIT, read_form
from tests.bot.supervision_record_facts import DAY, VIEWS, WHOLE

TIBETAN = "བྱིས་པའི་དྲི་བ།"
PEOPLE = (Named(1, "卓玛", "worker"), Named(2, "德吉", "supervisor"))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Words for tests."""
    return Renderer(zone="Asia/Shanghai", wordings={})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_comes_back_as_it_went_out(renderer: Renderer, language: str) -> None:
    """As a message and as a document: every field is known again, none is left over."""
    view = replace(WHOLE, language=language)
    read = pages.read_docx(pages.form_docx(renderer, view))
    assert read is not None
    assert read[0] == view.record_id
    for written in (pages.form(renderer, view), read[1]):
        filled = read_form(written, PEOPLE, held_on=DAY, today=DAY)
        assert filled.unread == {}
        fields = filled.fields
        assert (fields["date"], fields["minutes"], fields["mode"]) == (DAY, 60, "online")
        assert tuple(fields["functions"]) == view.functions
        assert {name: fields[name] for name in view.texts} == dict(view.texts)
        assert [(one.person_id, one.due_on) for one in fields["actions"]] == [(1, DAY), (2, DAY)]
        assert (fields["next_on"], fields["case"]) == (DAY, view.case)


def test_another_document_is_no_record(renderer: Renderer) -> None:
    """It is left to whoever takes documents next."""
    assert pages.read_docx(documents.docx(pages.paper(renderer, WHOLE))) is None


def test_the_paper_holds_all_of_it(renderer: Renderer) -> None:
    """Chinese and Tibetan, actions with their state, how it was confirmed, what was added."""
    texts = dict(WHOLE.texts) | {"situation": f"{TIBETAN} 孩子的问题"}
    paper = pages.paper(renderer, replace(VIEWS[-1], texts=texts))
    made = docx.Document(io.BytesIO(documents.docx(paper)))
    said = str([cell.text for table in made.tables for row in table.rows for cell in row.cells])
    for words in (TIBETAN, "写三句开场白", "做完了", "一方确认", "时长：75分钟", "我先听再说"):
        assert words in said, words
    assert documents.pdf(paper).startswith(b"%PDF")


def test_the_longest_record_fits_one_message(renderer: Renderer) -> None:
    """A group of twelve that wrote all they may, with additions: the record itself is whole."""
    line = replace(WHOLE.actions[0], text="行" * ACTION_LIMIT)
    view = replace(
        VIEWS[-1],
        form="group",
        texts=dict.fromkeys(WHOLE.texts, "字" * LIMIT),
        actions=(line,) * MOST,
        people=tuple(
            replace(WHOLE.people[0], person_id=number, reflection="思" * REFLECTION_LIMIT)
            for number in range(12)
        ),
        additions=(replace(VIEWS[-1].additions[0], text="补" * LIMIT),) * 30,
    )
    text, _ = pages.page(renderer, view)
    assert len(text.text) <= 4096
    assert text.text.count("字") == len(WHOLE.texts) * LIMIT
