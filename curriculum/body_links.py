"""Pictures and links in a lesson's Markdown that no learner could open."""

import re
from collections.abc import Iterator

from curriculum.lesson_problems import Problem
from curriculum.markdown_text import allowed_link

_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence) *$|(?P<ticks>`+)[^`\n]+(?P=ticks)",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(
    r"(?P<picture>!?)\[[^\[\]\n]*\]\(\s*<?(?P<target>[^()\n<>]*(?:\([^()\n]*\)[^()\n<>]*)*)>?\s*\)"
)
_TITLE = re.compile(r"\s+(\"[^\"]*\"|'[^']*')\s*$")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def link_problems(path: str, body: str, first_line: int) -> Iterator[Problem]:
    """A Problem for each picture, each link to a file and each link with a refused scheme."""
    shown = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), body)
    for match in _LINK.finditer(shown):
        if shown[: match.start()].endswith("\\"):
            continue
        line = first_line + shown.count("\n", 0, match.start())
        target = _TITLE.sub("", match["target"]).strip()
        facts = {"target": target[:100]}
        if match["picture"]:
            yield Problem(path, line, "picture_in_text", facts)
        elif not _SCHEME.match(target):
            yield Problem(path, line, "link_to_file", facts)
        elif not allowed_link(target):
            yield Problem(path, line, "link_refused", facts)
