"""Training: ``accelerate launch -m conflictwire.training.train CONFIG`` (or ``conflictwire train``).

Reads down the page: settings, data, network, optimiser, loop. A run folder holds the config,
metrics as JSON lines, plots, the environment, checkpoints and, in ``best/``, the model folder.
A run that was killed goes on from its last checkpoint when the same command is given again.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from conflictwire.coder import cpu_has_bf16
from conflictwire.errors import ConfigError
from conflictwire.extractor import Extractor
from conflictwire.features import WordTokenizer
from conflictwire.folder import save_model
from conflictwire.network import Network, NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.training.config import OptimiserConfig, TrainingConfig, load_config
from conflictwire.training.data import (
    Collator,
    Gold,
    SpanChooser,
    build_dataset,
    load_documents,
    read_ids,
)
from conflictwire.training.devset import DevSet, tune_decoding
from conflictwire.training.encoders import load_encoder
from conflictwire.training.losses import task_losses, total_loss
from conflictwire.training.progress import Progress
from conflictwire.training.runs import Run


@dataclass(frozen=True, slots=True)
class TrainingResult:
    run_dir: Path
    best_metrics: dict[str, Any]
    updates: int


class ShuffledRows(torch.utils.data.Dataset):  # type: ignore[type-arg]
    """A data set in an order that depends on seed and epoch alone, so that resuming repeats it.

    Rows of like length are put near each other (less padding), batches in random order.
    """

    def __init__(self, rows: Any, *, seed: int, batch_rows: int) -> None:
        self.rows, self.seed, self.batch_rows = rows, seed, batch_rows
        self.lengths = [len(ids) for ids in rows["piece_ids"]]
        self.order: list[int] = list(range(len(rows)))

    def set_epoch(self, epoch: int) -> None:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.rows), generator=generator).tolist()
        pool = self.batch_rows * 8
        batches = []
        for start in range(0, len(order), pool):
            near = sorted(order[start : start + pool], key=lambda i: self.lengths[i])
            batches += [near[i : i + self.batch_rows] for i in range(0, len(near), self.batch_rows)]
        # A short batch goes last, so that all others are full whatever cuts them.
        batches.sort(key=len, reverse=True)
        full = [b for b in batches if len(b) == self.batch_rows]
        shuffled = torch.randperm(len(full), generator=generator).tolist()
        batches = [full[i] for i in shuffled] + batches[len(full) :]
        self.order = [i for batch in batches for i in batch]

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row: dict[str, Any] = self.rows[self.order[index]]
        return row


@dataclass(slots=True)
class LoopState:
    """Where the loop stands; saved with every checkpoint."""

    epoch: int = 0
    batches_done: int = 0  # of this epoch
    updates: int = 0
    best: float = -1.0
    evaluations_without_gain: int = 0
    stopped: bool = False

    def state_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for key, value in state.items():
            setattr(self, key, value)


def train(
    config: TrainingConfig, *, show: Callable[[str], None] | None = None, progress: bool = False
) -> TrainingResult:
    """Train by ``config``; resume if its run folder holds a checkpoint.

    ``show`` gets lines for the user (main process only). Raises ConfigError if the run folder was
    made with other settings.
    """
    say = show or (lambda _: None)
    if config.loop.threads:
        torch.set_num_threads(config.loop.threads)

    # ---- accelerator and run folder
    accelerator = Accelerator(
        mixed_precision=_precision(config.loop.precision),
        gradient_accumulation_steps=config.loop.accumulation,
    )
    run = Run(config.run_path)
    if accelerator.is_main_process:
        run.open(config)
    accelerator.wait_for_everyone()
    set_seed(config.seed)

    # ---- data, tokenizer, encoder
    ontology = Ontology.load(config.network.ontology)
    encoder, tokenizer = load_encoder(
        config.network.encoder, attention_dropout=config.network.attention_dropout
    )
    words = WordTokenizer(tokenizer, max_pieces_per_word=min(16, config.data.overlap))
    network_config = _network_config(config, encoder, ontology)
    left_out = read_ids(config.data.leave_out)
    documents = load_documents(config.data.train, ontology)
    documents = [d for d in documents if d.id not in left_out]
    dataset, coverage = build_dataset(documents, words, network_config)
    dev_documents = load_documents(config.data.dev, ontology)
    if accelerator.is_main_process:
        say(f"{len(documents)} training documents, {len(dataset)} windows; run: {run.path}")
        for line in coverage.lines():
            say(f"  {line}")

    # ---- network and optimiser
    network = Network(network_config, encoder)
    average = _average(network, config.loop.ema_decay)
    optimiser = torch.optim.AdamW(_groups(network, config.optimiser))
    rows = ShuffledRows(
        dataset,
        seed=config.seed,
        batch_rows=config.loop.batch_windows * accelerator.num_processes,
    )
    loader = DataLoader(rows, batch_size=config.loop.batch_windows, collate_fn=Collator(words))
    model, optimiser, loader = accelerator.prepare(network, optimiser, loader)
    average.to(accelerator.device)
    updates_per_epoch = math.ceil(len(loader) / config.loop.accumulation)
    total_updates = updates_per_epoch * config.loop.epochs
    state = LoopState()
    accelerator.register_for_checkpointing(state, average)
    extractor = Extractor(
        average.module,
        words,
        device=accelerator.device,
        dtype=torch.bfloat16 if accelerator.mixed_precision == "bf16" else torch.float32,
    )
    devset = DevSet(dev_documents, extractor)

    # ---- resume
    checkpoint = run.latest_checkpoint()
    if checkpoint is not None:
        accelerator.load_state(str(checkpoint))
        if accelerator.is_main_process:
            run.drop_metrics_after(state.updates)
            say(f"resumed after update {state.updates} of {total_updates}")
    accelerator.wait_for_everyone()

    def save_checkpoint() -> None:
        if accelerator.num_processes > 1:
            accelerator.wait_for_everyone()
        folder = run.pending_checkpoint(state.updates)
        accelerator.save_state(str(folder), safe_serialization=True)
        accelerator.wait_for_everyone()
        if accelerator.is_main_process:
            run.commit_checkpoint(folder, {**state.state_dict(), "seed": config.seed})
        accelerator.wait_for_everyone()

    # ---- loop
    bar = Progress(total_updates, done=state.updates, shown=progress and accelerator.is_main_process)
    with bar:
        while state.epoch < config.loop.epochs and not state.stopped:
            rows.set_epoch(state.epoch)
            model.train()
            batches: Iterable[Any] = loader
            if state.batches_done:
                batches = accelerator.skip_first_batches(loader, state.batches_done)
            for windows, gold in batches:
                # ==== one step ====
                windows = windows.to(accelerator.device)
                windows = _hide_words(windows, config.loop.word_dropout, tokenizer)
                with accelerator.accumulate(model):
                    rate = _rate(state.updates, total_updates, config.optimiser.warmup_share)
                    for group in optimiser.param_groups:
                        group["lr"] = group["peak_lr"] * rate
                    chooser = SpanChooser(
                        gold,
                        network_config,
                        proposals=state.epoch >= config.loop.proposals_from_epoch,
                    )
                    output = model(windows, chooser)
                    assert chooser.labels is not None
                    losses = task_losses(gold, chooser.labels, *output)
                    loss = total_loss(losses, config.loss)
                    accelerator.backward(loss)
                    if accelerator.sync_gradients:
                        accelerator.clip_grad_norm_(
                            model.parameters(), config.optimiser.max_grad_norm
                        )
                    optimiser.step()
                    optimiser.zero_grad()
                # ==== end of the step ====
                state.batches_done += 1
                if not accelerator.sync_gradients:
                    continue
                state.updates += 1
                average.update_parameters(accelerator.unwrap_model(model))
                value = float(loss.detach())
                if accelerator.is_main_process:
                    if not math.isfinite(value):
                        raise FloatingPointError(
                            f"loss is {value} at update {state.updates}; the last checkpoint in "
                            f"{run.path} is good: lower optimiser.lr or set loop.precision=no"
                        )
                    parts = {k: round(float(v.detach()), 5) for k, v in losses.items()}
                    run.log(phase="step", update=state.updates, epoch=state.epoch,
                            loss=round(value, 5), rate=rate, **parts)
                    bar.step(state.updates, value, _n_words(gold))
                if state.updates % config.loop.checkpoint_every == 0:
                    save_checkpoint()
            state.epoch += 1
            state.batches_done = 0
            if state.epoch % config.loop.evaluate_every == 0 or state.epoch == config.loop.epochs:
                _evaluate(accelerator, run, state, devset, extractor, words, ontology, say)
                state.stopped = state.evaluations_without_gain >= config.loop.patience
            save_checkpoint()

    # ---- thresholds
    best_metrics: dict[str, Any] = {}
    if accelerator.is_main_process:
        best_metrics = _finish(config, run, devset, extractor, words, ontology, say)
    accelerator.wait_for_everyone()
    accelerator.end_training()
    return TrainingResult(run.path, best_metrics, state.updates)


def _evaluate(
    accelerator: Accelerator,
    run: Run,
    state: LoopState,
    devset: DevSet,
    extractor: Extractor,
    words: WordTokenizer,
    ontology: Ontology,
    say: Callable[[str], None],
) -> None:
    """Score the averaged weights on dev; keep them in ``best/`` if they are the best so far."""
    verdict = torch.zeros(1, device=accelerator.device)
    if accelerator.is_main_process:
        extractor.network.eval()
        metrics = devset.score(devset.extract(extractor), extractor)
        verdict[0] = metrics["selected"] or 0.0
        run.log(phase="dev", update=state.updates, epoch=state.epoch, **metrics)
        run.plot()
        shown = ("selected", "mention_f1", "trigger_cls_f1", "event_f1", "argument_f1",
                 "status_accuracy")
        say(f"epoch {state.epoch}: " + ", ".join(f"{k} {metrics[k] or 0:.3f}" for k in shown))
    if accelerator.num_processes > 1:
        verdict = accelerator.reduce(verdict, reduction="sum")
    selected = float(verdict[0])
    if selected > state.best:
        state.best, state.evaluations_without_gain = selected, 0
        if accelerator.is_main_process:
            save_model(run.best, extractor.network, words.tokenizer, ontology)
    else:
        state.evaluations_without_gain += 1


def _finish(
    config: TrainingConfig,
    run: Run,
    devset: DevSet,
    extractor: Extractor,
    words: WordTokenizer,
    ontology: Ontology,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Choose thresholds for the best weights, store them with the model, log the final metrics."""
    network = Network.from_pretrained(str(run.best), local_files_only=True).to(extractor.device)
    best = Extractor(network, words, device=extractor.device, dtype=extractor.dtype)
    metrics: dict[str, Any]
    if config.tune:
        decoding, metrics = tune_decoding(devset, best)
        network.config = dataclasses.replace(network.config, decoding=decoding)
        save_model(run.best, network, words.tokenizer, ontology)
        say(f"tuned on dev: {decoding}")
    else:
        metrics = devset.score(devset.extract(best), best)
    run.log_final(metrics)
    run.plot()
    say("best: " + ", ".join(f"{k} {v:.3f}" for k, v in metrics.items() if v is not None))
    return metrics


