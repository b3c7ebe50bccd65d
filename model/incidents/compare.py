"""Two events of different reports -> how surely they are one incident.

Log-likelihood ratios of what agrees and what differs are added, as in record linkage (Fellegi and
Sunter, A Theory for Record Linkage, JASA 1969). What is unknown on either side says nothing. The
weights are in nats, set by reason and checked on the development half of the report pairs.
"""

from __future__ import annotations

from math import asin, cos, exp, inf, log, radians, sin, sqrt

from rapidfuzz.fuzz import ratio

from .traits import Days, Place, Traits

# Labels of the ontology: reports call one incident by either. Any type goes with itself.
ALSO_TOLD_AS = frozenset(
    frozenset(pair)
    for pair in (
        ("attack", "armed_clash"),
        ("attack", "air_strike"),
        ("attack", "shelling"),
        ("attack", "bombing"),
        ("attack", "suicide_bombing"),
        ("attack", "chemical_attack"),
        ("attack", "repression"),
        ("attack", "riot"),
        ("attack", "destruction"),
        ("armed_clash", "air_strike"),
        ("armed_clash", "shelling"),
        ("bombing", "suicide_bombing"),
        ("bombing", "air_strike"),
        ("bombing", "shelling"),
        ("air_strike", "shelling"),
        ("chemical_attack", "air_strike"),
        ("chemical_attack", "shelling"),
        ("protest", "riot"),
        ("riot", "repression"),
        ("riot", "destruction"),
        ("withdrawal", "displacement"),
    )
)

STORY = 1.0
"""Added where two reports share another incident: they follow one story."""
PRIOR = -3.5  # two events of one kind in one country and time of the year are seldom one incident
_SAME_TYPE, _OTHER_TYPE = 1.0, -0.5
_SAME_COUNTRY, _ACROSS_BORDER, _OTHER_COUNTRY = 0.3, -0.5, -3.0
_SAME_PLACE, _WITHIN = 2.5, 1.0  # one report names the place of the other among others
_BESIDE, _ELSEWHERE, _NAMESAKE, _FAR = -1.2, -2.0, -0.5, -4.0
_SHARED_PARTY, _OTHER_PARTIES, _SHARED_PERSON = 0.8, -0.6, 1.5
_SHARED_WEAPON, _OTHER_WEAPON = 0.4, -0.2
_WORDING, _CHANCE_WORDING = 3.0, 0.15  # of equal wording; overlap that any two reports have
_SAME_STATE = 0.2  # parties of one country under other names: an army and its government
_THING, _NAME, _MAX_SHARED = 0.3, 0.5, 3
_MAX_PARTIES = 2
_MIN_LETTERS, _ALIKE = 5, 80.0  # of names that may be spellings of one; percent
_CAMPAIGN, _EPISODE = -3.0, 31  # a war is none of its battles, which take at most so many days
_EARTH_KM, _NEIGHBOURS_KM = 6371.0, 50.0
# How far from the event a point of this precision may lie, in km; a country's says nothing.
_RADIUS_KM = {"point": 8.0, "area": 25.0, "region": 120.0}


def compatible(a: str, b: str) -> bool:
    """Whether reports may give one incident these two types."""
    return a == b or frozenset((a, b)) in ALSO_TOLD_AS


def log_odds(a: Traits, b: Traits) -> float:
    """Of being one incident; ``-inf`` where the types exclude it. Symmetric."""
    if not compatible(a.type, b.type):
        return -inf
    return PRIOR + sum(evidence(a, b).values())


def evidence(a: Traits, b: Traits) -> dict[str, float]:
    """What each trait adds to the log odds, in nats."""
    return {
        "type": _SAME_TYPE if a.type == b.type else _OTHER_TYPE,
        "country": _countries(a, b),
        "place": _places(a.place, b.place),
        "days": _dates(a, b),
        "parties": _parties(a, b),
        "things": _THING * min(_MAX_SHARED, len(a.things & b.things)),
        "names": _proper_names(a, b),
        "size": _size(a, b),
        "killed": _tolls(a, b, "killed"),
        "injured": _tolls(a, b, "injured") / 2,
        "weapons": _sets(a.weapons, b.weapons, _SHARED_WEAPON, _OTHER_WEAPON),
        "wording": _wording(a, b),
    }


def probability(odds: float) -> float:
    """Of log odds."""
    return 1 / (1 + exp(-odds)) if odds > -700 else 0.0


# ---- place


def _countries(a: Traits, b: Traits) -> float:
    one, other = a.place.country, b.place.country
    if not one or not other:
        return 0.0
    if one == other:
        return _SAME_COUNTRY
    # Between two states, each report may put it on either side of the border.
    return _ACROSS_BORDER if one in b.countries or other in a.countries else _OTHER_COUNTRY


def _places(a: Place, b: Place) -> float:
    if not a.name or not b.name:
        return 0.0
    apart = _excess_km(a, b)
    if _same_name(a.name, b.name):
        return _NAMESAKE if apart is not None and apart > 0 else _SAME_PLACE
    if any(_same_name(a.name, n) for n in b.around) or any(_same_name(n, b.name) for n in a.around):
        return _WITHIN
    if apart is not None and apart > _NEIGHBOURS_KM:
        return _FAR
    if (a.precision == "region") != (b.precision == "region") and not (a.region and b.region):
        return 0.0  # a province, in which the other may lie
    shared = any(_same_name(m, n) for m in a.around for n in b.around)
    return _BESIDE if shared else _ELSEWHERE


