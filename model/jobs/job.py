"""The work of a job: what is done already, and the shards that are written now."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from filelock import FileLock, Timeout

from ..errors import DataError
from ..exports.base import Writer
from ..outputs import naming_full
from .manifest import MANIFEST, Manifest, Setting, Shard, append, read, sync_folder

if TYPE_CHECKING:
    from ..coder import Coder
    from ..inputs import FieldNames, InputDocument
    from ..report import Report

__all__ = ["FAILED", "Job", "open_job", "settings_of"]

FAILED = "failed.jsonl"
_LOCK = ".lock"
_SHARD = re.compile(r"part-\d{5,}\.\w+|\.part-\d{5,}\.\w+\.tmp")
_MODEL_FILES = frozenset({".json", ".yaml", ".safetensors"})

Coded = Iterator[tuple["InputDocument", "Report"]]
Code = Callable[[Iterator["InputDocument"]], Coded]


@contextmanager
def open_job(folder: str | Path, *, resume: bool) -> Iterator[Job]:
    """A folder, made where there is none, for one process at a time.

    Raises DataError if it cannot be made, holds other files than those of a job, is in use, or,
    without ``resume``, holds a job already. If the block fails before the job has begun, a folder
    that was made goes again.
    """
    path = Path(folder)
    is_new = not path.exists()
    try:
        path.mkdir(exist_ok=True)
        names = {entry.name for entry in path.iterdir()} - {_LOCK}
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", file=str(folder)) from None
    foreign = DataError(
        f"holds other files ({min(names, default='')}) and no {MANIFEST} of a job; give a new or "
        "an empty folder",
        file=str(folder),
    )
    if names and MANIFEST not in names:
        raise foreign
    lock = FileLock(path / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        message = "another process is writing to it; wait until it ends"
        raise DataError(message, file=str(folder)) from None
    except (OSError, NotImplementedError) as error:  # the latter: a file system without locks
        raise DataError(f"cannot be locked: {error}", file=str(folder)) from None
    job = None
    try:
        manifest = read(path)
        if manifest is None and names > {MANIFEST}:
            raise foreign
        if manifest is not None and not resume:
            n = manifest.n_documents
            raise DataError(
                f"holds a job with {n:,} documents done; go on with --resume, or give another "
                "folder",
                file=str(folder),
            )
        job = Job(path, manifest)
        yield job
    finally:
        if is_new and (job is None or job.manifest is None):
            with suppress(OSError):  # held: nobody else is at work in it
                (path / _LOCK).unlink(missing_ok=True)
                path.rmdir()
        lock.release()


def settings_of(
    coder: Coder,
    *,
    actors: str | Path | None,
    min_score: float,
    date: str | None,
    fields: FieldNames,
) -> dict[str, Setting]:
    """What decides the results besides the documents: files by SHA-256, wherever they lie.

    Raises DataError for a file that cannot be read.
    """
    files = [] if coder.folder is None else sorted(coder.folder.iterdir())
    return {
        "model": coder.version,
        "model_files": _digest_of([f for f in files if f.suffix in _MODEL_FILES]),
        "dtype": str(coder.extractor.dtype).removeprefix("torch."),
        "attention_dtype": str(coder.extractor.attention_dtype).removeprefix("torch."),
        "actors": None if actors is None else _digest_of([Path(actors)]),
        "min_score": min_score,
        "date": date,
        "text_field": fields.text,
        "date_field": fields.date,
        "id_field": fields.id,
    }


class Job:
    """A job in its folder; see ``open_job``. ``manifest`` is None until it has begun."""

    def __init__(self, folder: Path, manifest: Manifest | None) -> None:
        self.folder = folder
        self.manifest = manifest
        self.n_new = 0

    def begin(
        self,
        settings: Mapping[str, Setting],
        *,
        inputs: Sequence[str],
        form: str,
        shard_size: int,
        writer: Callable[[TextIO], Writer],
    ) -> None:
        """Begin, or go on where the last run was stopped; what it did not finish is removed.

        ``form`` names what ``writer`` writes, and is the shards' suffix. ``shard_size``: documents.
        ``inputs`` are kept for people to read. Raises DataError for other settings than those that
        the job was begun with, and for files that were changed since.
        """
        now = {**settings, "format": form, "shard_size": shard_size}
        self._form, self._size, self._writer = form, shard_size, writer
        path = self.folder / MANIFEST
        if self.manifest is None:
            path.write_bytes(b"")
            new = Manifest(now, list(inputs))
            append(self.folder, new)
            self.manifest = new
            return
        self.manifest.check_settings(now, str(self.folder))
        self._check_files()
        os.truncate(path, self.manifest.n_bytes)
        known = {shard.file for shard in self.manifest.shards}
        for entry in self.folder.iterdir():
            if _SHARD.fullmatch(entry.name) and entry.name not in known:
                entry.unlink()
        if self._failed_bytes():
            os.truncate(self.folder / FAILED, self._failed_bytes())
        else:
            (self.folder / FAILED).unlink(missing_ok=True)

    def run(
        self,
        documents: Iterable[InputDocument],
        code: Code,
        *,
        skipped: Callable[[], object] = lambda: None,
    ) -> Coded:
        """Write the Reports of the documents that are not done; gives each once it is written.

        ``documents`` begin with those that are done, for each of which ``skipped`` is called: they
        are compared with what the manifest knows of them, and no model runs. ``code`` is called for
        each shard, so that its batches, and by them the last digits of scores, do not depend on
        where a run was stopped. Raises DataError for documents that are not those of before.
        """
        assert self.manifest is not None, "begin comes first"
        left = self._rest(documents, skipped)
        for first in left:
            with naming_full(self.folder), self._shard() as shard:
                for document, report in code(chain([first], islice(left, self._size - 1))):
                    shard.add(document, report)
                    self.n_new += 1
                    yield document, report
        if not self.manifest.is_complete:
            append(self.folder, self.manifest.end())
            self.manifest.is_complete = True

    def _rest(
        self, documents: Iterable[InputDocument], skipped: Callable[[], object]
    ) -> Iterator[InputDocument]:
        """The documents behind those that are done, which must be those of before."""
        assert self.manifest is not None
        iterator = iter(documents)
        n_before = 0
        for shard in tuple(self.manifest.shards):
            digest, n = hashlib.sha256(), 0
            for document in islice(iterator, shard.documents):
                digest.update(_line(document))
                n += 1
                skipped()
            if n < shard.documents:
                raise DataError(
                    f"{self.manifest.n_documents:,} documents are done, but the inputs hold only "
                    f"{n_before + n:,} now; give them as they were, or another folder",
                    file=str(self.folder),
                )
            if digest.hexdigest() != shard.digest:
                raise DataError(
                    f"the documents {n_before + 1:,} to {n_before + n:,} of the inputs are not "
                    f"those that {shard.file} was made from ({shard.first} to {shard.last}); give "
                    "the inputs as they were, or another folder",
                    file=str(self.folder),
                )
            n_before += n
        yield from iterator

    @contextmanager
    def _shard(self) -> Iterator[_OpenShard]:
        """A shard to fill, which is entered in the manifest if the block succeeds."""
        assert self.manifest is not None
        name = f"part-{len(self.manifest.shards):05d}.{self._form}"
        target, pending = self.folder / name, self.folder / f".{name}.tmp"
        failed = self.folder / FAILED
        try:
            with failed.open("ab") as side:
                with pending.open("w", encoding="utf-8", newline="\n") as out:
                    with self._writer(out) as writer:
                        shard = _OpenShard(writer, side)
                        yield shard
                    out.flush()
                    os.fsync(out.fileno())
                side.flush()
                os.fsync(side.fileno())
                failed_bytes = side.tell()
            done = shard.entry(name, pending, failed_bytes)
            os.replace(pending, target)
        except BaseException:
            pending.unlink(missing_ok=True)
            raise
        if not failed_bytes:
            failed.unlink()
        sync_folder(self.folder)
        append(self.folder, done)
        self.manifest.shards.append(done)
        self.manifest.is_complete = False

    def _check_files(self) -> None:
        assert self.manifest is not None
        sizes = [(shard.file, shard.bytes, False) for shard in self.manifest.shards]
        # What stands behind the end of the last shard's is of a run that was stopped.
        sizes.append((FAILED, self._failed_bytes(), True))
        for name, size, may_be_longer in sizes:
            path = self.folder / name
            found = path.stat().st_size if path.is_file() else 0 if may_be_longer else -1
            if found < size or (found > size and not may_be_longer):
                what = f"has {found:,} bytes and had {size:,}" if found >= 0 else "is gone"
                raise DataError(
                    f"{what}; put it back as it was, or begin anew in another folder",
                    file=str(path),
                )

    def _failed_bytes(self) -> int:
        assert self.manifest is not None
        return self.manifest.shards[-1].failed_bytes if self.manifest.shards else 0


class _OpenShard:
    """A shard that is being written, and the file of the documents that failed."""

    def __init__(self, writer: Writer, failed: BinaryIO) -> None:
        self._writer, self._failed = writer, failed
        self._digest = hashlib.sha256()
        self._first = self._last = ""
        self._n_documents = self._n_failed = self._n_events = 0

    def add(self, document: InputDocument, report: Report) -> None:
        if report.error is None:
            self._writer.write(report)
            self._n_events += len(report.events)
        else:
            self._failed.write(_failed_line(document, report.error))
            self._n_failed += 1
        self._digest.update(_line(document))
        self._first, self._last = self._first or document.place, document.place
        self._n_documents += 1

    def entry(self, name: str, path: Path, failed_bytes: int) -> Shard:
        """For the manifest. ``path``: where the shard's file lies, complete."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            n_bytes = file.tell()
        return Shard(
            file=name,
            documents=self._n_documents,
            failed=self._n_failed,
            events=self._n_events,
            bytes=n_bytes,
            sha256=digest,
            failed_bytes=failed_bytes,
            first=self._first,
            last=self._last,
            digest=self._digest.hexdigest(),
        )


def _line(document: InputDocument) -> bytes:
    """What is told of a document by a shard's digest: all that its Report depends on."""
    keys = ("doc_id", "text", "date", "title", "publisher")
    # As JSON in ASCII: any text, lone surrogates too.
    return json.dumps([*map(document.fields.get, keys), document.error]).encode() + b"\n"


def _failed_line(document: InputDocument, error: str) -> bytes:
    """A document that can be repaired and given to predict again, under the usual keys."""
    given = document.given or {
        "id" if key == "doc_id" else key: value for key, value in document.fields.items()
    }
    row = {**given, "place": document.place, "error": error}
    return json.dumps(row, default=str).encode() + b"\n"


def _digest_of(paths: Sequence[Path]) -> str | None:
    """One SHA-256 of files, their names (not their folders) included; None for no files."""
    total = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                part = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise DataError(f"cannot be read: {error.strerror}", file=str(path)) from None
        total.update(f"{path.name} {part}\n".encode())
    return total.hexdigest() if paths else None
