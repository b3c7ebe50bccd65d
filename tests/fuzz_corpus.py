"""Texts that no newsroom writes: nasty ones built in code, and house reports broken at random.

    corpus = FuzzCorpus(max_chars=2000)
    text = corpus.text(random.Random(7))  # always the same for one seed

What a test, ``fuzz_predict.py`` and ``fuzz_readers.py`` share. Nothing is stored but words.
"""

from __future__ import annotations

import base64
import random
import sys
import unicodedata
from collections.abc import Callable
from functools import cache

from conflictwire.files import read_text
from conflictwire.ontology import Ontology
from conflictwire.training.markup import HOUSE, parse

__all__ = [
    "LANGUAGES",
    "PATTERNS",
    "FuzzCorpus",
    "house_texts",
    "nasty_texts",
    "pairs_joined",
    "zalgo",
]

# "Soldiers attacked the village on Monday and killed five people.", more or less.
LANGUAGES = {
    "am": "ወታደሮች ሰኞ ዕለት በመንደሩ ላይ ጥቃት ፈጽመው አምስት ሰዎችን ገደሉ።",
    "ar": "هاجم الجنود القرية يوم الاثنين وقتلوا خمسة أشخاص.",
    "az": "Əsgərlər bazar ertəsi kəndə hücum edərək beş nəfəri öldürdülər.",
    "be": "Салдаты ў панядзелак напалі на вёску і забілі пяць чалавек.",
    "bg": "Войници нападнаха селото в понеделник и убиха петима души.",
    "bn": "সৈন্যরা সোমবার গ্রামে হামলা চালিয়ে পাঁচজনকে হত্যা করেছে।",
    "cs": "Vojáci v pondělí zaútočili na vesnici a zabili pět lidí.",
    "da": "Soldater angreb landsbyen mandag og dræbte fem personer.",
    "de": "Soldaten griffen am Montag das Dorf an und töteten fünf Menschen.",
    "el": "Στρατιώτες επιτέθηκαν στο χωριό τη Δευτέρα και σκότωσαν πέντε ανθρώπους.",
    "es": "Los soldados atacaron la aldea el lunes y mataron a cinco personas.",
    "et": "Sõdurid ründasid esmaspäeval küla ja tapsid viis inimest.",
    "fa": "سربازان روز دوشنبه به روستا حمله کردند و پنج نفر را کشتند.",
    "fi": "Sotilaat hyökkäsivät kylään maanantaina ja surmasivat viisi ihmistä.",
    "fr": "Des soldats ont attaqué le village lundi et tué cinq personnes.",
    "gu": "સૈનિકોએ સોમવારે ગામ પર હુમલો કર્યો અને પાંચ લોકોને મારી નાખ્યા.",
    "ha": "Sojoji sun kai hari a ƙauyen ranar Litinin kuma sun kashe mutane biyar.",
    "he": "חיילים תקפו את הכפר ביום שני והרגו חמישה אנשים.",
    "hi": "सैनिकों ने सोमवार को गाँव पर हमला किया और पाँच लोगों को मार डाला।",
    "hu": "Katonák hétfőn megtámadták a falut, és öt embert megöltek.",
    "hy": "Զինվորները երկուշաբթի օրը հարձակվեցին գյուղի վրա և սպանեցին հինգ մարդու։",
    "id": "Tentara menyerang desa itu pada hari Senin dan menewaskan lima orang.",
    "it": "I soldati hanno attaccato il villaggio lunedì e ucciso cinque persone.",
    "ja": "兵士らは月曜日に村を襲撃し、五人を殺害した。",
    "ka": "ჯარისკაცებმა ორშაბათს სოფელს შეუტიეს და ხუთი ადამიანი მოკლეს.",
    "km": "ទាហានបានវាយប្រហារភូមិនៅថ្ងៃចន្ទ ហើយសម្លាប់មនុស្សប្រាំនាក់។",
    "ko": "군인들이 월요일 마을을 공격해 다섯 명을 살해했다.",
    "ku": "Leşkeran roja duşemê êrîşî gund kirin û pênc kes kuştin.",
    "my": "စစ်သားများသည် တနင်္လာနေ့က ရွာကို တိုက်ခိုက်ပြီး လူငါးဦးကို သတ်ဖြတ်ခဲ့သည်။",
    "nl": "Soldaten vielen maandag het dorp aan en doodden vijf mensen.",
    "pl": "Żołnierze zaatakowali w poniedziałek wioskę i zabili pięć osób.",
    "ps": "سرتېرو د دوشنبې په ورځ پر کلي برید وکړ او پنځه کسان یې ووژل.",
    "pt": "Soldados atacaram a aldeia na segunda-feira e mataram cinco pessoas.",
    "ro": "Soldații au atacat satul luni și au ucis cinci oameni.",
    "ru": "Солдаты напали на деревню в понедельник и убили пять человек.",
    "so": "Askartu waxay Isniintii weerareen tuulada waxayna dileen shan qof.",
    "sw": "Wanajeshi walishambulia kijiji Jumatatu na kuwaua watu watano.",
    "ta": "வீரர்கள் திங்கட்கிழமை கிராமத்தைத் தாக்கி ஐந்து பேரைக் கொன்றனர்.",
    "th": "ทหารโจมตีหมู่บ้านเมื่อวันจันทร์และสังหารประชาชนห้าคน",
    "ti": "ወተሃደራት ሰኑይ ዕለት ነቲ ዓዲ ኣጥቂዖም ሓሙሽተ ሰባት ቀቲሎም።",
    "tr": "Askerler pazartesi günü köye saldırdı ve beş kişiyi öldürdü.",
    "uk": "Солдати напали на село в понеділок і вбили п'ятьох людей.",
    "ur": "فوجیوں نے پیر کو گاؤں پر حملہ کیا اور پانچ افراد کو ہلاک کر دیا۔",
    "vi": "Binh lính tấn công ngôi làng hôm thứ Hai và giết chết năm người.",
    "zh": "士兵周一袭击了该村庄，造成五人死亡。",
}

