"""Event dates: each ground for one, and what gives none, on reports made for this test."""

import json
import random
import re
import time
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from conflictwire.ontology import Ontology
from conflictwire.resolve.dates.candidates import CONTEXT_SLOTS, candidates
from conflictwire.resolve.dates.choice import WEIGHTS, EventDate, date_warnings, event_dates
from conflictwire.resolve.dates.days import DateRange
from conflictwire.resolve.dates.text import DatedText, EventClues, TimeMention
from test_records import Case

NEWS = date(2018, 5, 23)  # a Wednesday


def iso(found: DateRange | None) -> str | None:
    if found is None:
        return None
    start, end = found.start.isoformat(), found.end.isoformat()
    return start if start == end else f"{start}/{end}"


def dated(marked: str, published: date | None = NEWS) -> DatedText:
    """A text from one with its time mentions in square brackets; sentences end at a full stop."""
    plain = re.sub(r"[\[\]]", "", marked)
    sentences = [(m.start(), m.end()) for m in re.finditer(r".+?(?:\.\s+|$)", plain, re.S)]
    times = []
    for n, match in enumerate(re.finditer(r"\[(.*?)\]", marked, re.S)):
        start = match.start() - 2 * n
        end = start + len(match[1])
        sentence = next(i for i, (a, b) in enumerate(sentences) if a <= start < b)
        times.append(TimeMention(match[1], start, end, sentence))
    return DatedText(plain, sentences, times, published)


def event(
    text: DatedText,
    word: str,
    type: str = "shelling",
    own: tuple[str, ...] = (),
    status: str = "happened",
    roles: tuple[str, ...] = ("actor", "target"),
) -> EventClues:
    at = text.text.index(word)
    links: Mapping[int, float] = {i: 0.95 for i, t in enumerate(text.times) if t.text in own}
    return EventClues(type, ((at, at + len(word)),), status, links, roles)


def only(text: DatedText, clues: EventClues) -> EventDate:
    (found,) = event_dates(text, [clues])
    assert found is not None
    return found


def test_event_with_own_words_is_stated() -> None:
    text = dated("Rebels shelled the mill at [dawn] on [Monday]. It burned.")
    found = only(text, event(text, "shelled", own=("Monday", "dawn")))
    assert (iso(found.dates), found.basis) == ("2018-05-21", "stated")
    assert found.mention is not None
    assert text.text[found.mention.start : found.mention.end] == "Monday"


def test_own_words_win_over_those_of_other_events() -> None:
    text = dated("Rebels shelled the mill on [Tuesday]. Rebels raided the port on [Sunday].")
    events = [
        event(text, "shelled", own=("Tuesday",)),
        event(text, "raided", "attack", own=("Sunday",)),
    ]
    dates = [found and iso(found.dates) for found in event_dates(text, events)]
    assert dates == ["2018-05-22", "2018-05-20"]


def stated(text: DatedText, clues: EventClues) -> str | None:
    """What all own expressions of an event say together."""
    (options,) = candidates(text, [clues])
    return next((iso(c.days) for c in options if "stated" in c.slots), None)


def test_the_narrower_of_several_wins_and_apart_days_span() -> None:
    text = dated("They shelled it [earlier this month], on [15 May].")
    clues = event(text, "shelled", own=("earlier this month", "15 May"))
    assert stated(text, clues) == "2018-05-15"
    text = dated("They shelled it on [Sunday] and again on [Tuesday].")
    assert stated(text, event(text, "shelled", own=("Sunday", "Tuesday"))) == (
        "2018-05-20/2018-05-22"
    )
    text = dated("They shelled it for [three hours] on [Sunday].")
    clues = event(text, "shelled", own=("three hours", "Sunday"))
    assert stated(text, clues) == "2018-05-20"


def test_words_that_count_from_another_date_of_the_text() -> None:
    text = dated("A truce began on [3 March 2017]. It was broken [the following day].")
    clues = event(text, "broken", "attack", own=("the following day",))
    assert iso(only(text, clues).dates) == "2017-03-04"


