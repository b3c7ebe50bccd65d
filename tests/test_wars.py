"""Wars by country: the right one for the year, and none where no country is named."""

from conflictwire.resolve.dates.wars import war_of, war_word


def test_the_war_of_the_country_spoken_of_most() -> None:
    war = war_of("Yemen, Yemeni ports; a ship from Syria.", 2018)
    assert war is not None
    assert (war.first, war.last) == (2014, None)


def test_a_war_counts_only_while_it_lasts() -> None:
    assert war_of("The Syrian coast", 2010) is None
    assert war_of("The Salvadoran coast", 1989) is not None
    assert war_of("The Salvadoran coast", 2009) is None
    assert war_of("", 2018) is None


def test_words_for_war() -> None:
    assert war_word("Civil War") == "civil war"
    assert war_word("air strike") is None
    assert war_word("warned") is None
