"""Datelines: each form that is read, and dates at the head that are no datelines."""

from datetime import date

import pytest
from conflictwire.resolve.dates.dateline import publication_date


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
        ("Bamako, 9 June 2022 (ABC) - A convoy left.", date(2022, 6, 9)),
        ("Vienna, 9 June 2022 \u2013 Talks began.", date(2022, 6, 9)),
        ("Deir Hafer, 9 June 2022: Two shells fell.", date(2022, 6, 9)),
        ("Multan, Jun 9, 2022 (ABC): A bomb went off.", date(2022, 6, 9)),
        ("Nyala, Sudan, June 9th, 2022 \u2014 A raid began.", date(2022, 6, 9)),
        ("Port-de-Paix, 9 Jun. 2022 \u2013 A raid began.", date(2022, 6, 9)),
        ("Nyala, Thursday, June 9, 2022: A raid began.", date(2022, 6, 9)),
        ("al-Bab, 9 June 2022 - A raid began.", date(2022, 6, 9)),
        ("Geneva (9 June 2022) \u2013 Experts warned.", date(2022, 6, 9)),
        ("Raid on the mill\nNyala, 9 June 2022 - A raid began.", date(2022, 6, 9)),
        ("Raid on the mill\nBy Ann Lorne\n9 June 2022\n\nA raid began.", date(2022, 6, 9)),
        ("Raid on the mill\nThursday, 9 June 2022, 10:15 GMT\nA raid began.", date(2022, 6, 9)),
        ("9 June 2022\nA raid began.", date(2022, 6, 9)),
        ("\ufeffdate 2022-06-09 A raid began.", date(2022, 6, 9)),
        ("2022/06/09 A raid began.", date(2022, 6, 9)),
        ("06/19/2022 A raid began.", date(2022, 6, 19)),
        ("June 9, 1972: the day that the dam broke. Fifty years later ...", None),
        ("June 9, 1972: A dam broke above the town.", None),
        ("June 9, 1972 \u2013 the night a dam broke.", None),
        ("Nyala, 9 June 1972: a dam broke. Fifty years on, the town ...", None),
        ("Siege of Nyala, 9 June 2002 \u2013 11 August 2003", None),
        ("Siege, 9 June 2002: A ring closed.", None),
        ("In Nyala, June 9, 2022, a raid began.", None),
        ("1 June 2022 - 30 June 2022: Summary", None),
        ("Key dates\n9 June 2022\nA raid began.\n11 June 2022\nIt ended.", None),
    ],
)
def test_publication_date(text: str, expected: date | None) -> None:
    assert publication_date(text) == expected
