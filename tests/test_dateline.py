"""Datelines: each form that is read, and dates at the head that are no datelines."""

from datetime import date

import pytest
from conflictwire.resolve.dateline import publication_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" date 2018-05-21 Two shells fell on Harim.", date(2018, 5, 21)),
        ("Tue Oct 7 2014 Guns fall silent in Dour.", date(2014, 10, 7)),
        ("MAY 21, 2018 - The bridge was closed.", date(2018, 5, 21)),
        ("BEIRUT, 21 May 2018 (Wire) - Shells fell.", date(2018, 5, 21)),
        ("KABUL, April 3, 2009 -- A mine went off.", date(2009, 4, 3)),
        ("12 JAN 90 -- REBELS ATTACKED THE POST.", date(1990, 1, 12)),
        ("12 JAN 90", date(1990, 1, 12)),
        ("lima, 21 nov 89 -- the paper said today", date(1989, 11, 21)),
        ("21-05-2018 Four Hurt in Blast.", date(2018, 5, 21)),
        ("Published July 19 2016 A convoy left.", date(2016, 7, 19)),
        ("Nine hurt in market blast Monitor AFP Friday 2 May 2014 A blast", date(2014, 5, 2)),
        ("03/04/2016 A raid began.", None),
        ("25/04/2016 A raid began.", date(2016, 4, 25)),
        ("03-04-2016 A raid began.", date(2016, 4, 3)),
        ("03.04.2016 A raid began.", date(2016, 4, 3)),
        ("Rebels killed on 3 May 2017 two guards near the mill.", None),
        ("On 3 May 2017 rebels burned the mill.", None),
        ("3 May 2017 was a black day for the village.", None),
        ("BEIRUT, 21 May - Shells fell.", None),
        ("31 February 2018 Shells fell.", None),
        ("", None),
    ],
)
def test_publication_date(text: str, expected: date | None) -> None:
    assert publication_date(text) == expected
