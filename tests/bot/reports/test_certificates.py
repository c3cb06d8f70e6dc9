"""Certificates: the PDF carries what was signed, any change of it is seen, any file is survived."""

import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from bot.reports.certificates import NotOurs, Signed, certificate, signed_of
from curriculum.certificates import Statement, is_signed, read_code, signed_bytes
from storage.signatures import PublicKey, Signer

SIGNER = Signer(b"k" * 32)
STATEMENT = Statement(
    serial="2026-000012",
    code="ABCDE23456",
    name="卓玛 སྒྲོལ་མ།",
    unit="林芝市/巴宜区/鲁朗镇社工站",
    title="2026年下半年社工培训",
    starts_on=date(2026, 12, 9),
    ends_on=date(2026, 12, 11),
    minutes=900,
    issuer="林芝市社工指导中心",
    issued_on=date(2026, 12, 11),
)
WORDS = {"product": "五学+", "title": "培训证书", "serial": "证书编号", "code": "验证码"}
LINES = {
    "name": STATEMENT.name,
    "unit": STATEMENT.unit,
    "did": "参加培训\nསྦྱོང་བརྡར།",
    "how": "发送 /verify 核验",
    "issuer": STATEMENT.issuer,
    "issued": "2026年12月11日",
}


def signed(statement: Statement = STATEMENT) -> Signed:
    document = statement.document()
    return Signed(document, SIGNER.sign(signed_bytes(document)))


def made(one: Signed) -> bytes:
    return certificate(one, words=WORDS, lines=LINES, link="https://t.me/wuxue_bot?start=v_ABC")


def test_the_file_alone_proves_what_it_says() -> None:
    """The statement comes back word for word and its signature holds without any database."""
    found = signed_of(made(signed()))
    assert Statement.read(found.document) == STATEMENT
    assert is_signed(found.document, found.signature, by=SIGNER.public)


@pytest.mark.parametrize(
    "forged",
    [
        replace(STATEMENT, name="尼玛"),
        replace(STATEMENT, minutes=901),
        replace(STATEMENT, issued_on=date(2026, 12, 12)),
    ],
)
def test_a_changed_word_is_no_longer_signed(forged: Statement) -> None:
    """A name, a minute or a day that is not what was signed makes the signature worthless."""
    one = Signed(forged.document(), signed().signature)
    found = signed_of(made(one))
    assert not is_signed(found.document, found.signature, by=SIGNER.public)


def test_another_installations_signature_is_not_ours() -> None:
    """Its key comes from its own secret; ours is written down in 64 digits and read again."""
    found = signed()
    other = Signer(b"o" * 32).public
    assert not is_signed(found.document, found.signature, by=other)
    assert is_signed(found.document, found.signature, by=PublicKey.read(SIGNER.public.written))


def test_the_certificate_is_one_page_whatever_the_name_and_title() -> None:
    """Long names are set smaller, long titles break."""
    long = replace(STATEMENT, name="བསྟན་འཛིན་རྒྱ་མཚོ་" * 6, title="培训" * 40)
    assert len(PdfReader(io.BytesIO(made(signed(long)))).pages) == 1


@pytest.mark.parametrize(
    "written", ["abcde23456", "ABCDE 23456", "abcde-23456", " ＡＢＣＤＥ２３４５６ "]
)
def test_a_code_is_read_as_people_type_it(written: str) -> None:
    """Small or full-width letters, a space or a stroke between the groups."""
    assert read_code(written) == "ABCDE23456"


@given(st.binary(max_size=2000))
def test_any_file_is_ours_or_refused(data: bytes) -> None:
    """What somebody hands in to be checked breaks nothing."""
    with pytest.raises(NotOurs):
        signed_of(data)


@given(st.data())
def test_a_damaged_certificate_is_refused_or_not_signed(data: st.DataObject) -> None:
    """A file that lost or changed some of its bytes never passes for the real one's opposite."""
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 20))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = signed_of(bytes(whole))
    except NotOurs:
        return
    if is_signed(found.document, found.signature, by=SIGNER.public):
        assert Statement.read(found.document) == STATEMENT


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.dictionaries(st.text(), x)))
def test_any_document_is_a_statement_or_refused(document: object) -> None:
    """An attachment of that name may hold anything."""
    with pytest.raises(ValueError, match="no statement"):
        Statement.read(document)


WHOLE = made(signed())
