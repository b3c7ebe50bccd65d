"""A web page in one file: a table of all events, and the texts with the words that tell them.

Nothing is asked of the network: styles and script stand in the page, and its content security
policy lets nothing else run or load. The words of documents are escaped; the script builds on
text alone, never on markup. Without the script, all links and tooltips work; filters need it.

``page.css`` and ``page.js`` lie beside this file.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from ..terminal import clean
from ..version import __version__
from .base import Writer
from .cells import clean_text
from .readable import days, place, toll_range
from .view import EventView, views

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import Argument, Codes, Report

__all__ = ["HtmlWriter"]

_N_COLOURS = 8  # classes c0 to c7 of page.css
_HELD_BYTES = 1 << 20  # of articles in memory; more are kept on disk until the table is complete
_COLUMNS = (
    "type",
    "document",
    "status",
    "score",
    "words",
    "who",
    "to whom",
    "place",
    "date",
    "killed",
    "injured",
    "sources",
    "codes",
)
# Columns that page.css lays out in a way of their own -> its class.
_CLASSES = {
    "document": "document",
    "date": "date",
    **dict.fromkeys(("score", "killed", "injured"), "number"),
}


class HtmlWriter(Writer):
    """All documents and events. Holds one Report: the texts wait in a temporary file."""

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        super().__init__(out, ontology)
        self._n_documents = 0
        self._colours = {c: i % _N_COLOURS for i, c in enumerate(ontology.categories)}
        self._articles: SpooledTemporaryFile[str] = SpooledTemporaryFile(  # noqa: SIM115
            _HELD_BYTES, "w+", encoding="utf-8", newline=""
        )
        out.write(_head(self._colours))

    def write(self, report: Report) -> None:
        self._n_documents += 1
        document = f"d{self._n_documents}"
        events = list(views(report, self.ontology))
        for i, view in enumerate(events):
            colour = self._colour(view)
            self.out.write(_row(view, document=document, event=f"{document}e{i}", colour=colour))
        self._articles.write(_article(report, document, list(map(self._colour, events))))
        self.out.flush()

    def close(self) -> None:
        self.out.write("</tbody>\n</table>\n</div>\n")
        self._articles.seek(0)
        copyfileobj(self._articles, self.out)
        self.out.write(
            f'<aside id="event" aria-live="polite" hidden></aside>\n'
            f"<script>{_script()}</script>\n</body>\n</html>\n"
        )
        super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._articles:
            super().__exit__(kind, error, trace)

    def _colour(self, view: EventView) -> int:
        return self._colours.get(view.event.category, _N_COLOURS - 1)


# ---- the page


@cache
def _style() -> str:
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return Path(__file__).with_name("page.js").read_text(encoding="utf-8")


def _head(colours: dict[str, int]) -> str:
    """Up to the body of the table. The policy lets this very style and script run, no other."""
    policy = (
        f"default-src 'none'; style-src {_digest(_style())}; script-src {_digest(_script())}; "
        "base-uri 'none'; form-action 'none'"
    )
    legend = "".join(
        f'<li><span class="swatch c{i}">{_text(category)}</span></li>'
        for category, i in colours.items()
    )
    header = "".join(f'<th scope="col"{_class(column)}>{column}</th>' for column in _COLUMNS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_text(policy)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="conflictwire {__version__}">
<title>Conflict events</title>
<style>{_style()}</style>
</head>
<body>
<h1>Conflict events</h1>
<ul class="legend" aria-label="Colours of categories">{legend}</ul>
<div id="filters" role="group" aria-label="Filters" hidden>
<label>type <select id="type"><option value="">all</option></select></label>
<label>status <select id="status"><option value="">all</option></select></label>
<label>score at least <input id="score" type="range" min="0" max="1" step="0.01" value="0">
<output id="least" for="score">0.00</output></label>
<span id="count" role="status"></span>
</div>
<div class="scroll" role="region" aria-label="Events" tabindex="0">
<table id="records">
<thead><tr>{header}</tr></thead>
<tbody>
"""


def _digest(source: str) -> str:
    """As a policy names what may run: its SHA-256."""
    return f"'sha256-{b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _text(text: str) -> str:
    """Any text as markup, in an element or in a quoted attribute; the characters stay the same.

    But for NUL and lone surrogates, which no page can hold. A browser would make a bare CR a LF.
    """
    return escape(clean_text(text)).replace("\r", "&#13;")


# ---- the table


def _row(view: EventView, *, document: str, event: str, colour: int) -> str:
    happening = view.event
    title = _title(view.report, document)
    tolls = {"killed": happening.killed, "injured": happening.injured}
    cells = {
        "document": f'<a href="#{document}">{_text(title)}</a>',
        "status": _text(happening.status),
        "score": f"{happening.score:.2f}",
        "words": _triggers(view, event),
        "who": _names(view, view.fillers("actor"), document),
        "to whom": _names(
            view, view.fillers("target") or view.fillers("killed", "injured"), document
        ),
        "place": _text(clean(place(happening.location))),
        "date": _text(days(happening.date)),
        **{key: toll_range(toll) if toll else "" for key, toll in tolls.items()},
        "sources": _text(clean(", ".join(happening.sources))),
        "codes": _text(_codes(happening.codes)),
    }
    head = f'<th scope="row"><span class="swatch c{colour}">{_text(happening.type)}</span></th>'
    data = {"type": happening.type, "status": happening.status, "score": str(happening.score)}
    attributes = " ".join(f'data-{key}="{_text(value)}"' for key, value in data.items())
    body = "".join(_cell(column, cells[column]) for column in _COLUMNS[1:])
    return f'<tr id="{event}" {attributes}>{head}{body}</tr>\n'


