"""Soft labels: what trained models say of training windows, for a smaller network to learn from.

A teacher reads the windows' words by its own tokenizer, so its encoder may be another. What it says
is computed once for a set of windows (``kept.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from conflictwire.batch import SpanInput, WindowInput, collate_spans, collate_windows
from conflictwire.errors import ConfigError
from conflictwire.extractor import span_input
from conflictwire.features import MAX_WORD_PIECES, WordTokenizer
from conflictwire.folder import Model, load_model
from conflictwire.network import CONFIG_FILE, Network, NetworkConfig, room_for_pieces
from conflictwire.stored import read_json
from conflictwire.training.kept import Show, folder_for, in_parts
from conflictwire.training.targets import SoftLabels
from conflictwire.training.warm import named_model
from safetensors.torch import load_file, save_file

NAMES = tuple(f.name for f in fields(SoftLabels))
_PART = 256  # windows a file
_BATCH = 8  # windows that a teacher reads at once
_ASKED = (
    "words", "sentence_of_word", "triggers", "trigger_types", "mentions", "mention_kinds",
)  # fmt: skip

Rows = Sequence[dict[str, Any]]


def teacher_folders(teachers: Sequence[str], config: NetworkConfig) -> list[Path]:
    """The model folders of teachers, which are named as encoders are (``run:NAME``, a folder,
    ``shipped``). Raises ConfigError for a name that means no model, and for one of other labels
    than ``config``'s."""
    folders = []
    for name in teachers:
        folder = named_model(name, setting="network.teachers")
        if folder is None:
            raise ConfigError(f"network.teachers: {name!r} is no trained model")
        theirs = NetworkConfig.from_dict(read_json(folder / CONFIG_FILE), str(folder))
        for part in ("kinds", "event_types", "roles", "statuses"):
            if getattr(theirs, part) != getattr(config, part):
                raise ConfigError(f"network.teachers: the {part} of {name} are not this run's")
        folders.append(folder)
    return folders


def load_teacher(folder: Path) -> Model:
    """A network begins with random weights: those of the one in training must not hang on whether
    a teacher was loaded before it."""
    with torch.random.fork_rng(devices=[]):
        return load_model(folder)


def soft_labels(
    folders: Sequence[Path],
    rows: Rows,
    *,
    device: torch.device,
    dtype: torch.dtype,
    show: Show,
) -> list[SoftLabels]:
    """The mean probabilities of the teachers in ``folders`` for each row (``data.build_dataset``),
    in order. Raises ConfigError for a window that does not fit a teacher."""
    asked = repr([[row[key] for key in _ASKED] for row in rows])
    target = folder_for(folders, dtype, device, asked)
    models: list[Model] = []

    def write(start: int, end: int, path: Path) -> None:
        if not models:
            show(f"soft labels of {len(rows)} windows: {target}")
            models.extend(load_teacher(folder) for folder in folders)
            for model in models:
                _must_fit(model, rows)
        said = _mean([_said(model, rows[start:end], device, dtype) for model in models])
        tensors = {f"{i}.{n}": getattr(s, n) for i, s in enumerate(said) for n in NAMES}
        save_file(tensors, path)

    def read(path: Path) -> list[SoftLabels]:
        stored = load_file(path)
        return [
            SoftLabels(*(stored[f"{i}.{n}"] for n in NAMES))
            for i in range(len(stored) // len(NAMES))
        ]

    return in_parts(
        target, len(rows), size=_PART, suffix=".safetensors", write=write, read=read, show=show
    )


def _must_fit(model: Model, rows: Rows) -> None:
    room = room_for_pieces(model.network.encoder)
    words = _words(model)
    for row in rows:
        n = len(words(row["words"]).ids) + 2
        if room is not None and n > room:
            raise ConfigError(
                f"network.teachers: a window of {len(row['words'])} words has {n} pieces and does "
                f"not fit a teacher's {room} positions; lower data.max_pieces"
            )


def _words(model: Model) -> WordTokenizer:
    return WordTokenizer(model.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)


def _said(
    model: Model, rows: Rows, device: torch.device, dtype: torch.dtype
) -> Iterator[SoftLabels]:
    network = model.network.to(device).eval()
    words = _words(model)
    for start in range(0, len(rows), _BATCH):
        yield from _read(network, words, rows[start : start + _BATCH], device, dtype)


def _read(
    network: Network, words: WordTokenizer, rows: Rows, device: torch.device, dtype: torch.dtype
) -> list[SoftLabels]:
    """Of one batch. No generator: what it sets for torch would hold for its callers too."""
    inputs = [_window(row, words) for row in rows]
    windows = collate_windows(inputs, bos=words.bos, eos=words.eos, pad=words.pad).to(device)
    spans = collate_spans([_spans(row) for row in rows]).to(device)
    with torch.no_grad(), torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        vectors = network.encode(windows)
        mention, trigger = (x.float().softmax(-1).half().cpu() for x in network.tag(vectors))
        found = network.relate(vectors, windows, spans)
    status = found.status.float().softmax(-1).half().cpu()
    role, same_event = (x.float().sigmoid().half().cpu() for x in (found.role, found.same_event))
    types = spans.trigger_types.cpu()
    # Nobody learnt these two; they are certain.
    same_event *= types.unsqueeze(2) == types.unsqueeze(1)
    same_event.diagonal(dim1=1, dim2=2).fill_(1)
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


def _window(row: dict[str, Any], words: WordTokenizer) -> WindowInput:
    pieces = words(row["words"])
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
