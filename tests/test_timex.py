"""Time expressions: each class of them, on words made for this test."""

import random
from datetime import date

import pytest
from conflictwire.resolve.dates.dateline import publication_date
from conflictwire.resolve.dates.days import DateRange
from conflictwire.resolve.dates.timex import time_range

NEWS = date(2018, 5, 23)  # a Wednesday


def iso(found: DateRange | None) -> str | None:
    if found is None:
        return None
    start, end = found.start.isoformat(), found.end.isoformat()
    return start if start == end else f"{start}/{end}"


@pytest.mark.parametrize(
    ("expression", "expected", "precision"),
    [
        ("Wednesday", "2018-05-23", "day"),
        ("late Monday", "2018-05-21", "day"),
        ("2012-2015", "2012-01-01/2015-12-31", "range"),
        ("2012\u201315", "2012-01-01/2015-12-31", "range"),
        ("2012/13", "2012-01-01/2013-12-31", "range"),
        ("2017-04", "2017-04-01/2017-04-30", "month"),
        ("2017/04/09", "2017-04-09", "day"),
        ("Sunday night", "2018-05-20", "day"),
        ("the early hours of Tuesday", "2018-05-22", "day"),
        ("last Wednesday", "2018-05-16", "day"),
        ("Sunday and Monday", "2018-05-20/2018-05-21", "range"),
        ("overnight", "2018-05-22/2018-05-23", "range"),
        ("the coming weeks", "2018-05-01/2018-06-30", "range"),
        ("coming days", "2018-05-01/2018-05-31", "month"),
        ("the last decade", "2008-01-01/2018-12-31", "range"),
        ("today", "2018-05-23", "day"),
        ("dawn yesterday", "2018-05-22", "day"),
        ("tomorrow", "2018-05-24", "day"),
        ("15 March", "2018-03-15", "day"),
        ("December 9", "2017-12-09", "day"),
        ("18 August last year", "2017-08-18", "day"),
        ("between 3 and 5 May", "2018-05-03/2018-05-05", "range"),
        ("May 3-5", "2018-05-03/2018-05-05", "range"),
        ("30 April to 2 May", "2018-04-30/2018-05-02", "range"),
        ("12 JAN 90", "1990-01-12", "day"),
        ("July 19, 2016", "2016-07-19", "day"),
        ("29-07-2015", "2015-07-29", "day"),
        ("9/11", "2001-09-11", "day"),
        ("two days ago", "2018-05-21", "day"),
        ("two weeks ago", "2018-05-09", "day"),
        ("two months ago", "2018-03-01/2018-03-31", "month"),
        ("three years ago", "2015-01-01/2015-12-31", "year"),
        ("last week", "2018-05-14/2018-05-20", "week"),
        ("earlier this week", "2018-05-21/2018-05-23", "range"),
        ("the weekend", "2018-05-19/2018-05-20", "range"),
        ("last month", "2018-04-01/2018-04-30", "month"),
        ("earlier this month", "2018-05-01/2018-05-31", "month"),
        ("last year", "2017-01-01/2017-12-31", "year"),
        ("past 24 hours", "2018-05-22/2018-05-23", "range"),
        ("last three days", "2018-05-20/2018-05-23", "range"),
        ("past two years", "2016-01-01/2018-12-31", "range"),
        ("recent days", "2018-05-01/2018-05-31", "month"),
        ("recent weeks", "2018-04-01/2018-05-31", "range"),
        ("recent months", "2018-01-01/2018-12-31", "year"),
        ("mid-March 2011", "2011-03-01/2011-03-31", "month"),
        ("September", "2017-09-01/2017-09-30", "month"),
        ("first week of July", "2017-07-01/2017-07-07", "range"),
        ("first half of 2016", "2016-01-01/2016-06-30", "range"),
        ("third quarter of 2016", "2016-07-01/2016-09-30", "range"),
        ("summer of 2012", "2012-01-01/2012-12-31", "year"),
        ("1990s", "1990-01-01/1999-12-31", "range"),
        ("2012", "2012-01-01/2012-12-31", "year"),
        ("15 MARCH", "2018-03-15", "day"),
        ("since 2015", "2015-01-01/2018-12-31", "range"),
        ("two weeks ago today", "2018-05-09", "day"),
        ("five years ago today", "2013-05-23", "day"),
        ("hours earlier", "2018-05-23", "day"),
        ("day before last Sunday", "2018-05-19", "day"),
        ("two days after 3 May", "2018-05-05", "day"),
        ("the week of May 8", "2018-05-07/2018-05-13", "week"),
        ("Friday, May 25", "2018-05-25", "day"),  # the year that has it on a Friday
        ("Thursday, May 25", "2017-05-25", "day"),
        ("Christmas Day", "2017-12-25", "day"),
        ("New Year's Eve", "2017-12-31", "day"),
        ("last Thanksgiving", "2017-11-23", "day"),
        ("Good Friday", "2018-03-30", "day"),
        ("Easter 2016", "2016-03-27", "day"),
        ("noon (0900 GMT)", None, None),
        ("noon", None, None),
        ("0900 GMT", None, None),
        ("2015-13-40", None, None),
        ("a fortnight ago", "2018-05-09", "day"),
        ("Friday of last week", "2018-05-18", "day"),
        ("Monday last week", "2018-05-14", "day"),
        ("earlier in the day", "2018-05-23", "day"),
        ("beginning of the year", "2018-01-01/2018-01-31", "month"),
        ("31 February", None, None),
        ("31 February 2017", None, None),
        ("February 30, 2017", None, None),
        ("the 31st of June, 2017", None, None),
        ("29 February 2017", None, None),
        ("29 February 2016", "2016-02-29", "day"),
        ("32 May 2017", None, None),
        ("May 45, 2017", None, None),
        ("45 May", None, None),
        ("15 May to 31 June 2017", None, None),
        ("July 14, 1789", None, None),
        ("14 July 1789", None, None),
        ("3 May 2950", None, None),
        ("10000000 days ago", None, None),
        ("year 1500", None, None),
    ],
)
def test_time_range(expression: str, expected: str | None, precision: str | None) -> None:
    found = time_range(expression, published=NEWS)
    assert iso(found) == expected
    assert (found and found.precision) == precision


