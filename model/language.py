"""Whether a text looks like English, the only language the model was trained on."""

from __future__ import annotations

from collections.abc import Sequence

_FUNCTION_WORDS = frozenset(
    "the of to in and a an that for on with was were by at from as is are it he his they their has "
    "have had but not who which said after be been this or its will would".split()
)
MIN_WORDS = 12
# English news runs at 0.3 to 0.45; Dutch or Spanish text stays under 0.1.
_MIN_SHARE = 0.15


def looks_english(words: Sequence[str]) -> bool:
    """True also when there are too few words to tell (under MIN_WORDS)."""
    plain = [w.lower() for w in words if w[0].isalpha()]
    if len(plain) < MIN_WORDS:
        return True
    n_latin = sum(w[0] < "\u0250" for w in plain)
    n_function = sum(w in _FUNCTION_WORDS for w in plain)
    return n_latin >= 0.5 * len(plain) and n_function >= _MIN_SHARE * len(plain)