@pytest.mark.parametrize(
    ("marked", "words", "expected"),
    [
        ("Envoys met in [2013] and left in [August that year].", "August that year", "2013-08-01"),
        ("Envoys met in [2013] and again [three years later].", "three years later", "2016-01-01"),
        (
            "The port saw 9 raids in [May 2017], after 4 in the [same month a year before].",
            "same month a year before",
            "2016-05-01",
        ),
        (
            "The port saw 9 raids from [January to June 2017], 4 in the [same period last year].",
            "same period last year",
            "2016-01-01",
        ),
    ],
)
def test_words_that_count_from_a_month_or_year_of_the_text(
    marked: str, words: str, expected: str
) -> None:
    for published in (NEWS, None):
        text = dated(marked, published)
        found = text.readings[-1].days
        assert text.times[-1].text == words
        assert found is not None
        assert found.start.isoformat() == expected


def days_in(text: DatedText, clues: EventClues, slot: str) -> list[str | None]:
    """The days of the candidates that stand in a slot."""
    (options,) = candidates(text, [clues])
    return [iso(c.days) for c in options if slot in c.slots]


def test_a_day_without_year_may_be_of_the_year_told_before_it() -> None:
    text = dated("Gunmen shot the mayor on [3 March 2017]. They raided a mill on [5 May].", None)
    assert days_in(text, event(text, "raided", "attack", own=("5 May",)), "own?") == ["2017-05-05"]
    no_year = dated("Gunmen shot the mayor on [3 March]. They raided a mill on [5 May].", None)
    clues = event(no_year, "raided", "attack", own=("5 May",))
    assert event_dates(no_year, [clues]) == [None]
    weekday = dated("Gunmen shot the mayor on [3 March 2017]. They left on [Monday].", None)
    assert days_in(weekday, event(weekday, "left", own=("Monday",)), "own?") == []


def test_what_has_not_happened_may_lie_ahead() -> None:
    text = dated("A plan will be sent to the envoys to approve on [Friday].")
    plan = event(text, "approve", "agreement", own=("Friday",), status="planned")
    assert days_in(text, plan, "own^") == ["2018-05-25"]
    done = event(text, "approve", "agreement", own=("Friday",))
    assert days_in(text, done, "own^") == []


def test_only_words_for_the_time_of_the_news_offer_its_month_and_year() -> None:
    text = dated("Rebels currently shell the mill. Rebels took the port.")
    clues = event(text, "shell")
    assert days_in(text, clues, "month") == ["2018-05-01/2018-05-31"]
    assert days_in(text, clues, "year") == ["2018-01-01/2018-12-31"]
    (options,) = candidates(text, [clues])
    told = {c.mention.text for c in options if c.mention and c.slots & {"month", "year"}}
    assert told == {"currently"}
    plain = event(text, "took", "territory_capture")
    assert days_in(text, plain, "month") == days_in(text, plain, "year") == []
    undated = dated("Rebels currently shell the mill.", None)
    assert days_in(undated, event(undated, "shell"), "month") == []


def test_words_of_a_date_are_not_read_twice() -> None:
    text = dated("Rebels shelled the mill in [recent days].")
    assert days_in(text, event(text, "shelled"), "year") == []


def test_since_runs_until_the_news() -> None:
    text = dated("The town has been under siege since [March 2016].")
    found = only(text, event(text, "siege", "siege", own=("March 2016",)))
    assert iso(found.dates) == "2016-03-01/2018-05-31"


def test_incident_inherits_the_day_of_those_told_with_it() -> None:
    text = dated(
        "Rebels fired shells at the mill on [Tuesday], killing two. The army said so."
        " Two rockets hit the bakery, injuring five people."
    )
    first = event(text, "fired", own=("Tuesday",), roles=("actor", "target", "killed"))
    second = event(text, "hit", roles=("target", "injured", "weapon"))
    found = event_dates(text, [first, second])[1]
    assert found is not None
    assert (iso(found.dates), found.basis) == ("2018-05-22", "inherited")
    assert found.mention is not None
    assert found.mention.text == "Tuesday"


def test_news_day_has_no_words() -> None:
    text = dated(
        "Gunmen stormed a mill and killed three guards. On [Wednesday] shells hit a bakery too."
        " On [Wednesday] the army also bombed a bridge."
    )
    clues = [
        event(text, "stormed", "attack", roles=("actor", "target", "killed")),
        event(text, "hit", own=("Wednesday",)),
        event(text, "bombed", "air_strike", own=("Wednesday",)),
    ]
    found = event_dates(text, clues)[0]
    assert found is not None
    assert iso(found.dates) == "2018-05-23"
    assert found.basis in ("news_day", "inherited")
    assert (found.mention is None) == (found.basis == "news_day")


