"""Labels and their meaning, read from ``ontology.yaml``: their only home.

``Ontology.load()`` is the shipped one; ``Ontology.load(path)`` one of your own. The head of
``ontology.yaml`` describes the file. All entries are frozen; the mappings keep the file's order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar, get_args

import yaml

from .errors import DataError
from .files import load_yaml, read_text

__all__ = [
    "AcledCode",
    "ActorCondition",
    "Condition",
    "Crosswalk",
    "EventType",
    "Kind",
    "KindCrosswalk",
    "KindMeaning",
    "Ontology",
    "PloverCode",
    "Role",
    "RoleMeaning",
    "Rule",
    "Sector",
    "Side",
    "Status",
]

KindMeaning = Literal["actor", "place", "time", "weapon"]
RoleMeaning = Literal[
    "actor", "target", "killed", "injured", "location",
    "origin", "destination", "time", "weapon", "source",
]  # fmt: skip

_LABEL = re.compile(r"\w[\w.-]*")
_CAMEO = re.compile(r"0[1-9]|1\d|20")
_SECTOR = re.compile(r"[A-Z]{3}")
_SIDES = ("actor", "target")
_T = TypeVar("_T")
_C = TypeVar("_C", bound="Condition | ActorCondition")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an ACLED-style interaction."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Sector:
    """What part an actor plays in its society, as PLOVER and CAMEO tell it.

    ``cameo`` is CAMEO's letters for it. ``world``: it stands in the place of a country, as bodies
    of many countries have none.
    """

    label: str
    definition: str
    cameo: str
    world: bool


@dataclass(frozen=True, slots=True)
class ActorCondition:
    """The ``when`` of a rule of a kind; every part that is not None must hold.

    See ``resolve.codes``.
    """

    words: tuple[str, ...] | None = None
    sector: tuple[str, ...] | None = None
    event: tuple[str, ...] | None = None
    side: str | None = None
    foreign: bool | None = None


@dataclass(frozen=True, slots=True)
class KindCrosswalk:
    """Rules to an actor's sector and its ACLED-style side; first match wins."""

    sector: tuple[Rule[str, ActorCondition], ...] = ()
    acled: tuple[Rule[Side, ActorCondition], ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """What a mention is. ``crosswalk`` is empty where the file gives none."""

    label: str
    definition: str
    example: str
    means: KindMeaning | None
    crosswalk: KindCrosswalk

    @property
    def actor(self) -> bool:
        return self.means == "actor"


@dataclass(frozen=True, slots=True)
class Role:
    """What a mention does in an event."""

    label: str
    definition: str
    example: str
    means: RoleMeaning | None

    @property
    def victim(self) -> bool:
        return self.means in ("killed", "injured")


@dataclass(frozen=True, slots=True)
class Status:
    """Whether an event happened."""

    label: str
    definition: str
    example: str


@dataclass(frozen=True, slots=True)
class Condition:
    """The ``when`` of a rule; every part that is not None must hold. See ``resolve.codes``."""

    actor: tuple[str, ...] | None = None
    actors_only: tuple[str, ...] | None = None
    actor_foreign: bool | None = None
    actors_min: int | None = None
    target: tuple[str, ...] | None = None
    target_words: tuple[str, ...] | None = None
    party: tuple[str, ...] | None = None
    weapon: tuple[str, ...] | None = None
    trigger: tuple[str, ...] | None = None
    killed_min: int | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[_T, _C]):
    """``give`` is the code where ``when`` holds."""

    when: _C
    give: _T


@dataclass(frozen=True, slots=True)
class AcledCode:
    event_type: str
    sub_event_type: str


