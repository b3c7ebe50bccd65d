"""Mentions of one text -> which of them name the same thing, and its English name.

The modules, in the order in which data flow through them:

    forms     one mention -> its words, head, country, the actor or person that it names
    keys      forms with a name -> keys: equal keys, same thing
    nominals  "the army", "the capital" -> the key of what stands near that it may mean
    identity  the forms of one thing -> the name that a coder would enter, and its country
"""

from .forms import ENTITY_KINDS, Form, Known, analyse
from .identity import canonical
from .keys import Key, NamesOfFamily, named_key
from .nominals import Around, nominal_key

__all__ = [
    "ENTITY_KINDS",
    "Around",
    "Form",
    "Key",
    "Known",
    "NamesOfFamily",
    "analyse",
    "canonical",
    "named_key",
    "nominal_key",
]
