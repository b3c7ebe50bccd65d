"""What a writer is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from ..errors import ConfigError
from ..report import Report

if TYPE_CHECKING:
    from ..ontology import Ontology

__all__ = ["Writer", "each_report", "not_installed"]


class Writer(ABC):
    """Takes Reports one by one; used in a ``with`` block, which ends the output properly.

    ``out`` is a text stream in UTF-8; writers of bytes write to its ``buffer``.
    """

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        self.out, self.ontology = out, ontology

    @abstractmethod
    def write(self, report: Report) -> None: ...

    def close(self) -> None:
        """Write what is still held back."""
        self.out.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()


def each_report(reports: Report | Iterable[Report]) -> Iterable[Report]:
    """One Report alone is a list of one: ``predict`` gives either."""
    return (reports,) if isinstance(reports, Report) else reports


def not_installed(package: str) -> ConfigError:
    """The error for a missing package of the extra ``export``."""
    return ConfigError(f"{package} not installed; run: pip install 'conflictwire[export]'")