def test_a_guess_by_the_news_is_never_called_stated() -> None:
    text = dated("The army is besieging the port. Gunmen hold the mill.")
    clues = [event(text, "besieging", "siege"), event(text, "hold", "territory_capture")]
    for found in event_dates(text, clues):
        assert found is None or (found.basis, found.mention) == ("news_day", None)


@pytest.mark.parametrize("status", ["planned", "possible", "denied"])
def test_what_did_not_happen_is_not_dated_by_the_news(status: str) -> None:
    text = dated("The council may ask for a truce. Elders were silent.")
    assert event_dates(text, [event(text, "truce", "agreement", status=status)]) == [None]


def test_a_war_named_by_its_country_has_its_years() -> None:
    text = dated("Rebels shelled a mill on [Tuesday]. Syria's civil war has killed many thousands.")
    war = event(text, "civil war", "armed_clash", roles=("killed",))
    found = only(text, war)
    assert (iso(found.dates), found.basis) == ("2011-01-01/2018-12-31", "stated")
    assert found.mention is not None
    assert found.mention.text == "civil war"


def test_without_publication_date_only_what_holds_a_year_is_read() -> None:
    text = dated("Gunmen shot a guard on [Monday]. They struck in [March 2011].", None)
    monday = event(text, "shot", "attack", own=("Monday",))
    march = event(text, "struck", "attack", own=("March 2011",))
    found = event_dates(text, [monday, march])
    assert found[0] is None
    assert found[1] is not None
    assert iso(found[1].dates) == "2011-03-01/2011-03-31"
    assert date_warnings(text, [monday, march]) == [
        'time words that give no date (the publication date is not known): "Monday"'
    ]


def test_day_and_year_in_two_mentions() -> None:
    text = dated("In [2015], on [June 16], gunmen shot a guard.", None)
    clues = event(text, "shot", "attack", own=("2015", "June 16"))
    assert stated(text, clues) == "2015-06-16"


@pytest.mark.parametrize("words", ["14 July 1789", "31 February", "3 May 2950", "month 13"])
def test_impossible_dates_are_named_in_a_warning(words: str) -> None:
    text = dated(f"Gunmen shot a guard on [{words}].")
    (message,) = date_warnings(text, [event(text, "shot", "attack", own=(words,))])
    assert f'"{words}"' in message


@pytest.mark.parametrize(
    "words",
    ["12 May 1850", "July 4, 1850", "1743", "99/99/9999", "12 May 2950", "31 February 2018"],
)
def test_no_other_day_stands_in_for_one_that_cannot_be_read(words: str) -> None:
    text = dated(
        f"Gunmen stormed a mill in [{words}] and killed three guards. On [Wednesday] shells hit a"
        " bakery too. On [Wednesday] the army also bombed a bridge."
    )
    roles = ("actor", "target", "killed")
    mill = event(text, "stormed", "attack", own=(words,), roles=roles)
    others = [
        event(text, "hit", own=("Wednesday",)),
        event(text, "bombed", "air_strike", own=("Wednesday",)),
    ]
    assert event_dates(text, [mill, *others])[0] is None
    (message,) = date_warnings(text, [mill, *others])
    assert f'"{words}"' in message


def test_the_news_day_does_not_stand_in_for_a_weekday_beyond_the_calendar() -> None:
    text = dated("Rebels shelled the fort on [Saturday], meanwhile.", date(2999, 1, 1))
    fort = event(text, "shelled", own=("Saturday",), roles=("location", "actor"))
    assert event_dates(text, [fort]) == [None]
    assert any('"Saturday"' in message for message in date_warnings(text, [fort]))


def test_a_clock_time_is_no_year() -> None:
    told = "Gunmen stormed a mill {} [1743], killing two. On [Wednesday] shells hit a bakery too."
    found = {}
    for link in ("at", "in"):
        text = dated(told.format(link))
        mill = event(text, "stormed", "attack", own=("1743",), roles=("actor", "killed"))
        bakery = event(text, "hit", own=("Wednesday",))
        found[link] = (event_dates(text, [mill, bakery])[0], date_warnings(text, [mill]))
    (at, no_warning), (year, warning) = found["at"], found["in"]
    assert at is not None
    assert no_warning == []
    assert year is None
    assert len(warning) == 1


def test_a_date_far_ahead_of_what_happened_is_named() -> None:
    text = dated("Rebels attacked the fort on [12 May 2095].")
    (message,) = date_warnings(text, [event(text, "attacked", "attack", own=("12 May 2095",))])
    assert '"12 May 2095"' in message
    planned = event(text, "attacked", "attack", own=("12 May 2095",), status="planned")
    assert date_warnings(text, [planned]) == []
    near = dated("Rebels attacked the fort on [25 May 2018].")
    assert date_warnings(near, [event(near, "attacked", "attack", own=("25 May 2018",))]) == []