@dataclass(frozen=True, slots=True)
class PloverCode:
    event: str
    mode: str | None


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Rules to the codes of other schemes, first match wins; a scheme left out has no rules."""

    acled: tuple[Rule[AcledCode, Condition], ...] = ()
    plover: tuple[Rule[PloverCode, Condition], ...] = ()
    cameo: tuple[Rule[str, Condition], ...] = ()
    ucdp: tuple[Rule[int | None, Condition], ...] = ()


@dataclass(frozen=True, slots=True)
class EventType:
    """What happened. ``crosswalk`` is empty where the file gives none."""

    label: str
    category: str
    definition: str
    example: str
    crosswalk: Crosswalk


class Ontology:
    """Kinds, event types, roles and statuses; each an ordered read-only mapping label -> entry.

    ``sectors`` is another; it is empty where the file gives no codes of actors. Two ontologies are
    equal if their files are the same text.
    """

    __slots__ = ("event_types", "kinds", "roles", "sectors", "statuses", "text", "version")

    def __init__(self, text: str, *, file: str | None = None) -> None:
        """Parse and check YAML ``text``; ``file`` is named in errors. Raises DataError."""
        reader = _Reader(file)
        raw = reader.document(text)
        self.text = text
        self.version: str = reader.text(raw, "", "version")
        self.sectors = reader.sectors(raw)
        reader.known_sectors = self.sectors
        reader.known_types = reader.mapping(raw.get("event_types"), "event_types", None)
        self.kinds = reader.entries(raw, "kinds", reader.kind)
        reader.known_kinds = self.kinds
        self.event_types = reader.entries(raw, "event_types", reader.event_type)
        self.roles = reader.entries(raw, "roles", reader.role)
        self.statuses = reader.entries(raw, "statuses", reader.status)

    @classmethod
    def load(cls, path: str | Path | None = None) -> Ontology:
        """The shipped ontology, or the file at ``path``. Raises DataError with file and field."""
        return _shipped() if path is None else cls(read_text(path), file=str(path))

    @classmethod
    def from_text(cls, text: str, *, file: str | None = None) -> Ontology:
        """An ontology from YAML text. Raises DataError with field (and ``file`` if given)."""
        return cls(text, file=file)

    def dump(self, path: str | Path) -> None:
        """Write the file this ontology was read from, byte for byte, comments included."""
        Path(path).write_bytes(self.text.encode("utf-8"))

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of event types, in file order."""
        return tuple(dict.fromkeys(e.category for e in self.event_types.values()))

    @property
    def actor_kinds(self) -> tuple[str, ...]:
        return self.kinds_meaning("actor")

    @property
    def victim_roles(self) -> tuple[str, ...]:
        """Labels of the roles that hold people killed or injured."""
        return tuple(r.label for r in self.roles.values() if r.victim)

    def kinds_meaning(self, meaning: KindMeaning) -> tuple[str, ...]:
        """Labels of the kinds whose ``means`` is ``meaning``; may be empty."""
        return tuple(k.label for k in self.kinds.values() if k.means == meaning)

    def roles_meaning(self, meaning: RoleMeaning) -> tuple[str, ...]:
        """Labels of the roles whose ``means`` is ``meaning``; may be empty."""
        return tuple(r.label for r in self.roles.values() if r.means == meaning)

    def kind(self, label: str) -> Kind:
        """The entry of a kind; DataError lists the known ones. Likewise the three below."""
        return _look_up(self.kinds, "kind", label)

    def event_type(self, label: str) -> EventType:
        return _look_up(self.event_types, "event type", label)

    def role(self, label: str) -> Role:
        return _look_up(self.roles, "role", label)

    def status(self, label: str) -> Status:
        return _look_up(self.statuses, "status", label)

    def describe(self) -> list[dict[str, str]]:
        """One row a label, in file order, for a table.

        Every row has the keys section (kind, event type, role, status), label, group (category of
        an event type, ``means`` of a kind or role), definition, example, acled, plover, cameo,
        ucdp. A code cell lists the codes that the label can get, joined by " | "; "" is none. Of a
        kind, acled lists its sides of an interaction and plover its sectors.
        """
        rows = [
            _row("kind", k, k.means or "") | _kind_cells(k.crosswalk) for k in self.kinds.values()
        ]
        for entry in self.event_types.values():
            codes = _code_cells(entry.crosswalk)
            rows.append(_row("event type", entry, entry.category) | codes)
        rows += [_row("role", r, r.means or "") for r in self.roles.values()]
        rows += [_row("status", s, "") for s in self.statuses.values()]
        return rows

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Ontology) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        # The read-only mappings cannot be pickled; the text can, and worker processes need it.
        return Ontology, (self.text,)

    def __repr__(self) -> str:
        return (
            f"<Ontology {self.version}: {len(self.kinds)} kinds, {len(self.event_types)} event "
            f"types, {len(self.roles)} roles, {len(self.statuses)} statuses>"
        )


