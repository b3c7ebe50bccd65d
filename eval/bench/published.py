"""What others published on the benchmarks' data: ``published.yaml``, checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, with_config

__all__ = ["Published", "Reported", "published"]

_FILE = Path(__file__).with_name("published.yaml")
_CHECKED = ConfigDict(extra="forbid")


@with_config(_CHECKED)
@dataclass(frozen=True, slots=True)
class Reported:
    """One system's figure, a fraction, and where it was published."""

    value: Annotated[float, Field(ge=0, le=1)]
    system: str
    source: str


@with_config(_CHECKED)
@dataclass(frozen=True, slots=True)
class Published:
    """``metric`` names the figure for people. ``base`` has an encoder of base size, ``best`` is the
    best of any; ``note`` says what makes them differ from ours."""

    metric: str
    base: Reported | None = None
    best: Reported | None = None
    note: str | None = None


def published(name: str) -> Mapping[str, Published]:
    """Figures of a benchmark by name -> what is known of them; empty for one without any."""
    return _all().get(name, {})


@cache
def _all() -> Mapping[str, Mapping[str, Published]]:
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, dict[str, Published]]).validate_python(raw)
