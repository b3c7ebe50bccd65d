"""Config -> all that the training loop works with: data, network, optimiser, run folder."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import InitProcessGroupKwargs, set_seed
from conflictwire.document import Document
from conflictwire.errors import ConfigError
from conflictwire.extractor import Extractor
from conflictwire.features import MAX_WORD_PIECES, WordTokenizer
from conflictwire.network import Network, NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.processor import cpu_has_bf16
from conflictwire.training.config import TrainingConfig, ontology_source
from conflictwire.training.data import (
    build_dataset,
    load_documents,
    outside,
    own_metrics,
    read_ids,
)
from conflictwire.training.devset import DevSet
from conflictwire.training.encoders import keep_layers, load_encoder
from conflictwire.training.optim import freeze, moving_average, parameter_groups
from conflictwire.training.order import ShuffledRows
from conflictwire.training.runs import Run
from conflictwire.training.targets import Collator, Softening
from conflictwire.training.teacher import soft_labels, teacher_folders
from conflictwire.training.unlabelled import annotated
from conflictwire.training.warm import encoder_of, keep_heads, kept_model
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

Say = Callable[[str], None]


@dataclass(slots=True)
class LoopState:
    """Where the loop stands; saved with every checkpoint."""

    epoch: int = 0
    batches_done: int = 0  # of this epoch, by each process
    updates: int = 0
    best: float = -1.0
    best_update: int | None = None
    evaluations_without_gain: int = 0
    stopped: bool = False

    def state_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for key, value in state.items():
            setattr(self, key, value)


@dataclass(slots=True)
class Setup:
    """All that the stages share."""

    config: TrainingConfig
    accelerator: Accelerator
    run: Run
    say: Say
    ontology: Ontology
    words: WordTokenizer
    network_config: NetworkConfig
    rows: ShuffledRows
    loader: Any  # the prepared DataLoader
    model: Any  # the prepared Network
    optimiser: Any  # the prepared AdamW
    average: AveragedModel  # of the weights; what is scored and saved
    extractor: Extractor  # over ``average``
    devset: DevSet
    state: LoopState

    @property
    def updates_per_epoch(self) -> int:
        return math.ceil(len(self.loader) / self.config.loop.accumulation)

    @property
    def total_updates(self) -> int:
        return self.updates_per_epoch * self.config.loop.epochs


def set_up(config: TrainingConfig, show: Say | None) -> Setup:
    """Read the data, build the network, open the run folder. Raises ConfigError and DataError.

    The folder is opened last: a set-up that fails leaves none behind.
    """
    if config.loop.threads:
        torch.set_num_threads(config.loop.threads)

    # accelerator
    accelerator = Accelerator(
        mixed_precision=_precision(config.loop.precision),
        gradient_accumulation_steps=config.loop.accumulation,
        # The others wait while the main process asks the teachers, and evaluates.
        kwargs_handlers=[InitProcessGroupKwargs(timeout=timedelta(days=1))],
    )
    main = accelerator.is_main_process
    say = show if show is not None and main else _say_nothing
    run = Run(config.run_path)
    run.check(config)
    if accelerator.num_processes == 1 and _several_wanted():
        say(
            "one process alone, though the launcher was asked for several: on CPUs accelerate "
            "launch needs MPI for them, torchrun does not (ACCELERATE_USE_CPU=true torchrun "
            "--nproc-per-node N -m conflictwire.training.train CONFIG)"
        )
    set_seed(config.seed)

    # labels, encoder, tokenizer
    ontology = Ontology.load(ontology_source(config.network.ontology))
    name, dropout = config.network.encoder, config.network.attention_dropout
    trained = kept_model(name) if config.network.heads == "kept" else None
    encoder, tokenizer = (
        load_encoder(name, attention_dropout=dropout)
        if trained is None
        else encoder_of(trained, attention_dropout=dropout)
    )
    keep_layers(encoder, config.network.layers)
    words = WordTokenizer(tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
    network_config = _network_config(config, encoder, ontology)

    # data
    teachers = teacher_folders(config.network.teachers, network_config)
    labelled, dev_documents = _documents(config, ontology)
    left_out = read_ids(config.data.leave_out)
    documents = [d for d in labelled if d.id not in left_out]
    if config.data.unlabelled:
        with accelerator.main_process_first():
            documents += annotated(
                [outside(source) for source in config.data.unlabelled],
                teachers[0],
                # With those that are left out: what is not to be learnt is not to be read either.
                [*labelled, *dev_documents],
                ontology,
                leave_out=left_out,
                device=accelerator.device,
                dtype=_dtype(accelerator),
                show=say,
            )
    dataset, coverage = build_dataset(documents, words, network_config)
    say(f"{len(documents)} training documents, {len(dataset)} windows; run: {run.path}")
    for line in coverage.lines():
        say(f"  {line}")
    softening = None
    if teachers:
        with accelerator.main_process_first():  # it asks them, the others read what they said
            labels = soft_labels(
                teachers,
                dataset.to_list(),
                device=accelerator.device,
                dtype=_dtype(accelerator),
                show=say,
            )
        softening = Softening(labels, config.loss.teachers)
    batch_windows = config.loop.batch_windows
    rows = ShuffledRows(
        dataset,
        seed=config.seed,
        batch_rows=batch_windows * accelerator.num_processes,
        empty_share=config.data.empty_share,
    )
    loader = DataLoader(
        rows,
        batch_size=batch_windows,
        collate_fn=Collator(words, network_config, softening),
        # One of its own: else each pass would draw a number from the global one, and a pass that
        # is resumed half-way would draw it a second time.
        generator=torch.Generator(),
    )

    # network, average, optimiser
    network = Network(network_config, encoder)
    if trained is not None:
        keep_heads(network, trained.network)
    freeze(network, config.network.freeze_layers)
    average = moving_average(network, config.loop.ema_decay)
    optimiser = torch.optim.AdamW(parameter_groups(network, config.optimiser))
    model, optimiser, loader = accelerator.prepare(network, optimiser, loader)
    average.to(accelerator.device)
    extractor = Extractor(
        cast(Network, average.module),
        words,
        device=accelerator.device,
        dtype=_dtype(accelerator),
    )
    state = LoopState()
    accelerator.register_for_checkpointing(state, average)
    # The same weights everywhere, but each process drops out its own units.
    set_seed(config.seed, device_specific=True)
    devset = DevSet(
        dev_documents,
        extractor,
        selected=config.loop.select,
        own_metrics=own_metrics(config.data.dev),
    )

    # run folder
    if main:
        run.open(config, coverage.to_dict())
    accelerator.wait_for_everyone()
    return Setup(
        config, accelerator, run, say, ontology, words, network_config, rows, loader, model,
        optimiser, average, extractor, devset, state,
    )  # fmt: skip


def _documents(config: TrainingConfig, ontology: Ontology) -> tuple[list[Document], list[Document]]:
    """-> training documents, those that are left out among them, and dev documents."""
    train = load_documents(config.data.train, ontology)
    dev = load_documents(config.data.dev, ontology)
    if not dev:
        raise ConfigError("data.dev holds no documents")
    return train, dev


def _dtype(accelerator: Accelerator) -> torch.dtype:
    """In which networks are read where they do not train."""
    return torch.bfloat16 if accelerator.mixed_precision == "bf16" else torch.float32


def _several_wanted() -> bool:
    """Whether ``accelerate launch`` was asked for several processes and started one itself.

    It then names a meeting place for them, but gives this one no number among them.
    """
    return "MASTER_PORT" in os.environ and "WORLD_SIZE" not in os.environ


def _say_nothing(_: str) -> None:
    pass


def _network_config(config: TrainingConfig, encoder: Any, ontology: Ontology) -> NetworkConfig:
    settings = json.loads(encoder.config.to_json_string(use_diff=False))
    settings.pop("_name_or_path", None)  # a folder of the machine that trains
    return NetworkConfig(
        encoder=settings,
        kinds=tuple(ontology.kinds),
        event_types=tuple(ontology.event_types),
        roles=tuple(ontology.roles),
        statuses=tuple(ontology.statuses),
        max_pieces=config.data.max_pieces,
        overlap=config.data.overlap,
        span_size=config.network.span_size,
        pair_size=config.network.pair_size,
        dropout=config.network.dropout,
    )


def _precision(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    device = PartialState().device.type
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    return "bf16" if device == "cpu" and cpu_has_bf16() else "no"