def test_the_past_of_its_sentence_wins_over_what_the_next_one_plans() -> None:
    text = dated("Both sides agreed to a truce in the port on [Friday]. Envoys meet [next week].")
    found = only(text, event(text, "truce", "agreement", own=("Friday",)))
    assert iso(found.dates) == "2018-05-18"


def test_the_weekend_is_the_last_one() -> None:
    text = dated("Rebels shelled the mill over [the weekend].")
    found = only(text, event(text, "shelled", own=("the weekend",)))
    assert (iso(found.dates), found.basis) == ("2018-05-19/2018-05-20", "stated")


def test_a_day_that_heads_its_sentence() -> None:
    heading = dated("[15 MARCH]: Rebels shelled the mill.")
    assert heading.heads_sentence(0)
    found = only(heading, event(heading, "shelled", own=("15 MARCH",)))
    assert (iso(found.dates), found.basis) == ("2018-03-15", "stated")
    for marked in (
        "By [15 MARCH]: a mill was shelled.",
        "[15 MARCH] saw shells.",
        "[14]:30 it fell.",
    ):
        assert not dated(marked).heads_sentence(0)


def test_clock_times_and_lengths_are_nothing_to_warn_of() -> None:
    text = dated("At [noon (0900 GMT)], for [two hours], in the [early evening], they shelled it.")
    own = ("noon (0900 GMT)", "two hours", "early evening")
    assert date_warnings(text, [event(text, "shelled", own=own)]) == []


def test_publication_after_today_is_told() -> None:
    tomorrow = date.today() + timedelta(days=1)
    (message,) = date_warnings(dated("Gunmen shot a guard.", tomorrow), [])
    assert tomorrow.isoformat() in message
    assert date_warnings(dated("Gunmen shot a guard.", date.today()), []) == []


def test_nothing_raises() -> None:
    rng = random.Random(11)
    words = (
        "Monday since 2015 the war in Syria 31 February killed \u0663 \x00 \U0001f600 99999 \n ' ."
        " ago"
    ).split(" ")
    for published in (None, NEWS, date(1, 1, 1), date(9999, 12, 31)):
        for _ in range(200):
            parts = [rng.choice(words) for _ in range(rng.randint(1, 12))]
            marked = " ".join(f"[{p}]" if rng.random() < 0.4 else p for p in parts) + " x"
            text = dated(marked, published)
            links = {i: rng.random() for i in range(len(text.times))}
            end = len(text.text)
            clues = EventClues("attack", ((end - 1, end),), "happened", links)
            for found in event_dates(text, [clues]):
                assert found is None or found.dates.start <= found.dates.end
            date_warnings(text, [clues])


def test_weights_are_small_and_name_what_the_ontology_knows() -> None:
    raw = WEIGHTS.read_text(encoding="utf-8")
    weights = json.loads(raw)
    assert len(raw) < 100_000
    assert set(weights) <= CONTEXT_SLOTS | {"candidate"}
    ontology = Ontology.load()
    for slot in weights.keys() - {"candidate"}:
        named = [f.removeprefix("type=") for f in weights[slot] if f.startswith("type=")]
        assert set(named) <= set(ontology.event_types)
        named = [f.removeprefix("role=") for f in weights[slot] if f.startswith("role=")]
        assert set(named) <= set(ontology.roles)


def test_a_heading_dates_the_events_of_its_sentence(ontology: Ontology) -> None:
    made = Case("15 MARCH: Rebels shelled the mill. They left. Others came.", ontology)
    made.mention("15 MARCH", "TIME")
    made.trigger("shelled", "shelling")
    (found,) = made.report(date=NEWS).events
    assert found.date is not None
    assert (found.date.start, found.date.basis) == ("2018-03-15", "stated")


def test_a_row_of_clock_words_is_read_at_once() -> None:
    from conflictwire.resolve.dates.choice import _NO_DAY

    start = time.perf_counter()
    assert not _NO_DAY.fullmatch("night hours " * 200 + "Friday")
    assert _NO_DAY.fullmatch("at the three hours, 5 p.m. local time")
    assert _NO_DAY.fullmatch("the days")
    assert time.perf_counter() - start < 1
