"""A good lesson pack, and one way to break it for every problem a pack can have."""

import io
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from curriculum.pack_files import MAX_PICTURE, MAX_VOICE
from tests.media_files import opus, picture

Files = dict[str, bytes]
Change = Callable[[Files], None]

PACK = """code = "starter"
title = "入门课"
version = "1"
order = ["001", "002", "003"]

[[modules]]
code = "M1"
title = "认识"
after = []

[[modules]]
code = "M2"
title = "探访"
after = ["M1"]
"""

LESSON = """---
code: "{code}"
title: 入户之前
title_en: Before a visit
module: M1
minutes: 4
key_point: 先说明来意，再征得同意。
prerequisites: []
basis:
  - 社会工作者职业道德指引
valid_from: 2026-01-01
valid_to: 2027-12-31
reviewed_by: 卓玛
status: reviewed
question:
  text: 进门前先做什么？
  options:
    - 说明来意
    - 直接进门
    - 先拍照片
  answer: 1
  explanation: 先说清楚，再进门。
---

**先**说明来意。
"""

TIBETAN = """---
code: "001"
title: ཁྱིམ་དུ།
key_point: སྔོན་ལ་བཤད་པ།
reviewed_by: བཀྲ་ཤིས།
question:
  text: སྔོན་ལ་ཅི་བྱེད།
  options:
    - བཤད་པ།
    - འཛུལ་བ།
    - པར་ལེན།
  answer: 1
  explanation: བཤད་པ།
---
**སྔོན་ལ་** བཤད་པ།
"""

ONE, BO, SETTINGS = "M1/001.zh.md", "M1/001.bo.md", "pack.toml"


def good_pack() -> Files:
    """Three Chinese lessons in two places, one of them in Tibetan too."""
    return {
        SETTINGS: PACK.encode(),
        ONE: LESSON.format(code="001").encode(),
        BO: TIBETAN.encode(),
        "002.zh.md": LESSON.format(code="002").encode(),
        "003.zh.md": LESSON.format(code="003").replace("[]", '["001", 002]').encode(),
    }


