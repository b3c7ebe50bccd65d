"""``load``, ``predict`` and ``predict_stream``: the public calls over all stages."""

from __future__ import annotations

import datetime
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, overload

from .arguments import GivenTrigger, RoleScores, roles_of_given
from .errors import ConfigError, ConflictwireError, ModelFolderError
from .extractor import Extractor
from .features import MAX_WORD_PIECES, WordTokenizer
from .files import check_min_score, iso_day
from .folder import Model, load_model
from .language import looks_english
from .records import Request, build_report
from .report import Report
from .resolve.actors import ActorList, packaged_actors
from .resolve.dates import publication_date

WEIGHTS = Path(__file__).with_name("weights")
DEVICES = ("auto", "cpu", "cuda", "mps")
DTYPES = ("auto", "float32", "bfloat16", "float16")
Day = str | datetime.date | None  # an ISO day
BATCH_SIZE = 32  # documents
_LANGUAGE_WORDS = 400  # at the head of a text, by which its language is judged
_MAX_CHARS = 100_000  # of documents run together: their scores are in memory at once
_HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$")
# One character as the two halves of UTF-16, which JSON joins and Python does not.
_SPLIT = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# What oneDNN and torch keep for each shape that turns up in bfloat16 on a CPU: by default 1024 of
# a kind, which grows for thousands of documents; with 64 they are often made anew.
_KERNELS_KEPT = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "256", "LRU_CACHE_CAPACITY": "256"}
_DATE_HINT = "expected an ISO day such as '2018-05-21'"


