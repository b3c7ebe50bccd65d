"""The package's version; pyproject reads it here."""

__version__ = "0.1.0"
