"""Values of an event in the words that people read, in the table and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..report import DateValue, Location, Toll

__all__ = ["days", "place", "toll_range"]


def place(where: Location | None) -> str:
    """Name and country, what is known of them."""
    if where is None:
        return ""
    name, country = where.name or where.text or "", where.country or ""
    return f"{name} ({country})" if name and country else name or country


def days(when: DateValue | None) -> str:
    """The day, month or year, else first and last day; "news day" where no words state it."""
    if when is None:
        return ""
    length = {"day": 10, "month": 7, "year": 4}.get(when.precision)
    shown = f"{when.start} {when.end}" if length is None else when.start[:length]
    return f"{shown} (news day)" if when.basis == "news_day" else shown


def toll_range(toll: Toll) -> str:
    """ "5", "5-7", or "5+" where no upper bound is stated."""
    if toll.high is None:
        return f"{toll.low}+"
    return str(toll.low) if toll.low == toll.high else f"{toll.low}-{toll.high}"
