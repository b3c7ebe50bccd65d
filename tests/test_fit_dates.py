"""Fitting the weights of event dates, on documents made for this test."""

import json
from pathlib import Path

import numpy as np
import pytest
from conflictwire.document import Argument, Document, Event, Mention, Span
from conflictwire.training.fit.dates import (
    HAPPENED_MARGIN,
    Table,
    cross_validate,
    gold_examples,
    report,
    write,
)


def document(index: int, *, stated: bool) -> Document:
    """One attack, told with a weekday of its own, or of last year's summer without any date."""
    words = "on Monday" if stated else "in the hills"
    text = f"Gunmen attacked a mill {words}."
    at = text.index("attacked")
    mentions = (Mention(text.index("Monday"), text.index("Monday") + 6, "TIME"),) if stated else ()
    arguments = (Argument("time", 0),) if stated else ()
    event = Event(
        "0",
        "attack",
        "happened" if stated else "possible",
        (Span(at, at + 8),),
        arguments,
        "2018-05-21" if stated else None,
    )
    return Document(
        id=f"d{index}",
        text=text,
        date="2018-05-23",
        title=None,
        source=None,
        license=None,
        corpus=None,
        sentences=(Span(0, len(text)),),
        mentions=mentions,
        entities=(),
        events=(event,),
    )


@pytest.fixture
def documents() -> list[Document]:
    return [document(i, stated=i % 2 == 0) for i in range(60)]


def test_an_example_has_no_date_first_and_marks_the_gold_range(documents: list[Document]) -> None:
    dated, undated = gold_examples(documents[:2])
    assert dated.days[0] is None
    assert not dated.right[0]
    assert [str(d[0]) for d, r in zip(dated.days, dated.right, strict=True) if d and r] == [
        "2018-05-21"
    ]
    assert undated.right == [True] + [False] * (len(undated.days) - 1)


def test_fit_learns_what_the_documents_show(documents: list[Document]) -> None:
    items = gold_examples(documents)
    table = Table(items)
    chosen = cross_validate(table)
    assert [c is not None and c == i.gold for i, c in zip(items, chosen, strict=True)] == [
        i.gold is not None for i in items
    ]
    assert "first day right 30/30" in report(items, chosen)
    assert "dated though gold is not 0/30" in report(items, chosen)


def test_written_weights_are_nested_by_slot(documents: list[Document], tmp_path: Path) -> None:
    table = Table(gold_examples(documents))
    path = tmp_path / "weights.json"
    write(table, table.fit(np.ones(len(table.items), bool)), path)
    weights = json.loads(path.read_text(encoding="utf-8"))
    assert {"candidate", "none", "stated"} <= set(weights)
    assert weights["none"]["status=happened"] <= -HAPPENED_MARGIN
    assert all(isinstance(w, float) for part in weights.values() for w in part.values())