# What is said over and over: each is a stage's worst case when nothing stands between.
PATTERNS = {
    "word": "the ",
    "letter": "x ",
    "number": "1,234 ",
    "digit": "7 ",
    "place": "Damascus ",
    "place in place": "Aleppo, Syria; ",
    "date": "May 5, ",
    "full date": "21 May 2018, ",
    "weekday": "on Monday ",
    "quote": '" ',
    "quoted": '"Yes," he said. ',
    "bracket": "( ",
    "person": "Gen. Ahmed Khan, ",
    "state": "the Syrian army, ",
    "its": "its troops ",
    "group": "Islamic State, ",
    "acronym": "Lake Basin League (LBL) ",
    "trigger": "killed ",
    "toll": "killed 12 people and ",
    "nobody": "no casualties ",
    "pronoun": "They were wounded. ",
    "report": "Gunmen killed five people in Mosul on Monday. ",
}

_PUNCTUATION = ".,;:!?-–—…'\"“”‘’«»()[]{}<>/\\|@#$%^&*_=+~`·•"
_ODD = (
    "\x00\x01\x07\x08\x0b\x0c\x1b\x1c\x7f\x85\xa0\xad\u061c\u180e\u200b\u200d\u200e\u200f\u2028"
    "\u2029\u202e\u2060\u2066\u3000\ufeff\ufffd\uffff\ud800\udbff\udc00\udfff\U0010ffff\u0301\u20e3"
    "İıßſﬁǅ٣७Ⅷ½²①𝟝㊿"
)
_NUMBERS = (
    "0 00 -5 1e9 1.2.3 1,23,456 12,34 999999999999999999999 ½ ٣٤ 五 31/02/2018 2018-02-30 32 May "
    "0000-00-00 9999-12-31 10000 XIV 1/0 0x1F 3rd 1990s '90s 24:60 NaN inf"
).split(" ")


