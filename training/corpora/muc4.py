"""MUC-4 templates -> documents: fillers as mentions in roles, templates as events.

A template gives the strings of its fillers, not where the incident is told: the offsets are those
of the first place with these letters. So every place where a string stands as whole words is a
mention of its filler, with the slot as kind and role. Of strings that overlap the longest stands,
whatever its slot.

Nor does a template name a trigger. It gets words for incidents of its type (``INCIDENT_WORDS``)
that stand in a sentence with its fillers, those where most of them are together; failing that, the
first such word of the document, or the first word for any incident. A word tells one incident
alone: that which has more fillers beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conflictwire.document import Argument, Document, Entity, Event, Mention, Span
from conflictwire.errors import ConfigError
from conflictwire.eval.bench.muc4 import data
from conflictwire.eval.bench.muc4.assemble import assemble
from conflictwire.eval.bench.muc4.score import Slot, fillers_score, templates_score
from conflictwire.eval.counts import PRF, total
from conflictwire.ontology import Ontology
from conflictwire.segment import segment

# Beginnings of words, and whole words (with a full stop), by incident type.
INCIDENT_WORDS = {
    "attack": "ambush assassin assault attack attempt clash crime. death. deaths. died. executed. "
    "executi fighting. fired. firing. gunfire gunned harass hurled kill machinegun massacr mortar "
    "murder raid. riddled sabotage shoot shot. shots. slain slay stabbed storm strafe violence "
    "wounded.",
    "bombing": "blast blew. blown. bomb charge. charges. defuse detonat device dynamit explo "
    "grenade mined.",
    "kidnapping": "abduct captive captur disappear held. hostage kidnap ransom seized.",
    "arson": "ablaze arson burn fire. fires. incendiary set. torch",
    "robbery": "assault broke. holdup loot rob. robbed. robber robbing. steal stole theft took.",
    "forced work stoppage": "halted. paralyz shutdown stoppage strike. strikes. suspended.",
}
# Another sentence tells the incident too if it has this share of the best one's fillers.
_NEARLY_AS_MANY = 0.6

_Slot = tuple[str, data.Entity]  # a role and its filler


def read(path: Path, ontology: Ontology) -> Iterator[Document]:
    """The documents of a file in the form of ``conflictwire.eval.bench.muc4``.

    Raises DataError for another form, ConfigError for an ontology without its labels.
    """
    labels = {*ontology.kinds, *ontology.roles}
    if not set(data.ROLES) <= labels:
        raise ConfigError(
            "network.ontology: MUC-4 needs labels of its own (bench/muc4_labels): kinds and roles "
            f"{', '.join(data.ROLES)}"
        )
    status = next(iter(ontology.statuses))
    for document in data.read(path):
        yield _document(document, status)


def scorer(path: Path) -> Callable[[Sequence[Mapping[str, Any]]], dict[str, float | None]]:
    """``muc4_f1`` (role fillers, CEAF-REE) and ``muc4_template_f1`` of reports on the file."""
    documents = data.read(path)

    def score(reports: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
        # These two alone: thresholds are chosen by some thirty calls, and the benchmark's other
        # figures (gold against itself, by type) cost several times as much.
        fillers, slots = PRF(), Slot()
        for document, report in zip(documents, reports, strict=True):
            predicted = assemble(report)
            fillers += total(fillers_score(predicted, document.templates))
            slots = sum(templates_score(predicted, document.templates).values(), slots)
        return {"muc4_f1": fillers.f1, "muc4_template_f1": slots.f1}

    return score


def label(incident_type: str) -> str:
    """The event type of an incident; of two ("bombing / attack") the first."""
    return incident_type.split(" / ")[0].replace(" ", "_")


def _document(source: data.Document, status: str) -> Document:
    words = segment(source.text)
    sentence_at = {
        words.starts[i]: number
        for number, (first, last) in enumerate(words.sentences)
        for i in range(first, last)
    }
    mentions = _mentions(source, set(words.starts), set(words.ends))
    placed: dict[_Slot, list[int]] = {}
    for i, (_, slot) in enumerate(mentions):
        placed.setdefault(slot, []).append(i)
    sentences = {
        slot: {sentence_at[mentions[i][0].start] for i in ids} for slot, ids in placed.items()
    }
    spans = map(Span, words.starts, words.ends)
    found = [(span, source.text[span.start : span.end].lower()) for span in spans]
    triggers = _triggers(source.templates, found, sentence_at, sentences)
    return Document(
        id=source.docid,
        text=source.text,
        date=None,
        title=None,
        source=None,
        license=None,
        corpus="muc4",
        sentences=(),
        mentions=tuple(Mention(span.start, span.end, role) for span, (role, _) in mentions),
        entities=tuple(Entity(filler[0].text, tuple(ids)) for (_, filler), ids in placed.items()),
        events=tuple(
            Event(
                id=f"e{number}",
                type=label(template.incident_type),
                status=status,
                triggers=tuple(triggers[number]),
                arguments=tuple(
                    Argument(role, i)
                    for role, fillers in template.fillers.items()
                    for filler in dict.fromkeys(fillers)
                    for i in placed.get((role, filler), ())
                ),
            )
            for number, template in enumerate(source.templates)
            if triggers[number]
        ),
    )


def _mentions(source: data.Document, starts: set[int], ends: set[int]) -> list[tuple[Span, _Slot]]:
    """Every place where a filler stands as whole words, in text order; the longest first come."""
    text = source.text.lower()
    places: dict[Span, _Slot] = {}
    for template in source.templates:
        for role in data.ROLES:
            for filler in template.fillers.get(role, ()):
                for words in {m.text.lower() for m in filler}:
                    for match in re.finditer(re.escape(words), text):
                        if match.start() in starts and match.end() in ends:
                            places.setdefault(Span(*match.span()), (role, filler))
    kept: list[tuple[Span, _Slot]] = []
    for span in sorted(places, key=lambda s: (s.start - s.end, s.start)):
        if not any(span.overlaps(other) for other, _ in kept):
            kept.append((span, places[span]))
    return sorted(kept, key=lambda pair: pair[0].start)


def _triggers(
    templates: Sequence[data.Template],
    words: Sequence[tuple[Span, str]],
    sentence_at: Mapping[int, int],
    sentences: Mapping[_Slot, set[int]],
) -> list[list[Span]]:
    """The words that tell each template's incident; ``sentences`` are those of each filler."""
    wanted: list[dict[int, float]] = []  # sentence -> share of the template's fillers in it
    for template in templates:
        shares: dict[int, float] = {}
        for role, fillers in template.fillers.items():
            for filler in set(fillers):
                for sentence in sentences.get((role, filler), ()):
                    # What is repeated all over tells less of where the incident is told.
                    weight = 1 / len(sentences[role, filler])
                    shares[sentence] = shares.get(sentence, 0.0) + weight
        wanted.append(shares)
    told: list[list[Span]] = [[] for _ in templates]
    patterns = [_pattern(label(t.incident_type)) for t in templates]
    free = dict(words)
    # Sentences that have words for the incident, with their share of its fillers.
    by_sentence: list[dict[int, list[Span]]] = []
    for pattern, shares in zip(patterns, wanted, strict=True):
        able: dict[int, list[Span]] = {}
        for span, word in words:
            sentence = sentence_at[span.start]
            if sentence in shares and pattern.match(word):
                able.setdefault(sentence, []).append(span)
        by_sentence.append(able)
    claims: dict[Span, tuple[float, int]] = {}
    for number, (able, shares) in enumerate(zip(by_sentence, wanted, strict=True)):
        most = max((shares[s] for s in able), default=0.0)
        for sentence, spans in able.items():
            if shares[sentence] >= _NEARLY_AS_MANY * most:
                for span in spans:
                    # The earlier template keeps a word that both have equal right to.
                    claim = (shares[sentence], -number)
                    claims[span] = max(claims.get(span, claim), claim)
    for span, (_, number) in sorted(claims.items(), key=lambda item: item[0].start):
        told[-number].append(span)
        free.pop(span, None)
    for number, pattern in enumerate(patterns):
        if not told[number]:
            own, any_ = ([s for s, w in free.items() if p.match(w)] for p in (pattern, _ANY))
            if first := [*own[:1], *any_[:1]][:1]:
                told[number] = first
                del free[first[0]]
    return told


def _pattern(incident_type: str) -> re.Pattern[str]:
    beginnings = INCIDENT_WORDS.get(incident_type.replace("_", " "), "").split()
    return re.compile(
        "|".join(f"{b[:-1]}$" if b.endswith(".") else re.escape(b) for b in beginnings) or "(?!)"
    )


_ANY = re.compile("|".join(_pattern(name).pattern for name in INCIDENT_WORDS))
