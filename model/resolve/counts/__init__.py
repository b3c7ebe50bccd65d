"""Phrases that count people -> numbers, and the tolls of events.

The modules, in the order in which data flow through them:

    numerals  "12.000", "1,20,000", "-5" -> plain digits, or nothing
    phrases   "more than 250 fighters" -> a number, or a range
    tolls     victims of one event, all told once -> its toll
    words     what the words around a victim or trigger say: killed, injured, nobody
    choice    which of the phrases around an event tell its toll, by ``weights.json``
"""

from .choice import MAX_TOLL, MIN_SCORE, EventTrigger, TollClues, VictimClue, event_toll
from .numerals import whole_numeral
from .phrases import count, is_absurd
from .tolls import Victim, toll
from .words import Harm

__all__ = [
    "MAX_TOLL",
    "MIN_SCORE",
    "EventTrigger",
    "Harm",
    "TollClues",
    "Victim",
    "VictimClue",
    "count",
    "event_toll",
    "is_absurd",
    "toll",
    "whole_numeral",
]