@cache
def _shipped() -> Ontology:
    path = Path(__file__).with_name("ontology.yaml")
    return Ontology(read_text(path), file=str(path))


def _look_up(entries: Mapping[str, _T], what: str, label: str) -> _T:
    if label not in entries:
        raise DataError(f"unknown {what} {label!r}; known: {', '.join(entries)}")
    return entries[label]


def _row(section: str, entry: Kind | EventType | Role | Status, group: str) -> dict[str, str]:
    return {
        "section": section,
        "label": entry.label,
        "group": group,
        "definition": entry.definition,
        "example": entry.example,
        **dict.fromkeys(_names(Crosswalk), ""),
    }


def _kind_cells(crosswalk: KindCrosswalk) -> dict[str, str]:
    """The sides and sectors that actors of a kind can get."""
    sides = dict.fromkeys(rule.give.label for rule in crosswalk.acled)
    sectors = dict.fromkeys(rule.give for rule in crosswalk.sector)
    return {"acled": " | ".join(sides), "plover": " | ".join(sectors)}


def _code_cells(crosswalk: Crosswalk) -> dict[str, str]:
    cells = {
        "acled": [f"{r.give.event_type}: {r.give.sub_event_type}" for r in crosswalk.acled],
        "plover": [
            f"{r.give.event} {r.give.mode}" if r.give.mode else r.give.event
            for r in crosswalk.plover
        ],
        "cameo": [r.give for r in crosswalk.cameo],
        "ucdp": [str(r.give) for r in crosswalk.ucdp if r.give is not None],
    }
    return {scheme: " | ".join(dict.fromkeys(codes)) for scheme, codes in cells.items()}


def _names(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls))


def _construct_unique(loader: Any, node: Any, deep: bool = False) -> Any:
    """A YAML mapping; a key given twice is an error (YAML libraries keep the last, silently)."""
    seen: set[str] = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            continue  # a list as key: refused below
        if key_node.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key_node.value!r} is given twice", key_node.start_mark
            )
        seen.add(key_node.value)
    return _BaseLoader.construct_mapping(loader, node, deep)


_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Loader: Any = type("_Loader", (_BaseLoader,), {"construct_mapping": _construct_unique})


