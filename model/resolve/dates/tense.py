"""Does a sentence speak of a time that is past, or of one to come?

News writes "on Friday" for the last Friday and for the next. What decides is the verb that the
time hangs on, nearly always the nearest one before it: "police said Friday that talks will be held"
is past, "police said talks will be held Friday" is to come.
"""

from __future__ import annotations

import re

__all__ = ["looks_ahead"]

# "agreed to a truce", unlike "agreed to meet", tells what is done.
_NO_VERB = (
    r"(?:an?|the|his|her|its|their|this|that|these|those|all|no|any|new|two|three|peace|truce"
    r"|ceasefire|talks|terms|[0-9]+|[a-z]+ing)\b"
)
_AHEAD = (
    r"will|would|shall|must|won['\u2019]t|(?-i:may)|might|could|going to|plan(?:s|ned|ning)?"
    r"|scheduled|slated|due|expect(?:s|ed)?|vow(?:s|ed)?|upcoming|be held"
    r"|(?:is|are|was|were) (?:set )?to"
    r"|(?:agree|decide|order|threaten|offer|promise|pledge|prepare|refuse)[ds]? to"
    rf"(?! {_NO_VERB})|ready to"
    r"|to (?:take effect|(?:come|go|enter) into (?:effect|force)|begin|start|resume)"
)
# "forced to flee on Monday" is past, "agreed to meet on Monday" is to come.
_DONE_TO = (
    r"(?:forced|had|began|begun|started|managed|failed|tr(?:ied|ying)|attempt(?:ed|s)?|continued"
    r"|used|able|compelled|obliged|helped|allowed) to"
)
_PAST = (
    r"has|have|had|was|were|did|said|told|came|went|took|made|met|left|found|held|struck|hit|shot"
    r"|fell|fled|broke|began|won|lost|fought|blew|saw|sent|put|gave|got|led|kept|spoke|wrote|drove"
    r"|brought|sought|rose|withdrew|overran|seen|taken|fallen"
    r"|(?!hundred|need|speed|indeed)[a-z]{2,}ed"
)
# ... and what follows no such word may be either: "sent troops to retake the town on Monday".
_INFINITIVE = rf"to (?!{_NO_VERB}|death\b)(?-i:[a-z]{{2,}})"
_VERB = re.compile(
    rf"\b(?:(?P<done>{_DONE_TO})|(?P<ahead>{_AHEAD})(?: to [a-z]+)?|(?P<past>{_PAST})"
    rf"|(?P<open>{_INFINITIVE}))\b",
    re.I,
)
# Words just before a time that make it a point still to come ...
_LIMIT = re.compile(
    r"\b(?:until|till|by|ahead of|as (?:early|soon|late) as|no later than|next|coming"
    r"|deadline (?:of|on)"
    r"|(?:scheduled|planned|due|set|slated|expected|postponed|delayed) (?:for|on)"
    # ... "adjourned the case to Friday", "called a strike for Monday"
    r"|(?:called|adjourned|postponed|delayed|deferred|rescheduled|extended)\b[^.;]{1,60}?\s(?:to|for))"
    r"\s+(?:the\s+)?"
    # ... perhaps with a clock between
    r"(?:[0-9:.]+\s?(?:[ap]\.?m\.?|noon|midnight|gmt)?,?\s+(?:[A-Z]{2,4}\s+)?(?:on\s+)?)?$",
    re.I,
)
# "Called for a strike on 20 March", "invited them to talks on 6 September": what was called for may
# be to come, though the verb is past.
_CALLED_FOR = re.compile(
    r"\b(?:called|invited|summoned|convened|announced|proposed|urged)\b[^.;]{0,40}?"
    r"\b(?:for|to|a|an)\s[^.;]{1,40}\son\s+(?:the\s+)?$",
    re.I,
)
_OWNER = re.compile(r"(?:['\u2019]s|(?<=day)s)\b")
_DETERMINER = re.compile(r"\b(?:the|an?|his|her|its|their)\s+(?:late\s+|early\s+)?$", re.I)
_NOUN = re.compile(r"\s+(?!(?:and|or|to|in|at|on|by|for|when|that|with|after|as)\b)[a-z]", re.I)


def looks_ahead(sentence: str, start: int, end: int) -> bool | None:
    """Is the time at characters ``start`` to ``end`` of a sentence one to come?

    None if its verbs do not tell. A time that qualifies a noun ("Friday's vote", "the
    May 3 vote") hangs on the verb after it, any other on the last verb before it, if there is one.
    """
    before, after = sentence[:start], sentence[end:]
    owner = _OWNER.match(after) or _OWNER.search(sentence, start, end)
    limit = _LIMIT.search(before)
    if limit and not (owner and limit[0].lower().startswith("by")):
        return True
    if owner or (_DETERMINER.search(before) and _NOUN.match(after)):
        governing = _VERB.search(after)
    else:
        *_, governing = (None, *_VERB.finditer(before))
        governing = governing or _VERB.search(after)
    if governing is None or governing["open"] or _CALLED_FOR.search(before):
        return None
    return governing["ahead"] is not None
