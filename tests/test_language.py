"""English or not, by script and frequent words."""

from __future__ import annotations

import pytest
from conflictwire.language import MIN_WORDS, MIN_WORDS_FOR_SHARE, looks_english
from conflictwire.segment import segment


def judge(text: str) -> bool:
    s = segment(text)
    return looks_english([text[a:b] for a, b in zip(s.starts, s.ends, strict=True)])


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen on motorbikes attacked a village in the north of the region late on Friday and "
        "killed at least nine people, residents said.",
        "POLICE FIRED TEAR GAS AT A CROWD THAT HAD GATHERED OUTSIDE THE COURT IN THE CAPITAL.",
        "“They took the cattle,” said Musa Abdou, 44, who fled with his family to Sokodé after "
        "the raid by men in Zaïd’s militia.",
    ],
)
def test_english(text: str) -> None:
    assert judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hombres armados atacaron una aldea en el norte de la región y mataron a nueve personas, "
        "según dijeron los vecinos el viernes.",
        "Des hommes armés ont attaqué un village dans le nord de la région et ont tué au moins "
        "neuf personnes, selon des habitants.",
        "Bewaffnete Männer griffen am Freitag ein Dorf im Norden der Region an und töteten "
        "mindestens neun Menschen, wie Anwohner sagten.",
        "Gewapende mannen vielen vrijdag een dorp in het noorden van de regio aan en doodden "
        "zeker negen mensen, zeiden bewoners.",
        "Вооружённые люди напали на деревню на севере области и убили по меньшей мере девять "
        "человек, сообщили жители в пятницу.",
        "هاجم مسلحون قرية في شمال المنطقة مساء الجمعة وقتلوا تسعة أشخاص على الأقل حسب ما قاله "
        "السكان لوكالة محلية",
        "Silahlı kişiler cuma günü bölgenin kuzeyindeki bir köye saldırdı ve en az dokuz kişiyi "
        "öldürdü, köylüler söyledi.",
    ],
)
def test_other_languages(text: str) -> None:
    assert not judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "周五晚上，武装分子袭击了北部的一个村庄。",
        "คนร้ายยิงตำรวจเสียชีวิตสองนาย",
        "Взрыв в порту, пятеро ранены.",
        "武装集団が村を襲撃した。",
        "무장 괴한이 마을을 공격했다.",
        "مقتل تسعة في هجوم",
        "תשעה נהרגו בפיגוע",
        "हमले में नौ लोग मारे गए",
        "Εννέα νεκροί σε επίθεση",
        "Հարձակում գյուղի վրա (Reuters)",
    ],
)
def test_another_script_tells_in_a_few_words(text: str) -> None:
    assert not judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "GUNMEN KILL NINE VILLAGERS NORTH REGION FRIDAY NIGHT, RESIDENTS SAY. TWO HOUSES BURNT, "
        "LIVESTOCK TAKEN.",
        "BESRA -- ARMY CONVOY AMBUSHED HIGHWAY 7. FOUR SOLDIERS DEAD, ELEVEN WOUNDED. REBELS "
        "CLAIM RESPONSIBILITY, SPOKESMAN TELLS RADIO.",
        "PATROL STRUCK ROADSIDE MINE KM 14 OLD MILL ROAD. DRIVER LOST LEG. ROUTE CLOSED PENDING "
        "CLEARANCE.",
        "Ferry sunk, crew missing, harbour closed; navy divers searching wreck off Cape Tolm "
        "since dawn, coastguard chief Arne Volk tells radio.",
    ],
)
def test_telegrams_are_english(text: str) -> None:
    assert judge(text)


def test_english_scraps_in_another_script() -> None:
    assert not looks_english([*["деревня"] * 80, *["the"] * 20])
    assert looks_english([*["деревня"] * 20, *["the"] * 80])
    assert judge("The paper “Вечерний Бесра” said on Monday that the army had left the town.")


def test_too_little_to_tell() -> None:
    assert judge("")
    assert judge("Hombres armados atacaron una aldea")
    assert looks_english(["1", ",", "\ud800", "."] * 40)
    assert looks_english(["según"] * (MIN_WORDS - 1))
    assert not looks_english(["según"] * MIN_WORDS)
    # Words of no known language, and no English word among them.
    assert looks_english(["aldea"] * (MIN_WORDS_FOR_SHARE - 1))
    assert not looks_english(["aldea"] * MIN_WORDS_FOR_SHARE)