class _Reader:
    """Turns YAML values into entries; names the field in errors and lists what is accepted."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.known_kinds: Mapping[str, Kind] = {}
        self.known_types: Mapping[str, Any] = {}
        self.known_sectors: Mapping[str, Sector] = {}
        self.sides: Mapping[int, Side] = {}

    def fail(self, field: str, message: str) -> DataError:
        return DataError(message, file=self.file, field=field)

    def document(self, text: str) -> dict[str, Any]:
        try:
            raw = load_yaml(text, _Loader)  # a safe loader: plain values only
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            raise DataError(
                f"not YAML: {getattr(error, 'problem', None) or error}",
                file=self.file,
                line=mark.line + 1 if mark else None,
            ) from None
        actors = ("sectors", "sides")
        known = ("version", "lists", *actors, "kinds", "event_types", "roles", "statuses")
        return self.mapping(raw, "", known)

    def mapping(self, raw: Any, field: str, known: Iterable[str] | None) -> dict[str, Any]:
        """A mapping with keys among ``known`` (None: any label). Null stands for an empty one."""
        name = field or "ontology"
        raw = {} if raw is None else raw
        if not isinstance(raw, dict):
            raise self.fail(name, f"expected a mapping, got {_shown(raw)}")
        for key in raw:
            if known is not None and key not in known:
                raise self.fail(name, f"unknown key {key!r}; accepted: {', '.join(known)}")
            if known is None and not (isinstance(key, str) and _LABEL.fullmatch(key)):
                raise self.fail(
                    name,
                    f"label {key!r} is not accepted; a label is text (quote words such as no and "
                    "on) of letters, digits, '_', '-' and '.', without spaces",
                )
        return raw

    def text(self, raw: Mapping[str, Any], field: str, key: str, default: str | None = None) -> str:
        name = f"{field}.{key}" if field else key
        value = raw.get(key, default)
        if not isinstance(value, str):
            what = "missing" if key not in raw else f"got {_shown(value)}"
            raise self.fail(name, f"expected text (quote numbers), {what}")
        return value

    def choice(self, raw: Mapping[str, Any], field: str, key: str, known: Iterable[str]) -> Any:
        value = raw.get(key)
        if value is not None and value not in known:
            raise self.fail(
                f"{field}.{key}", f"unknown value {value!r}; accepted: {', '.join(known)}"
            )
        return value

    def entries(
        self, raw: Mapping[str, Any], section: str, build: Callable[[str, str, Any], _T]
    ) -> Mapping[str, _T]:
        labels = self.mapping(raw.get(section), section, None)
        if not labels:
            raise self.fail(section, "expected a mapping of at least one label to its entry")
        return MappingProxyType(
            {label: build(label, f"{section}.{label}", entry) for label, entry in labels.items()}
        )

    def words(self, raw: Mapping[str, Any], field: str) -> dict[str, str]:
        return {key: self.text(raw, field, key, "") for key in ("definition", "example")}

    def sectors(self, raw: Mapping[str, Any]) -> Mapping[str, Sector]:
        """The codes of actors, and with them the sides of an interaction; both may be left out."""
        sides = raw.get("sides") or []
        if not isinstance(sides, list) or not all(isinstance(v, str) and v for v in sides):
            raise self.fail("sides", f"expected a list of texts, got {_shown(sides)}")
        self.sides = {number: Side(number, label) for number, label in enumerate(sides, start=1)}
        labels = self.mapping(raw.get("sectors"), "sectors", None)
        return MappingProxyType({k: self.sector(k, f"sectors.{k}", v) for k, v in labels.items()})

    def sector(self, label: str, field: str, raw: Any) -> Sector:
        raw = self.mapping(raw, field, ("definition", "cameo", "world"))
        cameo, world = self.text(raw, field, "cameo", label), raw.get("world", False)
        if not _SECTOR.fullmatch(label) or not _SECTOR.fullmatch(cameo):
            raise self.fail(field, "a sector and its CAMEO code have three capital letters")
        return Sector(
            label,
            self.text(raw, field, "definition", ""),
            cameo,
            self.flag(f"{field}.world", world),
        )

    def flag(self, field: str, raw: Any) -> bool:
        if not isinstance(raw, bool):
            raise self.fail(field, f"expected true or false, got {_shown(raw)}")
        return raw

    def kind(self, label: str, field: str, raw: Any) -> Kind:
        raw = self.mapping(raw, field, ("means", "definition", "example", "crosswalk"))
        means = self.choice(raw, field, "means", get_args(KindMeaning))
        name = f"{field}.crosswalk"
        codes = self.mapping(raw.get("crosswalk"), name, _names(KindCrosswalk))
        crosswalk = KindCrosswalk(
            sector=self.rules(codes, name, "sector", self.sector_label, ActorCondition),
            acled=self.rules(codes, name, "acled", self.side, ActorCondition),
        )
        return Kind(label, means=means, crosswalk=crosswalk, **self.words(raw, field))

    def role(self, label: str, field: str, raw: Any) -> Role:
        raw = self.mapping(raw, field, ("means", "definition", "example"))
        means = self.choice(raw, field, "means", get_args(RoleMeaning))
        return Role(label, means=means, **self.words(raw, field))

    def status(self, label: str, field: str, raw: Any) -> Status:
        raw = self.mapping(raw, field, ("definition", "example"))
        return Status(label, **self.words(raw, field))

    def event_type(self, label: str, field: str, raw: Any) -> EventType:
        raw = self.mapping(raw, field, ("category", "definition", "example", "crosswalk"))
        return EventType(
            label,
            category=self.text(raw, field, "category", "other"),
            crosswalk=self.crosswalk(raw.get("crosswalk"), f"{field}.crosswalk"),
            **self.words(raw, field),
        )

    def crosswalk(self, raw: Any, field: str) -> Crosswalk:
        raw = self.mapping(raw, field, _names(Crosswalk))
        return Crosswalk(
            acled=self.rules(raw, field, "acled", self.acled, Condition),
            plover=self.rules(raw, field, "plover", self.plover, Condition),
            cameo=self.rules(raw, field, "cameo", self.cameo, Condition),
            ucdp=self.rules(raw, field, "ucdp", self.ucdp, Condition),
        )

    def rules(
        self,
        raw: Mapping[str, Any],
        field: str,
        scheme: str,
        build: Callable[[str, Any], _T],
        conditions: type[_C],
    ) -> tuple[Rule[_T, _C], ...]:
        """One value (a rule without conditions), or a list of {when, give}."""
        name, value = f"{field}.{scheme}", raw.get(scheme)
        if value is None:
            return ()
        if not isinstance(value, list):
            return (Rule(conditions(), build(name, value)),)
        rules = []
        for i, item in enumerate(value):
            rule = self.mapping(item, f"{name}[{i}]", ("when", "give"))
            if "give" not in rule:
                raise self.fail(f"{name}[{i}].give", "missing")
            when = self.condition(f"{name}[{i}].when", rule.get("when"), conditions)
            rules.append(Rule(when, build(f"{name}[{i}].give", rule["give"])))
        return tuple(rules)

    def condition(self, field: str, raw: Any, build: type[_C]) -> _C:
        raw = self.mapping(raw, field, _names(build))
        return build(**{key: self.part(f"{field}.{key}", key, v) for key, v in raw.items()})

    def part(self, name: str, key: str, value: Any) -> Any:
        """One part of a condition, checked by its key."""
        if key in ("actors_min", "killed_min"):
            if type(value) is not int or value < 1:
                raise self.fail(name, f"expected a whole number from 1, got {_shown(value)}")
            return value
        if key in ("foreign", "actor_foreign"):
            return self.flag(name, value)
        if key == "side":
            if value not in _SIDES:
                raise self.fail(name, f"unknown value {value!r}; accepted: {', '.join(_SIDES)}")
            return value
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self.fail(name, f"expected a list of texts, got {_shown(value)}")
        known: Mapping[str, Any]
        if key in ("words", "target_words", "weapon", "trigger"):
            return tuple(value)
        if key == "sector":
            what, known = "sector", self.known_sectors
        elif key == "event":
            what, known = "event type", self.known_types
        else:
            what, known = "kind", self.known_kinds
        for label in value:
            if label not in known:
                raise self.fail(name, f"unknown {what} {label!r}; known: {', '.join(known)}")
        return tuple(value)

    def sector_label(self, field: str, raw: Any) -> str:
        if not isinstance(raw, str) or raw not in self.known_sectors:
            known = ", ".join(self.known_sectors)
            raise self.fail(field, f"unknown sector {_shown(raw)}; known: {known}")
        return raw

    def side(self, field: str, raw: Any) -> Side:
        if type(raw) is not int or raw not in self.sides:
            known = ", ".join(f"{s.number} ({s.label})" for s in self.sides.values())
            raise self.fail(field, f"unknown side {_shown(raw)}; known: {known}")
        return self.sides[raw]

    def acled(self, field: str, raw: Any) -> AcledCode:
        raw = self.mapping(raw, field, _names(AcledCode))
        return AcledCode(
            self.text(raw, field, "event_type"), self.text(raw, field, "sub_event_type")
        )

    def plover(self, field: str, raw: Any) -> PloverCode:
        raw = self.mapping(raw, field, _names(PloverCode))
        mode = None if raw.get("mode") is None else self.text(raw, field, "mode")
        return PloverCode(self.text(raw, field, "event"), mode)

    def cameo(self, field: str, raw: Any) -> str:
        if not isinstance(raw, str) or not _CAMEO.fullmatch(raw):
            raise self.fail(field, f"expected a quoted root code '01' to '20', got {_shown(raw)}")
        return raw

    def ucdp(self, field: str, raw: Any) -> int | None:
        if raw is not None and (type(raw) is not int or raw not in (1, 2, 3)):
            raise self.fail(field, f"expected 1, 2, 3 or null, got {_shown(raw)}")
        return raw


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r:.60}"
