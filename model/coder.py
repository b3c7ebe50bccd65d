"""``load``, ``predict`` and ``predict_stream``: the public calls over all stages."""

from __future__ import annotations

import datetime
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar, overload

import torch

from .arguments import GivenTrigger, RoleScores, roles_of_given
from .errors import ConfigError, ConflictwireError, ModelFolderError, WorkersError
from .extractor import Extractor
from .features import MAX_WORD_PIECES, WordTokenizer
from .files import check_min_score
from .folder import Model, load_model, name_of
from .intake import Batches, Checked, Day, checked, day_of, failed, paired
from .language import looks_english
from .processor import cpu_has_bf16, cpu_has_vnni
from .records import Request, build_report
from .report import Report
from .resolve.actors import ActorList, packaged_actors
from .resolve.dates import publication_date
from .workers import Workers, room_for

WEIGHTS = Path(__file__).with_name("weights")
DEVICES = ("auto", "cpu", "cuda", "mps")
DTYPES = ("auto", "float32", "bfloat16", "float16", "int8")
AUTO_DTYPE = "CONFLICTWIRE_DTYPE"  # names what "auto" means
BATCH_SIZE = 32  # documents
ALONE = 128  # documents that are read before it is worth to start processes
# What of a batch a worker takes at a time, at most: at the end the others wait for the last one.
_PART, _PART_CHARS = 8, 10_000
_MOST_WORKERS = 8
_WORKER_BYTES = 1_500_000_000
_Batch = list[Checked | Report]
Entry = TypeVar("Entry")
_Read = Callable[["Coder", _Batch], list[Report]]
_LANGUAGE_WORDS = 400  # at the head of a text, by which its language is judged
_MAX_CHARS = 100_000  # of documents run together: their scores are in memory at once
_HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$")
# What oneDNN and torch keep for each shape that turns up in bfloat16 on a CPU: by default 1024 of
# a kind, which grows for thousands of documents; with 64 they are often made anew.
_KERNELS_KEPT = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "256", "LRU_CACHE_CAPACITY": "256"}


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
        """``actors``: the list of actors to know, by default the packaged one. The model is the
        Coder's from now on: its encoder is changed for ``dtype``."""
        self.ontology = model.ontology
        self.actors = actors
        self.version = version
        self.folder = folder
        network = model.network.to(device).eval()
        tokenizer = WordTokenizer(model.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
        self.extractor = Extractor(
            network, tokenizer, device=device, dtype=dtype, cast_encoder=True
        )
        self._lock = threading.Lock()
        self._pool: Workers[Coder] | None = None

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
            return self._batch([checked(document)], min_score)[0]
        if any(x is not None for x in (doc_id, title, publisher)):
            raise TypeError(
                "doc_id, title and publisher belong to one text; for many documents use "
                "predict_stream with dicts"
            )
        documents = list(paired(text, date))
        starts = range(0, len(documents), BATCH_SIZE)
        batches: Iterator[_Batch] = ([*documents[i : i + BATCH_SIZE]] for i in starts)
        workers = None if len(documents) > ALONE else 1
        read = partial(_read_strictly, min_score=min_score)
        done = self._done(batches, read, workers, lost=_raise_lost)
        return [report for reports in done for report in reports]

    def stream(
        self,
        documents: Iterable[Mapping[str, Any]],
        *,
        batch_size: int = BATCH_SIZE,
        min_score: float = 0.0,
        workers: int | None = None,
    ) -> Iterator[Report]:
        """Dicts with ``text`` and optionally date, doc_id, title, publisher -> Reports, in order.

        A document that cannot be read gives a Report with ``error``; the stream goes on. If
        ``documents`` itself raises, those that it gave before come first.

        ``workers``: processes that read side by side, each with a copy of the model and its share
        of the threads. 1: this one alone, which takes ``batch_size`` documents at a time, and the
        next ones only when these have come out. With several, each holds 16 at most besides: a
        source that waits for results must not wait for the last ones. None: as many as
        ``workers_of`` says, once 128 documents have been read and there are more; 1 if
        ``batch_size`` is 1. A document that ends its process (for want of memory, say) is read
        again alone, and if it ends that process too, it gives a Report with ``error``. Raises
        WorkersError if several are asked for and cannot be started.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be at least 1, got {workers}")
        check_min_score(min_score)
        batches = Batches(documents, batch_size, self.version)
        read = partial(_read, min_score=min_score)
        first: Iterable[_Batch] = ()
        if workers is None:
            first = islice(batches, -(-ALONE // batch_size))
            workers = 1 if batch_size == 1 else None
        lost = partial(_failed_by, version=self.version)
        for some, n in ((first, 1), (batches, workers)):
            for reports in self._done(some, read, n, lost=lost):
                yield from reports
        if batches.failure is not None:
            raise batches.failure

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

    def close(self) -> None:
        """End the processes that long streams have started; the next one starts others.

        They read with a copy of this coder as it was when they started: call this if you have
        changed anything of it since.
        """
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _done(
        self,
        batches: Iterable[_Batch],
        read: _Read,
        workers: int | None,
        *,
        lost: Callable[[Checked | Report, str], Report],
    ) -> Iterator[list[Report]]:
        """The Reports of each batch, or part of one, by so many processes; see ``stream``."""
        iterator = iter(batches)
        if (first := next(iterator, None)) is None:
            return
        batches = chain([first], iterator)
        n = workers_of(self) if workers is None else workers
        pool: Workers[Coder] | None = None
        if n > 1:
            try:
                pool = self._workers(n)
            except WorkersError as error:
                if workers is not None:
                    raise
                warnings.warn(f"reading in this process alone: {error}", stacklevel=4)
        if pool is None:
            yield from (read(self, batch) for batch in batches)
        else:
            parts = (part for batch in batches for part in parts_of(batch, _n_chars))
            yield from pool.map(read, parts, lost=lost)

    def _workers(self, n: int) -> Workers[Coder]:
        """``n`` processes: those of the last stream, if they were as many."""
        with self._lock:
            threads = max(1, torch.get_num_threads() // n)
            pool = self._pool
            if pool is None or (pool.n, pool.threads) != (n, threads):
                self._pool = pool = Workers(self, n, threads=threads)
        pool.start()
        return pool

    def __getstate__(self) -> dict[str, Any]:
        """A copy in another process has no processes of its own."""
        return {k: v for k, v in self.__dict__.items() if k not in ("_lock", "_pool")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock(), _pool=None)

    def _patiently(self, documents: Sequence[Checked], min_score: float) -> list[Report]:
        """A batch; if it fails, its documents one by one, so that only the bad one is lost."""
        try:
            return self._batch(documents, min_score)
        except Exception as error:
            if len(documents) == 1:
                return [failed(documents[0], error, self.version)]
            return [r for d in documents for r in self._patiently([d], min_score)]

    def _batch(self, documents: Sequence[Checked], min_score: float) -> list[Report]:
        return [r for group in _by_size(documents) for r in self._run(group, min_score)]

    def _run(self, documents: Sequence[Checked], min_score: float) -> list[Report]:
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
    CUDA and on CPUs that compute in it, int8 on others with AVX-512 VNNI, else float32; or what
    the environment variable CONFLICTWIRE_DTYPE names, so that unlike machines round alike),
    float32, bfloat16, float16 or int8 (on CPUs: the encoder's products of weights alone). The
    shipped model never touches the network. ``actors``: a CSV file of actors that the packaged
    list lacks or has otherwise (``ActorList.with_own`` tells its columns). Raises ModelFolderError
    that says what is missing, and DataError that names the file, line and column of a bad entry.
    """
    for variable, n_kept in _KERNELS_KEPT.items():
        os.environ.setdefault(variable, n_kept)  # read at the first use
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
    version = f"{__version__}+{'shipped' if name is None else name_of(folder)}"
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
        day = day_of(date)
        return default_coder()(text, day, min_score=min_score)
    days = [document["date"] for document in paired(text, date)]
    return default_coder()(text, days, min_score=min_score)


def predict_stream(
    documents: Iterable[Mapping[str, Any]],
    *,
    batch_size: int = BATCH_SIZE,
    coder: Coder | None = None,
    min_score: float = 0.0,
    workers: int | None = None,
) -> Iterator[Report]:
    """Dicts in, Reports out, in order and in constant memory; see ``Coder.stream``."""
    yield from (coder or default_coder()).stream(
        documents, batch_size=batch_size, min_score=min_score, workers=workers
    )


# ---- arguments


def _read(coder: Coder, batch: _Batch, *, min_score: float) -> list[Report]:
    """None is lost: a Report for each."""
    good = [document for document in batch if isinstance(document, dict)]
    done = iter(coder._patiently(good, min_score))
    return [entry if isinstance(entry, Report) else next(done) for entry in batch]


def _read_strictly(coder: Coder, batch: _Batch, *, min_score: float) -> list[Report]:
    """Raises what a document raises."""
    return coder._batch([document for document in batch if isinstance(document, dict)], min_score)


def workers_of(coder: Coder) -> int:
    """How many processes read a long stream with a coder, if nobody says.

    On a CPU one for each of torch's threads, up to 8, if there is memory for so many; on other
    devices 1.
    """
    if coder.extractor.device != torch.device("cpu"):
        return 1
    return max(1, min(torch.get_num_threads(), _MOST_WORKERS, room_for(_WORKER_BYTES)))


def _raise_lost(entry: Checked | Report, why: str) -> Report:
    raise MemoryError(why)


def _failed_by(entry: Checked | Report, why: str, *, version: str) -> Report:
    """The Report of a document that ended the process that read it."""
    return entry if isinstance(entry, Report) else failed(entry, MemoryError(why), version)


def parts_of(batch: Sequence[Entry], n_chars: Callable[[Entry], int]) -> Iterator[list[Entry]]:
    """A batch in parts for workers: a few documents each, a long one alone."""
    part: list[Entry] = []
    total = 0
    for entry in batch:
        total += n_chars(entry)
        if part and (len(part) == _PART or total > _PART_CHARS):
            yield part
            part, total = [], n_chars(entry)
        part.append(entry)
    if part:
        yield part


def _n_chars(entry: Checked | Report) -> int:
    return len(entry["text"]) if isinstance(entry, dict) else 0


def _by_size(documents: Sequence[Checked]) -> Iterator[list[Checked]]:
    """Runs of documents of at most _MAX_CHARS characters together; a longer one stands alone."""
    group: list[Checked] = []
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


# ---- devices


def _device(wanted: str) -> str:
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
    if wanted == "auto":
        wanted = os.environ.get(AUTO_DTYPE) or wanted
    if wanted not in DTYPES:
        raise ValueError(f"dtype {wanted!r}: expected one of {', '.join(DTYPES)}")
    if wanted == "int8" and device != "cpu":
        raise ValueError(f"dtype 'int8' is for CPUs, not for {device}")
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    if device == "cpu":
        return "bfloat16" if cpu_has_bf16() else "int8" if cpu_has_vnni() else "float32"
    return "float32"


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