def test_since_runs_to_the_end_of_the_publication_period() -> None:
    year = time_range("2015", published=NEWS, context="The war has raged since 2015.")
    assert iso(year) == "2015-01-01/2018-12-31"
    month = time_range("March 2011", published=NEWS, context="Fighting since March 2011 cost")
    assert iso(month) == "2011-03-01/2018-05-31"
    assert (
        iso(time_range("20 January", published=NEWS, context="since ")) == "2018-01-20/2018-05-23"
    )


def test_context_that_looks_ahead_turns_to_the_next_day() -> None:
    context = "Envoys will meet in the port on Friday."
    assert iso(time_range("Friday", published=NEWS, context=context)) == "2018-05-25"
    assert iso(time_range("Friday", published=NEWS)) == "2018-05-18"


def test_a_near_day_or_month_may_be_the_next_one() -> None:
    def read(words: str, context: str) -> str | None:
        return iso(time_range(words, published=NEWS, context=context))

    assert read("30 May", "Parliament reconvenes on 30 May.") == "2018-05-30"
    assert read("30 May", "Parliament voted on 30 May.") == "2017-05-30"
    assert read("1 October", "Parliament will vote on 1 October.") == "2018-10-01"
    # too far ahead to be meant without a year
    assert read("1 March", "It might have fallen on 1 March.") == "2018-03-01"
    assert read("June", "Parliament will vote in June.") == "2018-06-01/2018-06-30"
    assert read("June", "Parliament voted in June.") == "2017-06-01/2017-06-30"


def test_anchored_words() -> None:
    anchor = DateRange(date(2017, 3, 1), date(2017, 3, 1), "day")

    def read(words: str) -> str | None:
        return iso(time_range(words, published=NEWS, anchor=anchor))

    assert read("the following day") == "2017-03-02"
    assert read("a day earlier") == "2017-02-28"
    assert read("three years later") == "2020-01-01/2020-12-31"
    assert read("same day") == "2017-03-01"
    assert read("day earlier") == "2017-02-28"
    assert read("the previous evening") == "2017-02-28"
    assert read("following morning") == "2017-03-02"
    assert read("the day before") == "2017-02-28"
    assert time_range("the following day", published=NEWS) is None


def test_without_publication_date_only_full_dates_are_read() -> None:
    for words in ("Monday", "15 March", "last month", "yesterday", "overnight", "June"):
        assert time_range(words, published=None) is None
    assert iso(time_range("3 June 2014", published=None)) == "2014-06-03"


def test_no_string_raises() -> None:
    rng = random.Random(7)
    text = (
        "0 1 31 99 1999 2015 2101 00000 - / . , : of the last first next week weeks months ago "
        "January May sept 45 since Monday night overnight quarter \u0663 \u0e53 \u2013 ' 9/11 "
        "two twenty days later earlier recent \u00bd \x00 \n 1st half decade 1990s"
    )
    pieces = text.split(" ")
    for _ in range(4000):
        text = rng.choice(("", " ")).join(rng.choices(pieces, k=rng.randint(0, 9)))
        for published in (None, NEWS, date(1, 1, 1), date(9999, 12, 31)):
            found = time_range(text, published=published, context=text)
            if found is not None:
                assert found.start <= found.end
                assert found.precision in {"day", "week", "month", "year", "range"}
        publication_date(text)
