"""What is fitted after the network, on documents that it has not seen, and stored beside it: maps
that make scores probabilities, and models that look at argument scores a second time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NEVER_SURE = 1e-6  # raw scores are held this far from 0 and 1, whose logits are infinite
_MAX_EXPONENT = 700.0  # beyond it math.exp overflows


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """sigmoid(scale * logit(raw) + offset + size * log(n)); the default leaves scores as they are.

    Platt scaling (Platt, 1999), of which temperature scaling (Guo et al., 2017) is the case without
    offset. ``size`` weighs the number of spans ``n`` that speak for the item: an event that a text
    tells again and again is more often right than its surest trigger says.
    """

    scale: float = 1.0
    offset: float = 0.0
    size: float = 0.0

    def __call__(self, raw: float, n: int = 1) -> float:
        raw = min(1 - _NEVER_SURE, max(_NEVER_SURE, raw))
        logit = math.log(raw / (1 - raw))
        x = self.scale * logit + self.offset + self.size * math.log(n)
        return 1 / (1 + math.exp(min(-x, _MAX_EXPONENT)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """One map for each sort of score in a Report; fitted on documents that training never saw."""

    mention: ScoreMap = field(default_factory=ScoreMap)
    trigger: ScoreMap = field(default_factory=ScoreMap)
    argument: ScoreMap = field(default_factory=ScoreMap)
    event: ScoreMap = field(default_factory=ScoreMap)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Mapping[str, Any]]) -> Calibration:
        """Inverse of ``dataclasses.asdict``; what is absent is left as it is."""
        known = {f.name for f in dataclasses.fields(cls)}
        return cls(**{name: ScoreMap(**values) for name, values in raw.items() if name in known})


@dataclass(frozen=True, slots=True)
class RoleModel:
    """Logistic regression over features of an event and a mention, by name (``arguments.py``)."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def probabilities(self, features: Floats, names: Sequence[str]) -> Floats:
        """``features`` [n, F], whose columns are ``names`` -> [n]."""
        weights = np.array([self.weights.get(name, 0.0) for name in names])
        return np.asarray(1 / (1 + np.exp(-(features @ weights + self.bias))))


@dataclass(frozen=True, slots=True)
class Rescorer:
    """Models by role label; the network's own scores stand for roles that have none."""

    roles: Mapping[str, RoleModel] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Rescorer:
        """Inverse of ``dataclasses.asdict``."""
        return cls({role: RoleModel(**values) for role, values in raw.get("roles", {}).items()})
