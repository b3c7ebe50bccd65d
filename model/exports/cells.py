"""What a cell may hold: valid Unicode, numbers of 64 bits, in CSV nothing a spreadsheet runs."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["MAX_INTEGER", "Value", "clean_text", "csv_cell", "storable"]

Value = str | int | float | None
"""Of a cell; None is unknown, and every form writes it as empty (null in JSON)."""

MAX_INTEGER = 2**63 - 1
"""Of a cell: what 64 bits hold."""

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


def storable(value: Value) -> Value:
    """The value with clean text; None for a number beyond 64 bits."""
    if isinstance(value, str):
        return clean_text(value)
    return None if isinstance(value, int) and value > MAX_INTEGER else value


def csv_cell(value: Value) -> str:
    """A value as CSV holds it: None is empty, and text that reads as a formula gets a ``'``.

    Numbers stay numbers (a negative longitude too). The leading apostrophe is what OWASP advises
    against CSV injection (owasp.org/www-community/attacks/CSV_Injection).
    """
    held = storable(value)
    if held is None:
        return ""
    if not isinstance(held, str):
        return repr(held)
    return f"'{held}" if _is_formula(held) else held


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