def _cell(column: str, content: str) -> str:
    """Each in a direction of its own, so that a right-to-left name leaves the next alone."""
    return f'<td dir="auto"{_class(column)}>{content}</td>'


def _class(column: str) -> str:
    return f' class="{_CLASSES[column]}"' if column in _CLASSES else ""


def _triggers(view: EventView, event: str) -> str:
    """Different words once, a link to the first place that has them."""
    links: dict[str, str] = {}
    for i, trigger in enumerate(view.event.triggers):
        words = clean(trigger.text)
        links.setdefault(words.lower(), f'<a href="#{event}t{i}">{_text(words)}</a>')
    return ", ".join(links.values())


def _names(view: EventView, arguments: Iterable[Argument], document: str) -> str:
    """Each name once, a link to the words that gave it."""
    links: dict[str, str] = {}
    for argument in arguments:
        name = clean(view.name(argument))
        href = f"#{document}m{argument.mention}"
        links.setdefault(name, f'<a href="{href}">{_text(name)}</a>')
    return ", ".join(links.values())


def _codes(codes: Codes) -> str:
    acled, plover = codes.acled, codes.plover
    parts = {
        "ACLED": acled and f"{acled.event_type} / {acled.sub_event_type}",
        "PLOVER": plover and " ".join(filter(None, (plover.event, plover.mode))),
        "CAMEO": codes.cameo,
        "UCDP": codes.ucdp,
    }
    return "; ".join(f"{scheme} {code}" for scheme, code in parts.items() if code)


def _title(report: Report, document: str) -> str:
    return clean(report.title or report.doc_id or "") or f"document {document[1:]}"


# ---- the articles


def _article(report: Report, document: str, colours: list[int]) -> str:
    about = [report.doc_id, report.publisher, report.date]
    n = len(report.events)
    parts = [clean(part) for part in about if part] + [f"{n} event{'' if n == 1 else 's'}"]
    notes = [f'<p class="error">{_text(report.error)}</p>\n'] if report.error is not None else []
    notes += [f'<p class="quiet">{_text(clean(warning))}</p>\n' for warning in report.warnings]
    return (
        f'<article id="{document}" aria-labelledby="{document}h">\n'
        f'<h2 id="{document}h" dir="auto">{_text(_title(report, document))}</h2>\n'
        f'<p class="quiet">{_text(" · ".join(parts))}</p>\n{"".join(notes)}'
        f'<div class="text" dir="auto">{_marked(report.text, _marks(report, document, colours))}'
        "</div>\n</article>\n"
    )


@dataclass(frozen=True, slots=True)
class _Mark:
    """Words to be set off: code points [start, end), and the element around them."""

    start: int
    end: int
    name: str
    attributes: str
    href: str | None = None

    def opened(self, tag: str, *, again: bool) -> str:
        """``again``: where it goes on after a mark that crossed it; an id stands once."""
        href = f' href="{self.href}"' if tag == "a" else ""
        name = "" if again else f' id="{self.name}"'
        return f'<{tag}{name} data-span="{self.name}"{href} {self.attributes}>'


def _marks(report: Report, document: str, colours: list[int]) -> Iterator[_Mark]:
    """Triggers, which lead to the rows of their events, and mentions."""
    of_mention: dict[int, dict[str, None]] = {}
    for i, happening in enumerate(report.events):
        event = f"{document}e{i}"
        label = f"{happening.type}, {happening.status}, score {happening.score:.2f}"
        attributes = f'class="trigger c{colours[i]}" data-events="{event}" title="{_text(label)}"'
        for j, trigger in enumerate(happening.triggers):
            yield _Mark(trigger.start, trigger.end, f"{event}t{j}", attributes, f"#{event}")
        for argument in happening.arguments:
            of_mention.setdefault(argument.mention, {})[event] = None
    for mention in report.mentions:
        label = mention.kind
        if mention.entity is not None:
            label += f": {clean(report.entities[mention.entity].name)}"
        attributes = f'class="mention" title="{_text(label)}"'
        if mention.id in of_mention:
            attributes += f' data-events="{" ".join(of_mention[mention.id])}"'
        yield _Mark(mention.start, mention.end, f"{document}m{mention.id}", attributes)


def _marked(text: str, marks: Iterable[_Mark]) -> str:
    """The text with its marks, one inside the other; one that crosses another is closed with it
    and opened again behind it. A link inside a link, which HTML lacks, is none."""
    waiting = sorted(marks, key=lambda mark: (mark.start, -mark.end), reverse=True)
    parts: list[str] = []
    inside: list[tuple[_Mark, str]] = []  # with their tags
    at = 0

    def copy_to(end: int) -> None:
        nonlocal at
        parts.append(_text(text[at:end]))
        at = end

    def begin(mark: _Mark, *, again: bool) -> None:
        tag = "a" if mark.href and all(tag != "a" for _, tag in inside) else "span"
        parts.append(mark.opened(tag, again=again))
        inside.append((mark, tag))

    while waiting or inside:
        end = min((mark.end for mark, _ in inside), default=len(text))
        if waiting and waiting[-1].start < end:
            copy_to(waiting[-1].start)
            begin(waiting.pop(), again=False)
            continue
        copy_to(end)
        crossing: list[_Mark] = []
        while any(mark.end == end for mark, _ in inside):
            mark, tag = inside.pop()
            parts.append(f"</{tag}>")
            if mark.end > end:
                crossing.append(mark)
        for mark in reversed(crossing):
            begin(mark, again=True)
    copy_to(len(text))
    return "".join(parts)
