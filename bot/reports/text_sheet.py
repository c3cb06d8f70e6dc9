"""A sheet of a workbook in which no text can become anything else."""

from xlsxwriter.worksheet import Worksheet

from bot.reports.cells import inline_text


class TextSheet(Worksheet):  # type: ignore[misc]  # ships no types
    """A sheet that writes every text as text.

    xlsxwriter's own escaping misses _x0041_x0042_, and it takes a text from <r> to </r> for markup
    of its own, unescaped: a name of that form could make the workbook unreadable.
    """

    @staticmethod
    def _escape_control_characters(data: str) -> str:
        return inline_text(data)