def write_folder(folder: Path, files: Files) -> Path:
    """The files as a folder on disk."""
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def zipped(files: Files, *, method: int = zipfile.ZIP_STORED) -> bytes:
    """The files as the bytes of a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return out.getvalue()


def link_entry(path: str) -> bytes:
    """A zip with a good pack and a symbolic link."""
    out = io.BytesIO(zipped(good_pack()))
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo(path)
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def encrypted() -> bytes:
    """A zip whose first file says it is encrypted."""
    data = bytearray(zipped(good_pack()))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@dataclass(frozen=True)
class Break:
    """What to change in the good pack, and the one problem that must be found, and where."""

    code: str
    path: str
    line: int
    change: Change

    def files(self) -> Files:
        """The broken pack."""
        files = good_pack()
        self.change(files)
        return files


def swap(path: str, old: str, new: str) -> Change:
    """Replace a text that the good file has exactly once."""

    def change(files: Files) -> None:
        text = files[path].decode()
        if text.count(old) != 1:
            raise ValueError(f"{old!r} is {text.count(old)} times in {path}")
        files[path] = text.replace(old, new).encode()

    return change


def put(path: str, data: str | bytes) -> Change:
    """Add or replace a file."""

    def change(files: Files) -> None:
        files[path] = data.encode() if isinstance(data, str) else data

    return change


def drop(*paths: str) -> Change:
    """Take files out."""

    def change(files: Files) -> None:
        for path in paths:
            del files[path]

    return change


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(files: Files) -> None:
        for each in changes:
            each(files)

    return change


def _in_body(text: str) -> Change:
    return swap(ONE, "**先**说明来意。", text)


_ZH = LESSON.format(code="001")
_QUESTION = _ZH[_ZH.index("question:") : _ZH.index("---\n\n")]


def _shows(kind: str, *files: str, caption: str = "图") -> Change:
    """Lesson 001 names these files; the first stands in line 16."""
    entries = "".join(f"\n  - file: {file}\n    caption: {caption}" for file in files)
    return swap(ONE, "status: reviewed", f"status: reviewed\n{kind}:{entries}")


# Where a line is 0, the problem is the file as a whole.
BREAKS = [
    Break("file_unexpected", "课件.docx", 0, put("课件.docx", "x")),
    Break("file_unexpected", "inner.zip", 0, put("inner.zip", zipped({"a.md": b"x"}))),
    Break("picture_kind", "M1/图.gif", 0, put("M1/图.gif", "x")),
    Break("picture_too_large", "a.jpg", 0, put("a.jpg", b"x" * (MAX_PICTURE + 1))),
    Break("voice_kind", "a.m4a", 0, put("a.m4a", "x")),
    Break("voice_too_large", "a.ogg", 0, put("a.ogg", b"x" * (MAX_VOICE + 1))),
    Break("media_unused", "M1/图.png", 0, put("M1/图.png", "x")),
    Break("too_deep", "a/b/c/d/e/f/9.zh.md", 0, put("a/b/c/d/e/f/9.zh.md", "x")),
    Break("file_too_large", "004.zh.md", 0, put("004.zh.md", "字" * 22_000)),
    Break("encoding_known", ONE, 1, put(ONE, _ZH.encode("utf-16"))),
    Break("encoding_known", ONE, 3, put(ONE, _ZH.encode("gb18030"))),
    Break("encoding_unknown", ONE, 2, put(ONE, b"---\ncode: \xff\xff\xff\n")),
    Break("name_unclear", "入户.md", 0, put("入户.md", "x")),
    Break("name_unclear", "004.md", 0, put("004.md", "x")),
    Break("language_unknown", "001.fr.md", 0, put("001.fr.md", "x")),
    Break("lesson_twice", "M2/001.zh.md", 0, put("M2/001.zh.md", _ZH)),
    Break("zh_missing", "009.bo.md", 0, both(
        put("009.bo.md", TIBETAN.replace("001", "009")), swap(SETTINGS, '"003"]', '"003", "009"]')
    )),
    Break("no_lessons", SETTINGS, 0, both(
        drop(ONE, BO, "002.zh.md", "003.zh.md"), swap(SETTINGS, 'order = ["001", "002", "003"]', "")
    )),
    Break("settings_missing", SETTINGS, 0, drop(SETTINGS)),
    Break("toml_broken", SETTINGS, 2, swap(SETTINGS, '"入门课"', "入门课")),
    Break("toml_broken", SETTINGS, 4, swap(SETTINGS, ', "003"]', ', "003')),
    Break("module_twice", SETTINGS, 12, swap(SETTINGS, '"M2"', '"M1"')),
    Break("after_unknown", SETTINGS, 14, swap(SETTINGS, 'after = ["M1"]', 'after = ["M7"]')),
    Break("after_circle", SETTINGS, 9, swap(SETTINGS, "after = []", 'after = ["M2"]')),
    Break("key_missing", SETTINGS, 11, swap(SETTINGS, 'title = "探访"\n', "")),
    Break("key_unknown_near", SETTINGS, 14, swap(SETTINGS, '"探访"', '"探访"\ntitel_en = "V"')),
    Break("order_unknown", SETTINGS, 4, swap(SETTINGS, '"003"]', '"003", "004"]')),
    Break("order_twice", SETTINGS, 4, swap(SETTINGS, '"003"]', '"003", "001"]')),
    Break("order_lacks", SETTINGS, 4, swap(SETTINGS, '"002", "003"]', '"003"]')),
    Break(
        "essential_unknown",
        SETTINGS,
        4,
        swap(SETTINGS, 'order = [', 'essential = ["009"]\norder = ['),
    ),
    Break("front_matter_missing", ONE, 1, put(ONE, "# 入户\n")),
    Break("front_matter_open", ONE, 1, put(ONE, "---\ncode: 001\n")),
    Break("front_matter_too_large", ONE, 1, swap(ONE, "入户之前", "入" * 6_000)),
    Break("front_matter_not_keys", ONE, 2, put(ONE, "---\n- 001\n---\n正文")),
    Break("fullwidth_colon", ONE, 3, swap(ONE, "title: 入", "title：入")),
    Break("yaml_broken", ONE, 7, swap(ONE, "先说明来意，再", "记: 先说明来意，再")),
    Break("yaml_broken", ONE, 6, swap(ONE, "minutes: 4", "\tminutes: 4")),
    Break("yaml_alias_or_tag", ONE, 3, swap(ONE, "title: 入", "title: &a 入")),
    Break("yaml_alias_or_tag", ONE, 3, swap(ONE, "title: 入", "title: !!python/name:os.system 入")),
    Break("yaml_too_deep", ONE, 8, swap(ONE, "prerequisites: []", "prerequisites: " + "[" * 3_000)),
    Break("key_twice", ONE, 4, swap(ONE, "title_en: B", "title: B")),
    Break("key_missing", ONE, 1, swap(ONE, "minutes: 4\n", "")),
    Break("key_missing", ONE, 15, swap(ONE, "  answer: 1\n", "")),
    Break("key_unknown", ONE, 4, swap(ONE, "title_en:", "zzz:")),
    Break("key_unknown_near", ONE, 8, swap(ONE, "prerequisites:", "prerequisite:")),
    Break("key_belongs_to_zh", BO, 4, swap(BO, "key_point: སྔ", "minutes: 4\nkey_point: སྔ")),
    Break("value_empty", ONE, 3, swap(ONE, "title: 入户之前", "title:")),
    Break("value_empty", ONE, 3, swap(ONE, "title: 入户之前", 'title: " "')),
    Break("value_wrong", ONE, 6, swap(ONE, "minutes: 4", "minutes: " + "9" * 5_000)),
    Break("not_text", ONE, 3, swap(ONE, "title: 入户之前", "title: [入户, 之前]")),
    Break("not_number", ONE, 6, swap(ONE, "minutes: 4", "minutes: 四")),
    Break("not_number", ONE, 21, swap(ONE, "answer: 1", "answer: 1.5")),
    Break("not_list", ONE, 8, swap(ONE, "prerequisites: []", 'prerequisites: "002"')),
    Break("not_group", ONE, 15, swap(ONE, _QUESTION, "question: 问\n")),
    Break("not_date", ONE, 11, swap(ONE, "2026-01-01", "2026年1月")),
    Break("not_date", ONE, 12, swap(ONE, "2027-12-31", "20271231")),
    Break("not_allowed", ONE, 14, swap(ONE, "status: reviewed", "status: done")),
    Break("not_one_line", ONE, 3, swap(ONE, "title: 入户之前", 'title: "入户\\n之前"')),
    Break("code_unclear", ONE, 5, swap(ONE, "module: M1", "module: M 1")),
    Break("text_too_long", ONE, 3, swap(ONE, "入户之前", "入" * 41)),
    Break("text_too_long", ONE, 19, swap(ONE, "直接进门", "进" * 301)),
    Break("number_too_small", ONE, 21, swap(ONE, "answer: 1", "answer: 0")),
    Break("number_too_large", ONE, 6, swap(ONE, "minutes: 4", "minutes: 16")),
    Break("too_few", ONE, 9, swap(ONE, "basis:\n  - 社会工作者职业道德指引", "basis: []")),
    Break("too_few", ONE, 17, swap(ONE, "    - 直接进门\n    - 先拍照片\n", "")),
    Break("too_many", ONE, 17, swap(ONE, "    - 先拍照片\n", "    - 选\n" * 9)),
    Break("code_differs", ONE, 2, swap(ONE, '"001"', '"01"')),
    Break("reviewer_missing", ONE, 14, swap(ONE, "reviewed_by: 卓玛", "reviewed_by: null")),
    Break("reviewer_missing", BO, 5, swap(BO, "reviewed_by: བཀྲ་ཤིས།", "status: published")),
    Break("dates_reversed", ONE, 12, swap(ONE, "2027-12-31", "2025-12-31")),
    Break("answer_out_of_range", ONE, 21, both(
        swap(ONE, "answer: 1", "answer: 4"), drop(BO)
    )),
    Break("options_alike", ONE, 20, swap(ONE, "先拍照片", '"说明 来意"')),
    Break("options_differ", BO, 8, swap(BO, "    - པར་ལེན།\n", "")),
    Break("answer_differs", BO, 12, swap(BO, "answer: 1", "answer: 2")),
    Break("body_empty", ONE, 24, _in_body("")),
    Break("body_empty", ONE, 24, _in_body("\u200b")),
    Break("body_too_long", ONE, 24, _in_body("字" * 601)),
    Break("body_too_long", BO, 15, swap(BO, "**སྔོན་ལ་** བཤད་པ།", "ཀ" * 2_401)),
    Break("body_too_long", ONE, 24, _in_body("字" * 20_001)),
    Break("body_too_nested", ONE, 24, _in_body("[" * 100)),
    Break("picture_in_text", ONE, 26, _in_body("看图\n![图](a.png)")),
    Break("link_to_file", ONE, 25, _in_body("见[附件](files/a.pdf)")),
    Break("link_refused", ONE, 25, _in_body("见[这里](javascript:alert(1))")),
    Break("link_refused", ONE, 25, _in_body('见[这里](ftp://a.example "名")')),
    Break("media_missing", ONE, 16, _shows("pictures", "图.png")),
    Break("media_outside", ONE, 16, _shows("pictures", "../a.png")),
    Break("media_outside", ONE, 16, _shows("pictures", "/etc/a.png")),
    Break("media_outside", ONE, 16, _shows("voice", "C:/a.ogg")),
    Break("media_outside", ONE, 16, _shows("voice", r"M1\a.ogg")),
    Break("picture_not_read", ONE, 16, both(_shows("pictures", "a.png"), put("a.png", "x"))),
    Break("picture_not_read", ONE, 16, both(_shows("pictures", "a.ogg"), put("a.ogg", opus()))),
    Break("picture_too_many_dots", ONE, 16, both(
        _shows("pictures", "a.png"), put("a.png", picture(5_001, 5_000, mode="1"))
    )),
    Break("picture_too_narrow", ONE, 16, both(
        _shows("pictures", "a.png"), put("a.png", picture(841, 42))
    )),
    Break("picture_too_narrow", ONE, 16, both(
        _shows("pictures", "a.png"), put("a.png", picture(39, 39))
    )),
    Break("voice_not_opus", ONE, 16, both(_shows("voice", "a.ogg"), put("a.ogg", opus()[:-1]))),
    Break("voice_not_opus", ONE, 16, both(_shows("voice", "a.png"), put("a.png", picture()))),
    Break("media_too_many", ONE, 22, both(
        _shows("pictures", "a.png", "a.png", "a.png", "a.png"), put("a.png", picture())
    )),
    Break("text_too_long", ONE, 17, both(
        _shows("pictures", "a.png", caption="图" * 1_025), put("a.png", picture())
    )),
    Break("text_too_long", ONE, 16, both(
        _shows("voice", "a.ogg", caption="🏔" * 513), put("a.ogg", opus())
    )),
    Break("key_missing", ONE, 16, both(
        _shows("pictures", "a.png"), swap(ONE, "    caption: 图\n", "")
    )),
    Break("key_unknown_near", ONE, 18, both(
        _shows("pictures", "a.png", caption="图\n    langage: bo"), put("a.png", picture())
    )),
    Break("key_belongs_to_zh", BO, 4, swap(BO, "key_point: སྔ", "pictures: []\nkey_point: སྔ")),
    Break("module_unknown", ONE, 5, swap(ONE, "module: M1", "module: M9")),
    Break("prerequisite_unknown", ONE, 8, swap(ONE, "[]", '["099"]')),
    Break("prerequisite_later", ONE, 8, swap(ONE, "[]", '["002"]')),
    Break("prerequisite_circle", ONE, 8, swap(ONE, "[]", '["003"]')),
]  # fmt: skip