def zalgo(text: str, rng: random.Random, *, marks: int) -> str:
    """Up to ``marks`` combining marks on each character."""
    return "".join(
        c + "".join(chr(rng.randrange(0x300, 0x370)) for _ in range(rng.randrange(marks + 1)))
        for c in text
    )


def pairs_joined(text: str) -> str:
    """The text with each high surrogate that a low one follows made the character they stand for.

    JSON cannot tell the two apart, so ``predict`` joins them; lone surrogates stay.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def nasty_texts() -> dict[str, str]:
    """Name -> text. The longest have 10,000 characters; ``PATTERNS`` repeated give longer ones."""
    rng = random.Random(40)
    plain = "The army attacked Besra on Monday. Rebels killed 12 people, police said."
    texts = {
        "empty": "",
        "spaces": " \n\t\r\n\u00a0\u2003\u3000",
        "one mark": ".",
        "nul": plain.replace(" ", "\x00"),
        "controls": "".join(map(chr, range(32))) + plain + "".join(map(chr, range(127, 160))),
        "lone surrogates": f"\ud800{plain}\udfff \ud83d Besra\udc00",
        "swapped surrogates": "\ude00\ud83d killed \ude00\ud83d",
        "noncharacters": f"\ufffe{plain}\uffff\U0001ffff\U0010ffff",
        "right to left": f"\u202e{plain}\u202c {LANGUAGES['ar']} {plain} {LANGUAGES['he']}\u200f",
        "isolates unclosed": "\u2066\u2067\u2068" * 30 + plain,
        "combining": unicodedata.normalize("NFD", LANGUAGES["vi"] + LANGUAGES["fr"]) + "\u0301",
        "combining alone": "\u0301\u0308\u20dd" * 50,
        "zalgo": zalgo(plain, rng, marks=12),
        "compatibility": "ﬁve ﬂed ǅ ſoldiers ⓐⓡⓜⓨ 𝐤𝐢𝐥𝐥𝐞𝐝 ⅩⅡ ㎏ ½ ² ﷺ",
        "case that grows": "İSTANBUL STRAẞE ŉ ΐ ﬃ " * 8 + plain.upper(),
        "zero width": "\u200b".join(plain),
        "soft hyphens": "\u00ad".join(plain),
        "emoji": "👨‍👩‍👧‍👦 killed 🏳️‍🌈🇸🇾🇮🇶 👍🏿 1️⃣2️⃣ people 🧑🏽‍🚀 in 🏴󠁧󠁢󠁳󠁣󠁴󠁿 " * 4,
        "flags": "🇸🇾" * 301 + "🇸",
        "bom": f"\ufeff{plain}",
        "boms": f"\ufeff\ufeff{plain}\ufeff",
        "windows": plain.replace(". ", ".\r\n\r\n") + "\r\n",
        "old mac": plain.replace(". ", ".\r\r"),
        "line separators": plain.replace(" ", "\u2028").replace(".", "\u2029\x85\x0b\x0c\x1c"),
        "capitals": plain.upper() * 4,
        "lower": plain.lower() * 4,
        "no spaces": plain.replace(" ", "") * 10,
        "spaced": " ".join(plain),
        "one word": "x" * 10_000,
        "one name": "Al" + "-Aleppo" * 400,
        "apostrophes": "O'" * 500 + "Brien's' ''s s's",
        "hyphens": "mid-" * 400 + "May",
        "dots": "U.S." * 400,
        "ellipsis": "…" * 400 + "." * 400,
        "html": "<!DOCTYPE html><p>The army <b>attacked</b> Besra &amp; fled.</p>"
        "<script>alert('killed')</script><!-- 12 dead --><img src=x onerror=alert(1)>" * 4,
        "base64": base64.b64encode(bytes(range(256)) * 8).decode(),
        "code": "def kill(n: int) -> None:\n    if n > 12: raise Attack('Besra')  # 5 May\n" * 20,
        "json": '{"text": "killed 12", "date": "2018-05-21", "n": [1, 2, {"a": null}]}' * 20,
        "csv": '"id","text"\n"1","The army attacked, ""Besra"""\n' * 20,
        "sql": "'; DROP TABLE events; -- killed 12 people'\n" * 10,
        "formulas": "=CMD|' /C calc'!A0 killed @SUM(1+1) +12 -5 people\n" * 10,
        "paths": "C:\\Windows\\system32 /etc/passwd ../../killed https://x.example/a?b=c#d " * 5,
        "markup": "[12 people|CIVILIAN e1:killed] were {killed|e1} \\[ \\] \\{ \\} \\| --- " * 5,
        "format": "%s %n {0} {} ${x} {{killed}} \\1 \\g<0> $1 %(killed)d " * 5,
        "escapes": "\\ud800 \\x00 \\n &#0; &#xD800; %00 \\u202e ",
        "brackets": "(" * 1500 + plain + ")" * 1500,
        "mixed brackets": "([{<«“‘" * 200 + plain,
        "quotes": '"' * 999 + "'" * 999 + "“" * 500,
        "numbers": " ".join(_NUMBERS) + " people were killed",
        "long number": "9" * 4000 + " people were killed and " + "1," * 2000 + "000 wounded",
        "roman to tibetan digits": "٣ ३ ৩ ໓ ༣ 三 𝟛 people were killed in ２０１８",
        "dates": " ".join(f"{d} May {y}" for d in (0, 1, 31, 32) for y in (1, 999, 2018, 99999)),
        "impossible dates": "on 31 February 2018, 2018-13-45, 00/00/0000, the 99th of Nonember",
        "date head": "date 2018-05-21 date 2018-05-22 " * 20,
        "datelines": "NAIROBI, Kenya (Wire) - " * 60 + plain,
        "headings": "BESRA\n\nKILLED\n\n" * 60,
        "list of names": ", ".join(f"{a} {b}" for a in _FIRST for b in _LAST),
        "acronyms": " ".join(
            f"({chr(65 + i)}{chr(65 + j)}P)" for i in range(20) for j in range(20)
        ),
        "years": " ".join(map(str, range(1800, 2100))),
        "languages": " ".join(LANGUAGES.values()),
        "every script": "".join(chr(c) for c in range(0x20, 0x30000, 37)),
    }
    texts |= {f"language {code}": text for code, text in LANGUAGES.items()}
    texts |= {f"{name} in a row": (words * 600)[:3000] for name, words in PATTERNS.items()}
    texts["halves"] = "Gunmen \ud83d\ude00 killed 3 soldiers in \ud83d on \ude00\ud83d Monday."
    return texts