class Coder:
    """A loaded model: text in, Report out. May be called from several threads."""

    def __init__(
        self,
        model: Model,
        *,
        device: Any,
        dtype: Any,
        version: str,
        folder: Path | None = None,
        actors: ActorList | None = None,
    ) -> None:
        """``actors``: the list of actors to know, by default the packaged one."""
        self.ontology = model.ontology
        self.actors = actors
        self.version = version
        self.folder = folder
        network = model.network.to(device).eval()
        tokenizer = WordTokenizer(model.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
        self.extractor = Extractor(network, tokenizer, device=device, dtype=dtype)

    @overload  # a str is a Sequence[str] too; the first overload that fits decides
    def __call__(  # type: ignore[overload-overlap]
        self,
        text: str,
        date: Day = None,
        *,
        doc_id: str | None = None,
        title: str | None = None,
        publisher: str | None = None,
        min_score: float = 0.0,
    ) -> Report: ...

    @overload
    def __call__(
        self,
        text: Sequence[str],
        date: Day | Sequence[Day] = None,
        *,
        min_score: float = 0.0,
    ) -> list[Report]: ...

    def __call__(
        self,
        text: str | Sequence[str],
        date: Day | Sequence[Day] = None,
        *,
        doc_id: str | None = None,
        title: str | None = None,
        publisher: str | None = None,
        min_score: float = 0.0,
    ) -> Report | list[Report]:
        """One text -> Report; a list of texts -> list of Reports in the same order.

        ``date`` is the publication date (ISO day or datetime.date); for a list, one date for all
        or a list of the same length. Events whose score, the calibrated probability of being
        right, is below ``min_score`` are left out. Raises TypeError and ValueError, for lists
        naming the index, before any work is done.
        """
        check_min_score(min_score)
        if isinstance(text, str):
            document = {
                "text": text,
                "date": date,
                "doc_id": doc_id,
                "title": title,
                "publisher": publisher,
            }
            return self._batch([_checked(document)], min_score)[0]
        if any(x is not None for x in (doc_id, title, publisher)):
            raise TypeError(
                "doc_id, title and publisher belong to one text; for many documents use "
                "predict_stream with dicts"
            )
        documents = list(_paired(text, date))
        size = BATCH_SIZE
        return [
            report
            for start in range(0, len(documents), size)
            for report in self._batch(documents[start : start + size], min_score)
        ]

    def stream(
        self,
        documents: Iterable[Mapping[str, Any]],
        *,
        batch_size: int = BATCH_SIZE,
        min_score: float = 0.0,
    ) -> Iterator[Report]:
        """Dicts with ``text`` and optionally date, doc_id, title, publisher -> Reports, in order.

        Holds ``batch_size`` documents at a time: never more are taken than have come out. A
        document that cannot be read gives a Report with ``error``; the stream goes on. If
        ``documents`` itself raises, those that it gave before come first.
        """
        # One thread on purpose. To build Reports (a quarter of the work of the shipped model) in a
        # second one, beside the encoder, gained no time on two busy cores and cost 12% more
        # processor time: the network's many short calls seem to wait for the interpreter.
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        check_min_score(min_score)
        iterator = iter(documents)
        failure: Exception | None = None
        while failure is None:
            batch: list[Mapping[str, Any]] = []
            try:
                for document in islice(iterator, batch_size):
                    batch.append(document)
            except Exception as error:
                failure = error
            if not batch:
                break
            checked: list[dict[str, Any] | Report] = []
            for document in batch:
                try:
                    checked.append(_checked(document))
                except (TypeError, ValueError) as error:
                    checked.append(_failed(document, error, self.version))
            good = [d for d in checked if isinstance(d, dict)]
            done = iter(self._patiently(good, min_score))
            for entry in checked:
                yield entry if isinstance(entry, Report) else next(done)
        if failure is not None:
            raise failure

    def arguments_of(
        self, texts: Sequence[str], triggers: Sequence[Sequence[GivenTrigger]]
    ) -> list[list[list[RoleScores]]]:
        """Who plays which role in events that are known: the half of the task behind the triggers.

        ``triggers``: of each text, (start, end, event type) of each known event. Gives, of each
        text and trigger, the mentions found with the network's probability of every role, in text
        order; it is for the caller to set a threshold. Raises ValueError for an event type that
        the model lacks, for a trigger that holds no word, and for lists of unlike length.
        """
        if len(texts) != len(triggers):
            raise ValueError(f"{len(texts)} texts but triggers of {len(triggers)}")
        found: list[list[list[RoleScores]]] = []
        for start in range(0, len(texts), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            found += roles_of_given(self.extractor, texts[part], triggers[part])
        return found

    def _patiently(self, documents: Sequence[dict[str, Any]], min_score: float) -> list[Report]:
        """A batch; if it fails, its documents one by one, so that only the bad one is lost."""
        try:
            return self._batch(documents, min_score)
        except Exception as error:
            if len(documents) == 1:
                return [_failed(documents[0], error, self.version)]
            return [r for d in documents for r in self._patiently([d], min_score)]

    def _batch(self, documents: Sequence[dict[str, Any]], min_score: float) -> list[Report]:
        return [r for group in _by_size(documents) for r in self._run(group, min_score)]

    def _run(self, documents: Sequence[dict[str, Any]], min_score: float) -> list[Report]:
        prepared = [self.extractor.prepare(d["text"]) for d in documents]
        extractions = self.extractor.run(prepared)
        reports = []
        for document, extraction in zip(documents, extractions, strict=True):
            published, warnings = _published(document["text"], document["date"])
            warnings = [*document["warnings"], *warnings]
            if not looks_english(extraction.prepared.first_words(_LANGUAGE_WORDS)):
                warnings.append("the text does not look English; the model was trained on English")
            reports.append(
                build_report(
                    extraction,
                    Request(
                        document["doc_id"],
                        document["title"],
                        document["publisher"],
                        published,
                        tuple(warnings),
                    ),
                    config=self.extractor.network.config,
                    ontology=self.ontology,
                    model_version=self.version,
                    min_score=min_score,
                    actors=self.actors,
                )
            )
        return reports


def load(
    name: str | Path | None = None,
    *,
    device: str = "auto",
    dtype: str = "auto",
    actors: str | Path | None = None,
) -> Coder:
    """The shipped model, or the one in a folder or of a Hugging Face id.

    ``device``: auto (CUDA, then MPS, then CPU), cpu, cuda or mps. ``dtype``: auto (bfloat16 on
    CUDA and on CPUs that compute in it, else float32), float32, bfloat16 or float16. The shipped
    model never touches the network. ``actors``: a CSV file of actors that the packaged list lacks
    or has otherwise (``ActorList.with_own`` tells its columns). Raises ModelFolderError that says
    what is missing, and DataError that names the file, line and column of a bad entry.
    """
    for variable, n_kept in _KERNELS_KEPT.items():
        os.environ.setdefault(variable, n_kept)  # read at the first use
    import torch

    from .version import __version__

    target = _device(device)
    chosen = _dtype(dtype, target)
    folder = WEIGHTS if name is None else Path(name)
    if name is None and not (folder / "model.safetensors").is_file():
        raise ModelFolderError(
            f"{folder}: this installation ships no weights; train with `conflictwire train small` "
            "and pass the run's best folder to load()"
        )
    if not folder.is_dir():
        folder = _from_hub(str(name))
    model = load_model(folder)
    version = f"{__version__}+{'shipped' if name is None else folder.name}"
    return Coder(
        model,
        device=torch.device(target),
        dtype=getattr(torch, chosen),
        version=version,
        folder=folder,
        actors=packaged_actors().with_own(actors, model.ontology) if actors is not None else None,
    )


def load_checked(
    name: str | None = None,
    *,
    device: str = "auto",
    dtype: str = "auto",
    actors: str | Path | None = None,
) -> Coder:
    """``load`` for names that a user typed: whatever is wrong with them is a ModelFolderError or
    a ConfigError."""
    if name is not None and not os.path.isdir(name) and _is_path(name):
        raise ModelFolderError(f"{name}: no such model folder")
    try:
        return load(name, device=device, dtype=dtype, actors=actors)
    except ConflictwireError:
        raise
    except (ValueError, RuntimeError, AssertionError) as error:
        # torch reports a device that it lacks in all these ways.
        raise ConfigError(f"the model cannot be loaded: {error}") from None


def _is_path(name: str) -> bool:
    """Whether a name cannot be a Hugging Face id (``name`` or ``owner/name``)."""
    return os.path.exists(name) or name[:1] in "./~" or name.count("/") > 1 or "\\" in name


_default: Coder | None = None
_default_lock = threading.Lock()


def default_coder() -> Coder:
    """The shipped model, loaded once."""
    global _default
    with _default_lock:
        if _default is None:
            _default = load()
        return _default


@overload  # a str is a Sequence[str] too; the first overload that fits decides
def predict(text: str, date: Day = None, *, min_score: float = 0.0) -> Report: ...  # type: ignore[overload-overlap]


@overload
def predict(
    text: Sequence[str], date: Day | Sequence[Day] = None, *, min_score: float = 0.0
) -> list[Report]: ...


def predict(
    text: str | Sequence[str], date: Day | Sequence[Day] = None, *, min_score: float = 0.0
) -> Report | list[Report]:
    """Structured events of one text (-> Report) or of a list of texts (-> list of Reports).

    ``date`` is the publication date, an ISO day such as "2018-05-21": relative time words need
    it. If it is None, a date at the head of the text is read. ``min_score`` leaves out events that
    are less probably right. Raises TypeError and ValueError for wrong arguments; for lists they
    name the index.
    """
    # Checked before the model is loaded: a wrong call costs nothing.
    check_min_score(min_score)
    if isinstance(text, str):
        day = _day(date)
        return default_coder()(text, day, min_score=min_score)
    days = [document["date"] for document in _paired(text, date)]
    return default_coder()(text, days, min_score=min_score)


def predict_stream(
    documents: Iterable[Mapping[str, Any]],
    *,
    batch_size: int = BATCH_SIZE,
    coder: Coder | None = None,
    min_score: float = 0.0,
) -> Iterator[Report]:
    """Dicts in, Reports out, in order and in constant memory; see ``Coder.stream``."""
    yield from (coder or default_coder()).stream(
        documents, batch_size=batch_size, min_score=min_score
    )


# ---- arguments


def _paired(texts: object, dates: object) -> Iterator[dict[str, Any]]:
    if isinstance(texts, bytes | bytearray | Mapping) or not isinstance(texts, Sequence):
        raise TypeError(f"text must be a string or a list of strings, got {type(texts).__name__}")
    if dates is None or isinstance(dates, str | datetime.date):
        dates = [dates] * len(texts)
    if not isinstance(dates, Sequence):
        raise TypeError(f"date: {_DATE_HINT} or a list of them, got {type(dates).__name__}")
    if len(dates) != len(texts):
        raise ValueError(f"{len(texts)} texts but {len(dates)} dates")
    for index, (text, date) in enumerate(zip(texts, dates, strict=True)):
        try:
            yield _checked({"text": text, "date": date})
        except (TypeError, ValueError) as error:
            raise type(error)(f"index {index}: {error}") from None


def _checked(document: object) -> dict[str, Any]:
    """-> a dict of exactly text, date (datetime.date or None), doc_id, title, publisher, warnings.

    ``warnings`` tells how the text differs from the one given, if it does.
    """
    if not isinstance(document, Mapping):
        raise TypeError(f"expected a dict with 'text', got {type(document).__name__}")
    text = document.get("text")
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    warnings: list[str] = []
    if _SPLIT.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        warnings.append("characters written as two halves were joined; offsets count them as one")
    day = _day(document.get("date"))
    checked: dict[str, Any] = {"text": text, "date": day, "warnings": warnings}
    for key in ("doc_id", "title", "publisher"):
        value = document.get(key)
        if value is not None and not isinstance(value, str):
            if key != "doc_id" or not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{key} must be a string, got {type(value).__name__}")
            value = str(value)
        checked[key] = value
    checked["doc_id"] = checked["doc_id"] or None  # "" is none: event ids begin with it
    return checked


def _day(value: object) -> datetime.date | None:
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if not isinstance(value, str):
        raise TypeError(f"date: {_DATE_HINT}, got {type(value).__name__}")
    day = iso_day(value)
    if day is None:
        raise ValueError(f"date: {_DATE_HINT}, got {value!r}")
    return day


def _by_size(documents: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Runs of documents of at most _MAX_CHARS characters together; a longer one stands alone."""
    group: list[dict[str, Any]] = []
    n_chars = 0
    for document in documents:
        n_chars += len(document["text"])
        if group and n_chars > _MAX_CHARS:
            yield group
            group, n_chars = [], len(document["text"])
        group.append(document)
    if group:
        yield group


def _published(text: str, given: datetime.date | None) -> tuple[datetime.date | None, list[str]]:
    """The publication date in force, and a warning if the text's own contradicts the given one."""
    written = publication_date(text)
    if given is None:
        return written, []
    if written is not None and written != given:
        return given, [f"the text is dated {written}, but the date given is {given}; it is used"]
    return given, []


def _failed(document: object, error: Exception, version: str) -> Report:
    """A Report that carries the error and as much of the document as can be told."""

    def string(key: str) -> str | None:
        value = document.get(key) if isinstance(document, Mapping) else None
        if key == "doc_id" and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return value if isinstance(value, str) else None

    return Report(
        model_version=version,
        error=f"{type(error).__name__}: {error}",
        doc_id=string("doc_id") or None,
        text=string("text") or "",
        title=string("title"),
        publisher=string("publisher"),
        windows=0,
    )


# ---- devices


def _device(wanted: str) -> str:
    import torch

    if wanted not in DEVICES:
        raise ValueError(f"device {wanted!r}: expected one of {', '.join(DEVICES)}")
    here = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted != "auto":
        if not here[wanted]:
            raise ValueError(f"device {wanted!r} is not available here; use 'auto' or 'cpu'")
        return wanted
    return next(device for device, usable in here.items() if usable)


def _dtype(wanted: str, device: str) -> str:
    import torch

    if wanted not in DTYPES:
        raise ValueError(f"dtype {wanted!r}: expected one of {', '.join(DTYPES)}")
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return "bfloat16" if device == "cpu" and cpu_has_bf16() else "float32"


def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 matrices itself (elsewhere it is emulated)."""
    import torch

    check = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(check and check())


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    from .network import HUB_FILES

    if not _HUB_ID.match(name):
        raise ModelFolderError(f"{name}: no such folder (and no Hugging Face id)")
    try:
        return Path(snapshot_download(name, allow_patterns=HUB_FILES))
    except Exception as error:  # the hub client raises many types, among them bare ones
        raise ModelFolderError(
            f"{name!r} is no folder, and no model could be fetched by that name: {error}"
        ) from None
