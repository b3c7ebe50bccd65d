"""An extraction -> the public Report: entities linked, values resolved, codes looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, cast

from .report import (
    Argument,
    Count,
    DateValue,
    Entity,
    Event,
    Location,
    Mention,
    Report,
    Toll,
    Trigger,
)
from .report import GroupToll as ReportGroupToll
from .resolve.codes import event_codes
from .resolve.countries import country_of
from .resolve.counts import Victim, count, toll
from .resolve.dates import EventClues, EventDate, TimeMention, event_dates
from .resolve.places import document_countries, event_location, outside_dateline
from .structure import Structure, build_structure

if TYPE_CHECKING:
    from .events import EventHypothesis
    from .extractor import Extraction
    from .network import NetworkConfig
    from .ontology import Ontology

_BEFORE = 60  # characters before a victim phrase: "no", "and", "including" change its count
_NEARBY = 8  # places before and after an event that may tell its country


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller says of a document; ``date`` is the publication date in force."""

    doc_id: str | None = None
    title: str | None = None
    publisher: str | None = None
    date: date | None = None
    warnings: tuple[str, ...] = ()


def build_report(
    extraction: Extraction,
    request: Request,
    *,
    config: NetworkConfig,
    ontology: Ontology,
    model_version: str,
) -> Report:
    """All later stages, for one document."""
    structure = build_structure(extraction, config)
    return _Builder(structure, request, config, ontology).report(model_version)