_FIRST = "Ahmed Ali Omar Maria John Ibrahim Chad Israel Jordan Georgia".split()
_LAST = "Khan Al-Assad Okoro van der Berg de la Cruz O'Neill Smith Washington".split()


@cache
def house_texts() -> tuple[str, ...]:
    """The reports that ship with the package, as plain text."""
    ontology = Ontology.load()
    return tuple(parse(read_text(path), ontology).text for path in sorted(HOUSE.rglob("*.txt")))


class FuzzCorpus:
    """Broken texts, each of at most ``max_chars`` code points, by the state of a random.Random."""

    def __init__(self, *, max_chars: int = 2500) -> None:
        self.max_chars = max_chars
        self.house = house_texts()
        self.nasty = [text for text in nasty_texts().values() if text]

    def text(self, rng: random.Random) -> str:
        """One in 16 is a nasty text as it stands, one a house report; the others are broken."""
        sort = rng.randrange(16)
        if sort == 0:
            return rng.choice(self.nasty)[: self.max_chars]
        text = rng.choice(self.nasty if rng.random() < 0.2 else self.house)[: self.max_chars]
        for _ in range(0 if sort == 1 else rng.choice((1, 1, 2, 3, 5, 8, 13))):
            text = rng.choice(_MUTATIONS)(text, rng, self)[: self.max_chars]
        return text

    def other(self, rng: random.Random) -> str:
        """A part of another text."""
        text = rng.choice(self.house if rng.random() < 0.6 else self.nasty)
        start, end = _part(text, rng)
        return text[start:end]


