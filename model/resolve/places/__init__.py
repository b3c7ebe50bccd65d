"""Place phrases of a text -> places of the world, and where its events happened.

The modules, in the order in which data flow through them:

    phrases        what the words of a place phrase say: bare name, class word, "near", a border
    dateline       mentions without those of the dateline, where the report was filed
    keys           spellings of a name -> the keys of the gazetteer
    gazetteer      keys -> places, from ``gazetteer.safetensors``, read on first use
    names          the place names of a text and how they point to each other
    ranking        names -> a distribution over their places, by ``ranking_weights.json``
    choice         the place that each name means
    event_country  the country of an event, by ``event_country_weights.json``
    event_place    the country, name and point of an event
"""

from .dateline import outside_dateline
from .event_place import (
    AT_HOME,
    EventWords,
    TextPlaces,
    document_countries,
    home_country,
)

__all__ = [
    "AT_HOME",
    "EventWords",
    "TextPlaces",
    "document_countries",
    "home_country",
    "outside_dateline",
]
