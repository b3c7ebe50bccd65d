"""What a text cell may hold: valid Unicode everywhere, and in CSV nothing a spreadsheet runs."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["Value", "clean_text", "csv_cell"]

Value = str | int | float | None
"""Of a cell; None is unknown, and every form writes it as empty (null in JSON)."""

_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
# Spreadsheets read a cell that begins so as a formula; the minus sign proper has no plain form.
_FORMULA = frozenset("=+-@\u2212")
_BREAKS = frozenset("\t\r\n")
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


def clean_text(text: str) -> str:
    """NUL and lone surrogates, which UTF-8 files cannot hold or readers choke on, as U+FFFD.

    The length is kept, so that offsets hold.
    """
    return _UNWRITABLE.sub("\ufffd", text)


def csv_cell(value: Value) -> str:
    """A value as CSV holds it: None is empty, and text that reads as a formula gets a ``'``.

    Numbers stay numbers (a negative longitude too). The leading apostrophe is what OWASP advises
    against CSV injection (owasp.org/www-community/attacks/CSV_Injection).
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    text = clean_text(value)
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """Whether the first visible character, full-width and small forms too, starts a formula.

    A leading tab or line break counts as well: some programs cut a cell there.
    """
    for char in text:
        if char in _BREAKS or unicodedata.normalize("NFKC", char)[0] in _FORMULA:
            return True
        if unicodedata.category(char) not in _INVISIBLE:
            return False
    return False
