"""The classes of the task, its three settings, and the crosswalk: our codes -> its classes."""

from __future__ import annotations

from ....report import Event, Report

__all__ = ["CLASSES", "SETTINGS", "ranked_by_crosswalk"]

# ACLED-style sub-event type of our codes -> class.
_OF_CODE = {
    "Armed clash": "ARMED_CLASH",
    "Government regains territory": "GOV_REGAINS_TERIT",
    "Non-state actor overtakes territory": "NON_STATE_ACTOR_OVERTAKES_TER",
    "Air/drone strike": "AIR_STRIKE",
    "Shelling/artillery/missile attack": "ART_MISS_ATTACK",
    "Grenade": "GRENADE",
    "Remote explosive/landmine/IED": "REM_EXPLOS",
    "Suicide bomb": "SUIC_BOMB",
    "Chemical weapon": "CHEM_WEAP",
    "Attack": "ATTACK",
    "Abduction/forced disappearance": "ABDUCT_DISSAP",
    "Sexual violence": "SEX_VIOL",
    "Peaceful protest": "PEACE_PROTEST",
    "Protest with intervention": "PROTEST_WITH_INTER",
    "Excessive force against protesters": "FORCE_AGAINST_PROTEST",
    "Violent demonstration": "VIOL_DEMONSTR",
    "Mob violence": "MOB_VIOL",
    "Agreement": "AGREEMENT",
    "Arrests": "ARREST",
    "Change to group/activity": "CHANGE_TO_GROUP_ACT",
    "Disrupted weapons use": "DISR_WEAP",
    "Headquarters or base established": "HQ_ESTABLISHED",
    "Looting/property destruction": "PROPERTY_DISTRUCT",
    "Non-violent transfer of territory": "NON_VIOL_TERRIT_TRANSFER",
    "Other": "OTHER",
}
# Event types that tell a class which our codes lack. Crime, disasters and attribution have none.
_OF_TYPE = {"sanction": "DIPLO", "threat": "DIPLO"}

_ACLED = tuple(_OF_CODE.values())
_WITH_THREE = (*_ACLED, "ORG_CRIME", "NATURAL_DISASTER", "MAN_MADE_DISASTER")
CLASSES = (*_WITH_THREE, "DIPLO", "ATTRIB")
SETTINGS = {25: _ACLED, 28: _WITH_THREE, 30: CLASSES}
"""Number of classes -> the classes."""


def ranked_by_crosswalk(report: Report) -> list[str]:
    """The classes that the codes of a report's events give, each once: the surest event first, but
    those that happened before all others; OTHER ends the list, for a report without events too."""
    events = sorted(report.events, key=lambda e: (e.status != "happened", -e.score))
    found = (label for event in events for label in _labels(event))
    return list(dict.fromkeys([*found, "OTHER"]))


def _labels(event: Event) -> list[str]:
    code = event.codes.acled
    by_code = None if code is None else _OF_CODE.get(code.sub_event_type)
    return [label for label in (_OF_TYPE.get(event.type), by_code) if label is not None]
