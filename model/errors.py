"""The exception tree. Every error that conflictwire raises on purpose is one of these.

    ConflictwireError
    ├── DataError (ValueError)         a file or a document that does not follow the scheme
    ├── ConfigError (ValueError)       an unknown, missing or ill-typed setting
    ├── ModelFolderError (OSError)     a model folder that is missing, truncated or foreign
    └── WorkersError (OSError)         processes that cannot be started

Wrong arguments of ``predict`` raise plain ``TypeError`` and ``ValueError``, as the contract says.
"""

from __future__ import annotations


class ConflictwireError(Exception):
    """Base of all errors raised by conflictwire."""


class DataError(ConflictwireError, ValueError):
    """A document breaks the annotation scheme or cannot be read.

    ``file``, ``line`` (1-based) and ``field`` say where; each may be None when unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        self.file, self.line, self.field = file, line, field
        place = ":".join(str(part) for part in (file, line) if part is not None)
        prefix = ", ".join(part for part in (place, f"field {field}" if field else "") if part)
        super().__init__(f"{prefix}: {message}" if prefix else message)


class ConfigError(ConflictwireError, ValueError):
    """A configuration that cannot be used; the message names the key and the accepted values."""


class ModelFolderError(ConflictwireError, OSError):
    """A model folder that cannot be loaded; the message says what is missing or does not fit."""


class WorkersError(ConflictwireError, OSError):
    """Processes to read side by side that the system does not let us start."""
