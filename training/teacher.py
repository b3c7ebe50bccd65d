"""Soft labels: what trained models say of training windows, for a smaller network to learn from.

A teacher reads the windows' words by its own tokenizer, so its encoder may be another. What it says
is computed once for a set of windows and kept under RUNS/soft-labels in parts, so that a run that
was killed goes on, and seeds of one stage share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from conflictwire.batch import SpanInput, WindowInput, collate_spans, collate_windows
from conflictwire.errors import ConfigError
from conflictwire.extractor import span_input
from conflictwire.features import MAX_WORD_PIECES, WordTokenizer
from conflictwire.files import run_folder
from conflictwire.folder import Model, load_model
from conflictwire.network import WEIGHTS_FILE, Network, NetworkConfig, room_for_pieces
from conflictwire.training.warm import named_model
from safetensors.torch import load_file, save_file
from torch import Tensor

FOLDER = "soft-labels"
_PART = 256  # windows a file
_BATCH = 8  # windows that a teacher reads at once

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """Probabilities for one window of W words with T annotated triggers and M mentions; float16."""

    mention: Tensor  # [W, labels], rows sum to 1
    trigger: Tensor  # [W, labels], rows sum to 1
    status: Tensor  # [T, S], rows sum to 1
    role: Tensor  # [T, M, R]
    same_event: Tensor  # [T, T]


NAMES = tuple(f.name for f in fields(SoftLabels))


def soft_labels(
    teachers: Sequence[str],
    rows: Rows,
    config: NetworkConfig,
    *,
    device: torch.device,
    dtype: torch.dtype,
    show: Callable[[str], None],
) -> list[SoftLabels]:
    """The teachers' mean probabilities for each row (see ``data.build_dataset``), in order.

    ``teachers`` are named as encoders are (``run:NAME``, a folder, ``shipped``). Raises ConfigError
    for a name that means no model, and for one of other labels than ``config``'s.
    """
    folders = [teacher_folder(name) for name in teachers]
    target = run_folder(FOLDER) / _digest(folders, rows)
    parts = [(start, target / f"{start}.safetensors") for start in range(0, len(rows), _PART)]
    missing = [(start, path) for start, path in parts if not path.is_file()]
    if missing:
        show(f"soft labels of {len(rows)} windows by {', '.join(teachers)}: {target}")
        target.mkdir(parents=True, exist_ok=True)
        models = [_checked(load_teacher(folder), folder, config) for folder in folders]
        for start, path in missing:
            said = _mean([_said(m, rows[start : start + _PART], device, dtype) for m in models])
            unfinished = path.with_suffix(".tmp")
            save_file(
                {f"{i}.{n}": getattr(s, n) for i, s in enumerate(said) for n in NAMES}, unfinished
            )
            unfinished.replace(path)
            show(f"  {min(start + _PART, len(rows))} of {len(rows)}")
    return [
        SoftLabels(*(stored[f"{i}.{n}"] for n in NAMES))
        for start, path in parts
        for stored in [load_file(path)]
        for i in range(min(_PART, len(rows) - start))
    ]


def teacher_folder(name: str) -> Path:
    folder = named_model(name)
    if folder is None:
        raise ConfigError(f"network.teachers: {name!r} is no trained model")
    return folder


def load_teacher(folder: Path) -> Model:
    """A network begins with random weights: those of the one in training must not hang on whether
    a teacher was loaded before it."""
    with torch.random.fork_rng(devices=[]):
        return load_model(folder)


def _digest(folders: Sequence[Path], rows: Rows) -> str:
    """Of the teachers' weights, and of all that they are asked about the rows."""
    digest = sha256()
    for folder in folders:
        digest.update((folder / WEIGHTS_FILE).read_bytes())
    asked = ("words", "triggers", "trigger_types", "mentions", "mention_kinds")
    for row in rows:
        digest.update(repr([row[key] for key in asked]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _checked(model: Model, folder: Path, config: NetworkConfig) -> Model:
    for part in ("kinds", "event_types", "roles", "statuses"):
        if getattr(model.network.config, part) != getattr(config, part):
            raise ConfigError(f"network.teachers: the {part} of {folder} are not those of this run")
    return model


def _said(
    model: Model, rows: Rows, device: torch.device, dtype: torch.dtype
) -> Iterator[SoftLabels]:
    network = model.network.to(device).eval()
    words = WordTokenizer(model.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
    for start in range(0, len(rows), _BATCH):
        yield from _read(network, words, rows[start : start + _BATCH], device, dtype)


def _read(
    network: Network, words: WordTokenizer, rows: Rows, device: torch.device, dtype: torch.dtype
) -> list[SoftLabels]:
    """Of one batch. No generator: what it sets for torch would hold for its callers too."""
    inputs = [_window(row, words, room_for_pieces(network.encoder)) for row in rows]
    windows = collate_windows(inputs, bos=words.bos, eos=words.eos, pad=words.pad).to(device)
    spans = collate_spans([_spans(row) for row in rows]).to(device)
    with torch.no_grad(), torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        vectors = network.encode(windows)
        mention, trigger = (x.float().softmax(-1).half().cpu() for x in network.tag(vectors))
        found = network.relate(vectors, windows, spans)
    status = found.status.float().softmax(-1).half().cpu()
    role, same_event = (x.float().sigmoid().half().cpu() for x in (found.role, found.same_event))
    return [
        SoftLabels(
            mention[i, :w],
            trigger[i, :w],
            status[i, :t],
            role[i, :t, :m],
            same_event[i, :t, :t],
        )
        for i, (w, t, m) in enumerate(
            (len(row["words"]), len(row["triggers"]), len(row["mentions"])) for row in rows
        )
    ]


def _window(row: dict[str, Any], words: WordTokenizer, room: int | None) -> WindowInput:
    pieces = words(row["words"])
    if room is not None and len(pieces.ids) + 2 > room:
        raise ConfigError(
            f"network.teachers: a window of {len(row['words'])} words has {len(pieces.ids)} pieces "
            f"and does not fit a teacher's {room} positions; lower data.max_pieces"
        )
    return WindowInput(pieces.ids, pieces.counts, pieces.casings, row["sentence_of_word"])


def _spans(row: dict[str, Any]) -> SpanInput:
    """Those of the annotation, with its types: what labels are wanted for."""
    triggers = zip(row["triggers"], row["trigger_types"], strict=True)
    mentions = zip(row["mentions"], row["mention_kinds"], strict=True)
    return span_input(
        row["words"],
        triggers=[(a, b, k) for (a, b), k in triggers],
        mentions=[(a, b, k) for (a, b), k in mentions],
    )


def _mean(said: Sequence[Iterator[SoftLabels]]) -> list[SoftLabels]:
    return [
        SoftLabels(
            *(
                torch.stack([getattr(s, n).float() for s in each]).mean(0).half().contiguous()
                for n in NAMES
            )
        )
        for each in zip(*said, strict=True)
    ]