def _same_name(a: frozenset[str], b: frozenset[str]) -> bool:
    """Equal, one within the other ("Ghouta", "eastern Ghouta"), or spelled otherwise."""
    if a <= b or b <= a:
        return True
    one, other = "".join(sorted(a)), "".join(sorted(b))
    return min(len(one), len(other)) >= _MIN_LETTERS and ratio(one, other) >= _ALIKE


def _excess_km(a: Place, b: Place) -> float | None:
    """Distance beyond the radii of both points; None where one has no point that tells."""
    if a.point is None or b.point is None:
        return None
    radii = [_RADIUS_KM.get(p.precision or "point") for p in (a, b)]
    if None in radii:
        return None
    return distance_km(a.point, b.point) - sum(r for r in radii if r is not None)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great circle between (latitude, longitude) in degrees, by the haversine formula."""
    lat_a, lon_a, lat_b, lon_b = map(radians, (*a, *b))
    h = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(h)))


# ---- time


def _dates(a: Traits, b: Traits) -> float:
    if a.days is not None and b.days is not None:
        return _two_dates(a.days, b.days)
    if a.published is None or b.published is None:
        return -0.5
    if a.days is None and b.days is None:
        apart = abs(a.published - b.published)
        return 0.2 if apart <= 2 else -0.5 if apart <= 7 else -2.0
    # News is of the days before it appears: the dated event against the other's publication.
    days, published = (a.days, b.published) if a.days else (b.days, a.published)
    assert days is not None
    if days.length > 31:
        return -0.5
    since = published - days.last
    return 0.3 if -1 <= since <= 3 else -0.5 if -10 <= since <= 10 else -2.0


def _two_dates(a: Days, b: Days) -> float:
    gap = max(a.first, b.first) - min(a.last, b.last)
    if gap <= 0:
        shortest, longest = sorted((a, b), key=lambda days: days.length)
        if longest.lasting and shortest.length <= _EPISODE < longest.length:
            return _CAMPAIGN
        n_days = longest.length
        return 1.5 if n_days <= 2 else 0.7 if n_days <= 8 else -0.5 if n_days <= 31 else -1.0
    if gap == 1:
        # "overnight" and "on Monday" may be one night; two stated days hardly are one.
        return -1.2 if a.stated and b.stated else -0.3
    return -2.5 if gap == 2 else -5.0


# ---- people


def _parties(a: Traits, b: Traits) -> float:
    shared = len(a.parties & b.parties)
    if shared:
        persons = _SHARED_PERSON if a.persons & b.persons else 0.0
        return min(shared, _MAX_PARTIES) * _SHARED_PARTY + persons
    if a.countries & b.countries:
        return _SAME_STATE
    # One report may name who did it and the other to whom: that is no contradiction.
    differ = (a.actors and b.actors) or (a.targets and b.targets)
    return _OTHER_PARTIES if differ else 0.0


def _tolls(a: Traits, b: Traits, field: str) -> float:
    one, other = getattr(a, field), getattr(b, field)
    if one is None or other is None:
        return 0.0
    (low, high), (other_low, other_high) = one, other
    rarity = min(2.5, 0.3 + 0.6 * log(max(1, low, other_low)))  # small tolls agree by chance
    if low == other_low:
        return rarity
    share = min(low, other_low) / max(low, other_low)
    if share >= 0.9:
        return rarity / 2
    meets = (high is None or high >= other_low) and (other_high is None or other_high >= low)
    if meets and share >= 0.5:
        return 0.6
    if _has_grown(a, b, low, other_low) and share >= 0.4:
        return -0.1
    differs = -0.3 if share >= 0.7 else -0.8 if share >= 0.5 or max(low, other_low) <= 3 else -2.0
    # Sources that the reports name may simply disagree.
    return differs / 2 if a.sources and b.sources and not a.sources & b.sources else differs


def _size(a: Traits, b: Traits) -> float:
    """Of crowds and groups of prisoners: their numbers differ more than those of the dead."""
    found = _tolls(a, b, "size")
    return found if found > 0 else found / 4


def _has_grown(a: Traits, b: Traits, low: int, other_low: int) -> bool:
    if a.published is None or b.published is None:
        return False
    return (b.published - a.published) * (other_low - low) > 0


# ---- words


def _sets(a: frozenset[str], b: frozenset[str], shared: float, other: float) -> float:
    if not a or not b:
        return 0.0
    return shared if a & b else other


def _proper_names(a: Traits, b: Traits) -> float:
    counted = {word for name in a.parties & b.parties for word in name.split()}
    return _NAME * min(_MAX_SHARED, len((a.names & b.names) - counted))


def _wording(a: Traits, b: Traits) -> float:
    if a.report == b.report:
        return 0.0  # the words around two events of one text are partly the same words
    union = len(a.words | b.words)
    overlap = len(a.words & b.words) / union if union else 0.0
    return _WORDING * max(0.0, overlap - _CHANCE_WORDING) / (1 - _CHANCE_WORDING)
