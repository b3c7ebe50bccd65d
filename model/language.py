"""Whether a text looks like English, the only language the model was trained on."""

from __future__ import annotations

from collections.abc import Sequence

_FUNCTION_WORDS = frozenset(
    "the of to in and a an that for on with was were by at from as is are it he his they their has "
    "have had but not who which said after be been this or its will would".split()
)
# What headlines and telegrams of conflict news keep when they drop the words above.
_NEWS_WORDS = frozenset(
    "one two three four five six seven eight nine ten dozen hundred thousand more than least over "
    "killed kill kills dead death deaths die died injured wounded hurt people civilians soldiers "
    "troops police army military forces security militants rebels gunmen fighters men women "
    "children villagers officers attack attacks attacked bomb blast explosion explosions fire "
    "fired shot shelling strike strikes raid clashes fighting arrested seized village city town "
    "north south east west northern southern eastern western near district province government "
    "minister president officials sources reported today yesterday monday tuesday wednesday "
    "thursday friday saturday sunday week year last other when during between against into we "
    "all how what why just out now new such only could may".split()
)
# Function words of other languages in Latin letters, without those that English has too.
_FOREIGN_WORDS = frozenset(
    "los las del que en y por una con se para según su lo fue al le les des du et un une "
    "dans est pour qui sur au aux par selon il della di che per sono nel alla gli è con dei da o "
    "os um uma em não na nas dos foi pelo der das und den dem ein eine einen im ist von mit auf "
    "nach bei wie het een van voor zijn dat naar ook bir ve bu da için ile en olarak ini itu dan "
    "yang dengan untuk pada dari akan di ke oleh kata och att som på för av ett det är og til på "
    "ei i w z na do się nie jest że przez po v a sa je že se si pe și cu din la nu au s su u koji "
    "ja oli on että sekä az és egy hogy nem meg ya wa na kwa katika ni za và của là một trong các "
    "những ng sa ang mga".split()
) - (_FUNCTION_WORDS | _NEWS_WORDS | frozenset("al do o si su s u v w ya z i".split()))
MIN_WORDS = 12  # fewer in Latin letters tell nothing
# English news runs at 0.4 to 0.6, telegrams of it at 0.1 to 0.3; languages that are not known
# above stay under 0.05.
_MIN_SHARE = 0.07
MIN_WORDS_FOR_SHARE = 25  # a telegram of fewer words may hold none of them


def looks_english(words: Sequence[str]) -> bool:
    """Whether words, from the head of a text, are English; True also where they cannot tell.

    Another script tells at once: there the letters decide, as some scripts part no words.
    """
    plain = [w.lower() for w in words if w[0].isalpha()]
    n_letters = sum(map(len, plain))
    if sum(len(w) for w in plain if _is_latin(w)) < 0.5 * n_letters:
        return False
    if len(plain) < MIN_WORDS:
        return True
    n_english = sum(w in _FUNCTION_WORDS or w in _NEWS_WORDS for w in plain)
    n_foreign = sum(w in _FOREIGN_WORDS or not w.isascii() for w in plain)
    if n_foreign > n_english:
        return False
    return len(plain) < MIN_WORDS_FOR_SHARE or n_english >= _MIN_SHARE * len(plain)


def _is_latin(word: str) -> bool:
    return word[0] < "\u0250" or "\u1e00" <= word[0] <= "\u1eff"