class _Builder:
    """One document's lists, shared by the steps below."""

    def __init__(
        self,
        structure: Structure,
        request: Request,
        config: NetworkConfig,
        ontology: Ontology,
    ) -> None:
        self.extraction, self.request = structure.extraction, request
        self.config, self.ontology = config, ontology
        self.prepared = structure.extraction.prepared
        self.text = self.prepared.text
        self.mention_texts, self.clusters = structure.mentions, structure.clusters
        self.entity_of, self.hypotheses = structure.entity_of, structure.events
        body = outside_dateline(self.mention_texts, self.text)
        self.context = document_countries((m.text, m.kind) for m in body)
        self.actor_kinds = frozenset(ontology.actor_kinds)
        self.place_kinds = frozenset(ontology.kinds_meaning("place"))
        self.known_places = [
            m
            for m in body
            if m.kind in self.place_kinds and country_of(m.text, "PLACE", self.context)
        ]
        self.times_of_sentence: dict[int, list[int]] = {}
        time_kinds = ontology.kinds_meaning("time")
        for i, m in enumerate(self.extraction.mentions):
            if config.kinds[m.type] in time_kinds:
                sentence = self.prepared.sentence_of_word[m.word_start]
                self.times_of_sentence.setdefault(sentence, []).append(i)
        self.role_meaning = {
            label: role.means for label, role in ontology.roles.items() if role.means
        }

    def report(self, model_version: str) -> Report:
        mentions = tuple(
            Mention(
                id=i,
                start=m.start,
                end=m.end,
                text=m.text,
                kind=m.kind,
                score=_score(self.extraction.mentions[i].score),
                entity=self.entity_of.get(i),
            )
            for i, m in enumerate(self.mention_texts)
        )
        entities = tuple(
            Entity(id=i, name=c.name, kind=c.kind, mentions=c.mentions, country=c.country)
            for i, c in enumerate(self.clusters)
        )
        dates = event_dates([self._clues(h) for h in self.hypotheses], published=self.request.date)
        events = tuple(
            self._event(i, hypothesis, when, mentions)
            for i, (hypothesis, when) in enumerate(zip(self.hypotheses, dates, strict=True))
        )
        request = self.request
        return Report(
            model_version=model_version,
            doc_id=request.doc_id,
            text=self.text,
            title=request.title,
            publisher=request.publisher,
            date=request.date.isoformat() if request.date else None,
            windows=len(self.prepared.windows),
            warnings=request.warnings,
            mentions=mentions,
            entities=entities,
            events=events,
        )

    # ---- one event

    def _event(
        self,
        index: int,
        hypothesis: EventHypothesis,
        when: EventDate | None,
        mentions: Sequence[Mention],
    ) -> Event:
        type_ = self.config.event_types[hypothesis.type]
        arguments = self._arguments(hypothesis, mentions)
        fillers = self._by_meaning(arguments)
        killed = self._toll(fillers["killed"])
        victims = [*fillers["killed"], *fillers["injured"]]
        doc_id = self.request.doc_id
        return Event(
            id=f"{doc_id}:{index}" if doc_id is not None else str(index),
            type=type_,
            category=self.ontology.event_type(type_).category,
            status=self.config.statuses[hypothesis.status],
            score=_score(hypothesis.score),
            triggers=tuple(self._trigger(t) for t in hypothesis.triggers),
            arguments=arguments,
            date=_date_value(when),
            location=self._location(hypothesis, fillers),
            killed=killed,
            injured=self._toll(fillers["injured"]),
            sources=tuple(dict.fromkeys(self._name(a) for a in fillers["source"])),
            codes=event_codes(
                self.ontology,
                event_type=type_,
                actor_kinds=self._kinds(fillers["actor"]),
                target_kinds=self._kinds([*fillers["target"], *victims]),
                weapons=[a.text for a in fillers["weapon"]],
                killed_low=killed.low if killed else None,
            ),
        )

    def _trigger(self, index: int) -> Trigger:
        span = self.extraction.triggers[index]
        start, end = self.prepared.chars(span.word_start, span.word_end)
        return Trigger(start=start, end=end, text=self.text[start:end], score=_score(span.score))

    def _arguments(
        self, hypothesis: EventHypothesis, mentions: Sequence[Mention]
    ) -> tuple[Argument, ...]:
        arguments = []
        for found in hypothesis.arguments:
            mention, role = mentions[found.mention], self.config.roles[found.role]
            arguments.append(
                Argument(
                    role=role,
                    start=mention.start,
                    end=mention.end,
                    text=mention.text,
                    kind=mention.kind,
                    mention=mention.id,
                    entity=mention.entity,
                    score=_score(found.score),
                    count=self._count(mention, role),
                )
            )
        return tuple(arguments)

    def _count(self, mention: Mention, role: str) -> Count | None:
        if mention.kind not in self.actor_kinds:
            return None
        if self.role_meaning.get(role) not in ("actor", "target", "killed", "injured"):
            return None
        found = count(mention.text)
        if found is None or found.low is None:
            return None
        is_victim = self.role_meaning.get(role) in ("killed", "injured")
        if found.low == 1 and mention.entity is not None and not is_victim:
            return None  # "US-led coalition" is one body, not one person
        return Count(low=found.low, high=found.high, text=mention.text)

    def _by_meaning(self, arguments: Sequence[Argument]) -> Mapping[str, list[Argument]]:
        """Arguments by what their role means to the resolvers; every meaning has a list."""
        names = ("actor", "target", "killed", "injured", "location", "origin", "destination")
        fillers: dict[str, list[Argument]] = {n: [] for n in (*names, "time", "weapon", "source")}
        for argument in arguments:
            meaning = self.role_meaning.get(argument.role)
            if meaning in fillers:
                fillers[meaning].append(argument)
        return fillers

    def _kinds(self, arguments: Sequence[Argument]) -> list[str]:
        """One kind a filler; several mentions of one entity are one filler."""
        seen: dict[tuple[str, int], str] = {}
        for a in arguments:
            key = ("mention", a.mention) if a.entity is None else ("entity", a.entity)
            seen.setdefault(key, a.kind)
        return list(seen.values())

    def _name(self, argument: Argument) -> str:
        if argument.entity is None:
            return argument.text
        return self.clusters[argument.entity].name

    def _toll(self, victims: Sequence[Argument]) -> Toll | None:
        found = toll(
            [
                Victim(a.text, a.kind, self.text[max(0, a.start - _BEFORE) : a.start])
                for a in sorted(victims, key=lambda a: a.start)
            ]
        )
        if found is None or found.low is None:
            return None
        return Toll(
            low=found.low,
            high=found.high,
            by_group=tuple(
                ReportGroupToll(group=g.group, low=g.low, high=g.high)
                for g in found.by_group
                if g.low is not None
            ),
        )

    def _location(
        self, hypothesis: EventHypothesis, fillers: Mapping[str, list[Argument]]
    ) -> Location | None:
        places = [*fillers["location"], *fillers["origin"], *fillers["destination"]]
        first = self.extraction.triggers[hypothesis.triggers[0]]
        here = self.prepared.chars(first.word_start, first.word_end)[0]
        at = bisect_left(self.known_places, here, key=lambda m: m.start)
        around = self.known_places[max(0, at - _NEARBY) : at + _NEARBY]
        nearby = sorted(around, key=lambda m: abs(m.start - here))
        found = event_location(
            [
                (a.text, self.clusters[a.entity].name if a.entity is not None else None)
                for a in places
                if a.kind in self.place_kinds
            ],
            actors=[a.text for a in (*fillers["actor"], *fillers["target"])],
            nearby=[m.text for m in nearby],
            context=self.context,
        )
        if found is None:
            return None
        return Location(country=found.country, name=found.name, text=found.text)

    # ---- clues for dates

    def _clues(self, hypothesis: EventHypothesis) -> EventClues:
        spans = [self.extraction.triggers[t] for t in hypothesis.triggers]
        sentences = tuple(sorted({self.prepared.sentence_of_word[s.word_start] for s in spans}))
        own = {
            a.mention
            for a in hypothesis.arguments
            if self.role_meaning.get(self.config.roles[a.role]) == "time"
        }
        others = [i for s in sentences for i in self.times_of_sentence.get(s, ()) if i not in own]
        return EventClues(
            times=tuple(self._time(i) for i in sorted(own)),
            sentence_times=tuple(self._time(i) for i in others),
            sentences=sentences,
            trigger_start=self.prepared.chars(spans[0].word_start, spans[0].word_end)[0],
            type=self.config.event_types[hypothesis.type],
            status=self.config.statuses[hypothesis.status],
            sentence=self._sentence(sentences[0])[0],
        )

    def _time(self, index: int) -> TimeMention:
        m = self.mention_texts[index]
        word = self.extraction.mentions[index].word_start
        sentence, start = self._sentence(self.prepared.sentence_of_word[word])
        return TimeMention(m.text, m.start, m.end, sentence, start)

    def _sentence(self, index: int) -> tuple[str, int]:
        """Text and first character of a sentence."""
        start, end = self.prepared.chars(*self.prepared.segmented.sentences[index])
        return self.text[start:end], start


def _score(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


def _date_value(when: EventDate | None) -> DateValue | None:
    if when is None:
        return None
    return DateValue(
        start=when.dates.start.isoformat(),
        end=when.dates.end.isoformat(),
        precision=cast(Literal["day", "week", "month", "year", "range"], when.dates.precision),
        basis=cast(Literal["stated", "inherited", "news_day"], when.basis),
        text=when.mention.text if when.mention else None,
        start_char=when.mention.start if when.mention else None,
        end_char=when.mention.end if when.mention else None,
    )
