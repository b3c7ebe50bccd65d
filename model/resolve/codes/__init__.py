"""Events and their actors -> codes of other schemes, by the crosswalk in ``ontology.yaml``.

The modules, in the order in which data flow through them:

    events   one event -> its ACLED-style and PLOVER codes
    sectors  one actor -> its CAMEO-style code, its PLOVER sector, its ACLED-style side
"""

from .events import Party, event_codes
from .sectors import (
    ActorCode,
    Filler,
    actor_code,
    filler_actor,
    interaction_code,
    standing_kind,
    telling_words,
)

__all__ = [
    "ActorCode",
    "Filler",
    "Party",
    "actor_code",
    "event_codes",
    "filler_actor",
    "interaction_code",
    "standing_kind",
    "telling_words",
]
