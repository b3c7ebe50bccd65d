"""An extraction -> the public Report: entities linked, values resolved, codes looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, cast

from .date_clues import date_clues
from .report import (
    ActorCodes,
    Argument,
    Count,
    DateValue,
    Entity,
    Event,
    Link,
    Location,
    Mention,
    PloverActor,
    Report,
    Toll,
    Trigger,
)
from .report import GroupToll as ReportGroupToll
from .resolve.codes import Party, actor_code, event_codes, standing_kind, telling_words
from .resolve.countries import country_of
from .resolve.counts import MAX_TOLL, count, event_toll, is_absurd, whole_numeral
from .resolve.dates import EventDate, date_warnings, event_dates
from .resolve.places import AT_HOME, EventWords, TextPlaces
from .structure import Structure, build_structure
from .victims import toll_clues

if TYPE_CHECKING:
    from .entities import Cluster
    from .events import EventHypothesis
    from .extractor import Extraction
    from .network import NetworkConfig
    from .ontology import Ontology
    from .resolve.actors import ActorList
    from .resolve.counts import Harm


_BEFORE = 40  # characters before a phrase that may hold the start of its number
_MAX_QUOTED = 60  # characters of a phrase that a warning names


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
    min_score: float = 0.0,
    actors: ActorList | None = None,
) -> Report:
    """All later stages, for one document. Events of a score below ``min_score`` are left out.

    ``actors``: the list of actors to know, by default the packaged one.
    """
    year = request.date.year if request.date else None
    structure = build_structure(extraction, config, actors=actors, year=year)
    return _Builder(structure, request, config, ontology).report(model_version, min_score)


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
        self.calibration = config.calibration
        self.prepared = structure.extraction.prepared
        self.text = self.prepared.text
        self.mention_texts, self.clusters = structure.mentions, structure.clusters
        self.entity_of, self.hypotheses = structure.entity_of, structure.events
        self.toll_clues = toll_clues(structure, config, ontology)
        self.actor_kinds = frozenset(ontology.actor_kinds)
        self.place_kinds = frozenset(ontology.kinds_meaning("place"))
        self.places = TextPlaces(
            self.mention_texts,
            self.text,
            place_kinds=self.place_kinds,
            publisher=request.publisher,
            entities=[c.mentions for c in self.clusters if c.kind in self.place_kinds],
        )
        self.date_clues = date_clues(structure, config, ontology, request.date)
        self.role_meaning = {
            label: role.means for label, role in ontology.roles.items() if role.means
        }
        # What resolvers could not believe or place, in words; a dict keeps each once, in order.
        self.warnings = dict.fromkeys(request.warnings)

    def warn(self, message: str) -> None:
        """Tell the reader of the Report; the message names the words at issue."""
        self.warnings[message] = None

    def report(self, model_version: str, min_score: float) -> Report:
        mentions = tuple(
            Mention(
                id=i,
                start=m.start,
                end=m.end,
                text=m.text,
                kind=m.kind,
                score=_score(self.calibration.mention(self.extraction.mentions[i].score)),
                entity=self.entity_of.get(i),
            )
            for i, m in enumerate(self.mention_texts)
        )
        entities = tuple(
            Entity(
                id=i,
                name=c.name,
                kind=c.kind,
                mentions=c.mentions,
                country=self._country(c),
                link=_link(c),
                codes=self._actor_codes(c),
            )
            for i, c in enumerate(self.clusters)
        )
        dates = event_dates(*self.date_clues)
        for message in date_warnings(*self.date_clues):
            self.warn(message)
        events = tuple(
            self._event(i, hypothesis, when, mentions)
            for i, (hypothesis, when) in enumerate(zip(self.hypotheses, dates, strict=True))
            if self._event_score(hypothesis) >= min_score
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
            warnings=tuple(self.warnings),
            mentions=mentions,
            entities=entities,
            events=events,
        )

    def _country(self, who: Cluster) -> str | None:
        if who.kind not in self.place_kinds:
            return who.country
        return self.places.country_of(who.mentions) or who.country

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
        killed = self._toll(index, "killed")
        # Who was killed tells whom it was done to before those who were hurt.
        victims = fillers["killed"] or fillers["injured"]
        triggers = tuple(self._trigger(t) for t in hypothesis.triggers)
        location = self._location(hypothesis, fillers)
        doc_id = self.request.doc_id
        return Event(
            id=f"{doc_id}:{index}" if doc_id is not None else str(index),
            type=type_,
            category=self.ontology.event_type(type_).category,
            status=self.config.statuses[hypothesis.status],
            score=self._event_score(hypothesis),
            triggers=triggers,
            arguments=arguments,
            date=_date_value(when),
            location=location,
            killed=killed,
            injured=self._toll(index, "injured"),
            sources=tuple(dict.fromkeys(self._name(a) for a in fillers["source"])),
            codes=event_codes(
                self.ontology,
                event_type=type_,
                actors=self._parties(fillers["actor"]),
                targets=self._parties([*fillers["target"], *victims]),
                weapons=[a.text for a in fillers["weapon"]],
                triggers=[trigger.text for trigger in triggers],
                killed_low=killed.low if killed else None,
                country=location.country if location else None,
            ),
        )

    def _event_score(self, hypothesis: EventHypothesis) -> float:
        return _score(self.calibration.event(hypothesis.score, len(hypothesis.triggers)))

    def _trigger(self, index: int) -> Trigger:
        span = self.extraction.triggers[index]
        start, end = self.prepared.chars(span.word_start, span.word_end)
        score = _score(self.calibration.trigger(span.score))
        return Trigger(start=start, end=end, text=self.text[start:end], score=score)

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
                    score=_score(self.calibration.argument(found.score)),
                    count=self._count(mention, role),
                )
            )
        return tuple(arguments)

    def _count(self, mention: Mention, role: str) -> Count | None:
        if mention.kind not in self.actor_kinds:
            return None
        if self.role_meaning.get(role) not in ("actor", "target", "killed", "injured"):
            return None
        is_victim = self.role_meaning.get(role) in ("killed", "injured")
        before = self.text[max(0, mention.start - _BEFORE) : mention.start]
        phrase = whole_numeral(mention.text, before)
        found = count(phrase)
        if found is None and is_absurd(phrase) and not is_victim:
            self.warn(f"{_shortened(phrase)!r}: too many to be people; left out")
        if found is None or found.low is None:
            return None
        if is_victim and found.low > MAX_TOLL:
            return None
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

    def _parties(self, arguments: Sequence[Argument]) -> list[Party]:
        """One Party a filler; several mentions of one entity are one filler."""
        seen: dict[tuple[str, int], Party] = {}
        for a in arguments:
            if a.entity is None:
                seen.setdefault(("mention", a.mention), Party(a.kind, country_of(a.text), a.text))
                continue
            who = self.clusters[a.entity]
            kind = standing_kind(a.kind, who.kind, text=a.text, known=who.actor)
            seen.setdefault(("entity", a.entity), Party(kind, who.country, a.text))
        return list(seen.values())

    def _actor_codes(self, who: Cluster) -> ActorCodes | None:
        mentions = [self.mention_texts[m].text for m in who.mentions]
        code = actor_code(
            self.ontology,
            who.kind,
            words=telling_words(who.name, who.kind, mentions),
            country=who.country,
            known=who.actor,
        )
        if code is None:
            return None
        plover = PloverActor(code=code.country, sector=code.sector)
        return ActorCodes(cameo=code.cameo, plover=plover)

    def _name(self, argument: Argument) -> str:
        if argument.entity is None:
            return argument.text
        return self.clusters[argument.entity].name

    def _toll(self, index: int, harm: Harm) -> Toll | None:
        found, absurd = event_toll(self.toll_clues[index][harm])
        for phrase in absurd:
            self.warn(f"{_shortened(phrase)!r}: too many to be {harm} in one event; left out")
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
        first = self.extraction.triggers[hypothesis.triggers[0]]
        targets = [a for role in ("target", "killed", "injured") for a in fillers[role]]
        found = self.places.locate(
            EventWords(
                locations=self._named_places(fillers["location"]),
                origins=self._named_places(fillers["origin"]),
                destinations=self._named_places(fillers["destination"]),
                facilities=[
                    a.text
                    for a in (*fillers["location"], *fillers["target"])
                    if a.kind not in self.place_kinds and a.kind not in self.actor_kinds
                ],
                actors=[a.text for a in fillers["actor"]],
                targets=[a.text for a in targets if a.kind in self.actor_kinds],
                at_home=self.config.event_types[hypothesis.type] in AT_HOME,
                start=self.prepared.chars(first.word_start, first.word_end)[0],
                sentence=self._sentence_range(self.prepared.sentence_of_word[first.word_start]),
            )
        )
        return Location(**asdict(found)) if found is not None else None

    def _named_places(self, arguments: Sequence[Argument]) -> list[tuple[int, str | None]]:
        return [
            (a.mention, self.clusters[a.entity].name if a.entity is not None else None)
            for a in arguments
            if a.kind in self.place_kinds
        ]

    def _sentence_range(self, index: int) -> tuple[int, int]:
        return self.prepared.chars(*self.prepared.segmented.sentences[index])


def _link(who: Cluster) -> Link | None:
    actor = who.actor
    return Link(source=actor.source, id=actor.id, name=actor.name) if actor is not None else None


def _shortened(words: str) -> str:
    return words if len(words) <= _MAX_QUOTED else f"{words[:_MAX_QUOTED]}..."


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
