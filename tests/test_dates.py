"""Event dates: each ground for one, and what gives none, on reports made for this test."""

from dataclasses import replace
from datetime import date

import pytest
from conflictwire.ontology import Ontology
from conflictwire.resolve import dates
from conflictwire.resolve.dateline import DateRange
from conflictwire.resolve.dates import EventClues, TimeMention, event_date, event_dates

NEWS = date(2018, 5, 23)  # a Wednesday


def iso(found: DateRange | None) -> str | None:
    if found is None:
        return None
    start, end = found.start.isoformat(), found.end.isoformat()
    return start if start == end else f"{start}/{end}"


def mention(text: str, start: int = 0, sentence: str = "") -> TimeMention:
    return TimeMention(text, start, start + len(text), sentence or text, start)


def test_event_with_own_words_is_stated() -> None:
    clues = EventClues(times=(mention("Monday"), mention("dawn", 20)), type="shelling")
    found = event_date(clues, published=NEWS)
    assert found is not None
    assert (iso(found.dates), found.basis) == ("2018-05-21", "stated")
    assert found.mention is not None
    assert found.mention.text == "Monday"


def test_the_narrower_of_several_wins_and_apart_days_span() -> None:
    narrow = EventClues(times=(mention("earlier this month"), mention("15 May", 30)))
    nearest = event_date(narrow, published=NEWS)
    assert nearest is not None
    assert iso(nearest.dates) == "2018-05-15"
    apart = EventClues(times=(mention("Sunday"), mention("Tuesday", 30)))
    found = event_date(apart, published=NEWS)
    assert found is not None
    assert iso(found.dates) == "2018-05-20/2018-05-22"


def test_day_and_year_in_two_mentions_without_publication_date() -> None:
    clues = EventClues(times=(mention("June 16"), mention("2015", 30)))
    found = event_date(clues, published=None)
    assert found is not None
    assert iso(found.dates) == "2015-06-16"


SHELLS = "Shells fell on the mill on Monday."


def told_on(words: str, type: str = "shelling", sentence: str = SHELLS) -> EventClues:
    """An event of the first sentence with its own time words."""
    return EventClues((mention(words, 10),), (), (0,), 5, type, sentence=sentence)


def undated(
    sentence: str, type: str = "shelling", index: int = 3, beside: tuple[TimeMention, ...] = ()
) -> EventClues:
    """An event without own time words; ``beside`` are other TIME mentions of its sentence."""
    return EventClues((), beside, (index,), 90 * index, type, sentence=sentence)


def test_incident_inherits_the_day_told_before_it() -> None:
    first = told_on("Tuesday")
    second = undated("Two rockets hit the bakery.")
    planned = replace(undated("Two rockets hit the bakery.", index=4), status="planned")
    found = event_dates([second, first, planned], published=NEWS)
    assert found[0] is not None
    assert (iso(found[0].dates), found[0].basis) == ("2018-05-22", "inherited")
    assert found[0].mention == first.times[0]
    assert found[2] is None


@pytest.mark.parametrize(
    ("words", "second"),
    [
        ("Sunday", undated("Two rockets hit the bakery.")),  # not news any more
        ("May", undated("Two rockets hit the bakery.")),  # not a day
        ("Tuesday", undated("Rockets have hit the bakery.")),
        ("Tuesday", undated("The siege, now in its third year, was not lifted.")),
        ("Tuesday", undated("A council of elders met.", "negotiation")),
        ("Tuesday", undated("")),
        (
            "Tuesday",
            undated("A rocket hit it in June.", beside=(mention("June", 300),)),
        ),
    ],
)
def test_nothing_is_inherited_without_evidence(words: str, second: EventClues) -> None:
    assert event_dates([told_on(words), second], published=NEWS)[1] is None
    assert event_dates([told_on(words), second], published=None)[1] is None


def test_dateline_and_clock_time_do_not_speak_against_the_day() -> None:
    second = undated(
        "A rocket hit it at 0900 GMT, 22 May 2018.",
        beside=(mention("0900 GMT", 300), mention("22 May 2018", 310)),
    )
    found = event_dates([told_on("Tuesday"), second], published=NEWS)[1]
    assert found is not None
    assert found.basis == "inherited"


def test_war_of_the_same_sentence_gives_its_years() -> None:
    since = TimeMention("2015", 6, 10, "since 2015", 0)
    war = EventClues((since,), (), (2,), 3, "armed_clash")
    fled = EventClues((), (), (2,), 40, "displacement")
    found = event_dates([war, fled], published=NEWS)
    assert found[1] is not None
    assert (iso(found[1].dates), found[1].basis) == ("2015-01-01/2018-12-31", "inherited")


def test_news_day_needs_an_event_of_that_day_and_the_lead_or_a_joining_word() -> None:
    today = EventClues((mention("Wednesday", 400),), (), (5,), 400, "armed_clash")
    lead = undated("23 May 2018 Gunmen storm a mill.", "attack", 0)
    joined = undated("Meanwhile gunmen stormed a mill.", "attack", 2)
    found = event_dates([today, lead, joined], published=NEWS)
    for when in found[1:]:
        assert when is not None
        assert (iso(when.dates), when.basis, when.mention) == ("2018-05-23", "news_day", None)
        assert when.dates.precision == "day"
    alone = undated("Gunmen stormed a mill.", "attack", 2)
    held = undated("Meanwhile gunmen have held a mill.", "attack", 2)
    siege = undated("The mill was under siege.", "siege", 0)
    assert event_dates([today, alone, held, siege], published=NEWS)[1:] == [None] * 3


def test_publication_date_alone_dates_nothing() -> None:
    lead = undated("Gunmen stormed a mill.", "attack", 0)
    siege = undated("The mill was under siege.", "siege", 0)
    yesterday = told_on("Tuesday", "armed_clash")
    assert event_dates([lead, siege], published=NEWS) == [None, None]
    assert event_dates([yesterday, lead], published=NEWS)[1] is None
    assert event_dates([lead], published=None) == [None]


def test_types_named_in_the_rules_are_of_the_ontology() -> None:
    sets = [value for value in vars(dates).values() if isinstance(value, frozenset)]
    assert sets
    assert frozenset().union(*sets) <= set(Ontology.load().event_types)
