"""Layer 2: which mentions are one entity, and what the entity is called."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from ..document import Document
from .counts import BCubed, Share
from .prediction import Prediction


def score_entities(document: Document, prediction: Prediction) -> tuple[BCubed, Share]:
    """Clusters, and canonical names, over the gold mentions that belong to an entity.

    Gold and predicted mentions are aligned by exact span, whatever their kinds.
    """
    owner = document.entity_of()
    linked = {m.span: m.entity for m in reversed(prediction.mentions)}
    found = {
        mention: linked[document.mentions[mention].span]
        for mention in owner
        if document.mentions[mention].span in linked
    }
    return _b_cubed(owner, found), _names(document, prediction, owner, found)


def _b_cubed(owner: dict[int, int], found: dict[int, int | None]) -> BCubed:
    """``owner``: gold mention -> gold entity; ``found``: found gold mention -> predicted entity.

    A mention that is not found, or is found outside any entity, has recall 0 and no precision.
    Predicted mentions that gold has in no entity are left out of the predicted clusters.
    """
    predicted = {mention: entity for mention, entity in found.items() if entity is not None}
    gold_sizes, predicted_sizes = Counter(owner.values()), Counter(predicted.values())
    common = Counter((owner[mention], entity) for mention, entity in predicted.items())
    precision = recall = 0.0
    for (gold_entity, predicted_entity), n_common in common.items():
        # Each of the n_common mentions shares its cluster with n_common mentions.
        precision += n_common * n_common / predicted_sizes[predicted_entity]
        recall += n_common * n_common / gold_sizes[gold_entity]
    return BCubed(precision, len(predicted), recall, len(owner))


def _names(
    document: Document,
    prediction: Prediction,
    owner: dict[int, int],
    found: dict[int, int | None],
) -> Share:
    """Of the gold entities with a found mention, those whose predicted name equals gold's.

    The predicted name is that of the predicted entity which holds most of the found mentions (the
    first of equals); if no found mention is in an entity, the name is wrong.
    """
    links: dict[int, list[int | None]] = {}  # gold entity -> predicted ones, a mention each
    for mention in sorted(found):
        links.setdefault(owner[mention], []).append(found[mention])
    right = 0
    for gold_entity, predicted in links.items():
        votes = Counter(entity for entity in predicted if entity is not None)
        if votes:
            name = prediction.entities[votes.most_common(1)[0][0]]
            right += plain_name(name) == plain_name(document.entities[gold_entity].name)
    return Share(right, len(links))


def plain_name(name: str) -> str:
    """Lower case, without accents, punctuation, symbols and a leading "the"."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    kept = "".join(c for c in decomposed if unicodedata.category(c)[0] not in "MPS")
    return re.sub(r"^the\s+", "", " ".join(kept.split()))