def _part(text: str, rng: random.Random, limit: int = 400) -> tuple[int, int]:
    """A random range, as often short as long."""
    start = rng.randrange(len(text) + 1)
    length = int(limit ** rng.random())
    return start, min(len(text), start + length)


def _changed(change: Callable[[str, random.Random], str]) -> _Mutation:
    """The mutation that changes a part of the text."""

    def mutate(text: str, rng: random.Random, _: FuzzCorpus) -> str:
        start, end = _part(text, rng)
        return text[:start] + change(text[start:end], rng) + text[end:]

    return mutate


def _splice(text: str, rng: random.Random, corpus: FuzzCorpus) -> str:
    start, end = _part(text, rng)
    return text[:start] + corpus.other(rng) + text[rng.choice((start, end)) :]


def _cross(text: str, rng: random.Random, corpus: FuzzCorpus) -> str:
    """The head of one, the tail of another."""
    return text[: rng.randrange(len(text) + 1)] + corpus.other(rng)


def _shuffled(part: str, rng: random.Random) -> str:
    words = part.split(" ")
    rng.shuffle(words)
    return " ".join(words)


def _recased(part: str, rng: random.Random) -> str:
    return rng.choice((str.upper, str.lower, str.title, str.swapcase, str.casefold))(part)


def _sprinkled(alphabet: Callable[[random.Random], str]) -> Callable[[str, random.Random], str]:
    def sprinkle(part: str, rng: random.Random) -> str:
        rate = rng.choice((0.02, 0.1, 0.5))
        return "".join(c + alphabet(rng) if rng.random() < rate else c for c in part)

    return sprinkle


def _respaced(part: str, rng: random.Random) -> str:
    return part.replace(" ", rng.choice(("", "  ", "\n", "\r\n", "\n\n", "\t", "\u00a0", "_", "-")))


def _renumbered(part: str, rng: random.Random) -> str:
    words = part.split(" ")
    return " ".join(rng.choice(_NUMBERS) if rng.random() < 0.2 else word for word in words)


def _normalised(part: str, rng: random.Random) -> str:
    return unicodedata.normalize(rng.choice(("NFC", "NFD", "NFKC", "NFKD")), part)


def _as_bytes(part: str, rng: random.Random) -> str:
    """Read in the wrong encoding: Ã© for é, or one byte lost, kept as a lone surrogate."""
    raw = part.encode("utf-8", "surrogatepass")
    if rng.random() < 0.5:
        return raw.decode("latin-1")
    at = rng.randrange(len(raw) + 1)
    return (raw[:at] + raw[at + 1 :]).decode("utf-8", "surrogateescape")


_Mutation = Callable[[str, random.Random, FuzzCorpus], str]
_MUTATIONS: tuple[_Mutation, ...] = (
    _splice,
    _splice,
    _cross,
    _changed(lambda part, _: ""),
    _changed(lambda part, rng: part * rng.choice((2, 3, 10))),
    _changed(lambda part, rng: part + rng.choice(list(PATTERNS.values())) * rng.randrange(1, 40)),
    _changed(lambda part, _: part[::-1]),
    _changed(_shuffled),
    _changed(_recased),
    _changed(_respaced),
    _changed(_renumbered),
    _changed(_normalised),
    _changed(_as_bytes),
    _changed(_sprinkled(lambda rng: rng.choice(_PUNCTUATION))),
    _changed(_sprinkled(lambda rng: rng.choice(_ODD))),
    _changed(_sprinkled(lambda rng: chr(rng.randrange(sys.maxunicode + 1)))),
    _changed(lambda part, rng: zalgo(part, rng, marks=3)),
)