def _network_config(config: TrainingConfig, encoder: Any, ontology: Ontology) -> NetworkConfig:
    return NetworkConfig(
        encoder=json.loads(encoder.config.to_json_string(use_diff=False)),
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


def _average(network: Network, decay: float) -> AveragedModel:
    """Exponential moving average of the weights; with decay 0 it follows them exactly."""
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=False)


def _groups(network: Network, settings: OptimiserConfig) -> list[dict[str, Any]]:
    """Encoder and heads with their own rates; no decay for biases, norms and embeddings of one row."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        key = (name.startswith("encoder."), parameter.ndim > 1)
        groups.setdefault(key, []).append(parameter)
    return [
        {
            "params": parameters,
            "peak_lr": settings.lr if in_encoder else settings.heads_lr,
            "lr": 0.0,
            "weight_decay": settings.weight_decay if decays else 0.0,
        }
        for (in_encoder, decays), parameters in groups.items()
    ]


def _rate(update: int, total: int, warmup_share: float) -> float:
    """Linear warm-up from 0, then linear decay to 0; a share of the peak rate."""
    warmup = max(1, round(total * warmup_share))
    if update < warmup:
        return (update + 1) / warmup
    return max(0.0, (total - update) / max(1, total - warmup))


def _hide_words(windows: Any, share: float, tokenizer: Any) -> Any:
    """Replace a random share of pieces by the mask token (start, end and padding excepted)."""
    if not share or tokenizer.mask_token_id is None:
        return windows
    inner = windows.piece_casing > 0
    hidden = (torch.rand(inner.shape, device=inner.device) < share) & inner
    return dataclasses.replace(
        windows, piece_ids=windows.piece_ids.masked_fill(hidden, tokenizer.mask_token_id)
    )


def _n_words(gold: Gold) -> int:
    return sum(len(row["words"]) for row in gold.rows)


def _precision(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    return "bf16" if cpu_has_bf16() else "no"


def main(argv: list[str] | None = None) -> int:
    import argparse
    import sys

    parser = argparse.ArgumentParser(
        prog="accelerate launch -m conflictwire.training.train",
        description="Train a model; give the same command again to resume a killed run.",
    )
    parser.add_argument("config", help="a YAML file or the name of a packaged config")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
        help="override a setting, e.g. --set optimiser.lr=1e-4",
    )
    options = parser.parse_args(argv)
    try:
        config = load_config(options.config, options.overrides)
        train(config, show=lambda line: print(line, file=sys.stderr, flush=True),
              progress=sys.stderr.isatty())
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
