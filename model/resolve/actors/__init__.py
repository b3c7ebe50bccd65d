"""Names -> well-known actors, and those of a user's own list.

The modules, in the order in which data flow through them:

    known  one actor, and the keys that its names are looked up by
    alike  a name in another spelling -> the name in a list
    own    a user's file -> actors with their names
    lists  the packaged list (``packaged.tsv``), the user's before it, and the search in both

The packaged list is read on first use.
"""

from .known import KnownActor
from .lists import ActorList, packaged_actors

__all__ = ["ActorList", "KnownActor", "packaged_actors"]
