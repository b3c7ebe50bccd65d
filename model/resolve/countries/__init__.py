"""Words -> countries, by their ISO 3166-1 codes.

The modules, in the order in which data flow through them:

    alpha3  two-letter codes <-> three-letter codes
    terms   names, demonyms, capitals and well-known places in a phrase -> countries
"""

from .alpha3 import alpha3_of
from .terms import DEMONYM, NAME, country, country_of, find_countries, normalise

__all__ = [
    "DEMONYM",
    "NAME",
    "alpha3_of",
    "country",
    "country_of",
    "find_countries",
    "normalise",
]
