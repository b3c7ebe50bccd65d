"""Time words of a text -> when it was published, and the dates of its events.

The modules, in the order in which data flow through them:

    days            days, months and years of the calendar, as ranges of days
    dateline        the head of a text -> its publication date
    clock           what a time expression is read against
    tense           does a sentence speak of a time past or to come?
    timex_fixed     readers of expressions that name months, years and their parts
    timex_relative  readers of expressions that count from another day
    timex           the grammar: one time expression -> days
    wars            "the civil war" -> its years, from ``wars.tsv``
    text            a document with its time mentions read once
    candidates      the days that an event may have happened on, and what speaks for each
    choice          the best of them, or none, by ``weights.json``
"""

from .choice import EventDate, date_warnings, event_dates
from .dateline import publication_date
from .text import OWN, DatedText, EventClues, TimeMention

__all__ = [
    "OWN",
    "DatedText",
    "EventClues",
    "EventDate",
    "TimeMention",
    "date_warnings",
    "event_dates",
    "publication_date",
]
