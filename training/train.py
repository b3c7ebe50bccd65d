"""Training: ``accelerate launch -m conflictwire.training.train CONFIG``.

``conflictwire train CONFIG`` does the same. Reads down the page: set-up, loop, evaluation, finish.
A run folder holds the config, metrics as JSON lines, plots, the environment, checkpoints and, in
``best/``, the model folder. A run that was killed goes on from its last checkpoint when the same
command is given again, and ends with the same weights.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from conflictwire.batch import WindowBatch
from conflictwire.errors import ConfigError
from conflictwire.extractor import Extractor
from conflictwire.folder import save_model
from conflictwire.network import Decoding, Network
from conflictwire.scores import Calibration
from conflictwire.training.command import config_parser, exit_code, say
from conflictwire.training.config import TrainingConfig, load_config
from conflictwire.training.devset import SELECTED, tune
from conflictwire.training.losses import task_losses, total_loss
from conflictwire.training.optim import rate_at, set_rate
from conflictwire.training.progress import Progress
from conflictwire.training.room import room
from conflictwire.training.setup import Say, Setup, set_up
from conflictwire.training.targets import Gold, SpanChooser
from conflictwire.version import __version__
from torch import Tensor


@dataclass(frozen=True, slots=True)
class TrainingResult:
    run_dir: Path
    best_metrics: dict[str, Any]  # empty on all processes but the main one
    updates: int


def train(
    config: TrainingConfig, *, show: Say | None = None, progress: bool = False
) -> TrainingResult:
    """Train by ``config``; resume if its run folder holds a checkpoint.

    ``show`` gets lines for the user (main process only). Raises ConfigError if the run folder was
    made with other settings, FloatingPointError if the loss is no longer a number, and
    ConflictwireError if the disk is full; after the last two the same call resumes.
    """
    # ---- set-up
    setup = set_up(config, show)
    with room(setup.run.path):
        return _run(setup, progress)


def _run(setup: Setup, progress: bool) -> TrainingResult:
    config, state, main = setup.config, setup.state, setup.accelerator.is_main_process
    _resume(setup)

    # ---- loop
    with Progress(setup.total_updates, done=state.updates, shown=progress and main) as bar:
        while state.epoch < config.loop.epochs and not state.stopped:
            _train_epoch(setup, bar)
            state.epoch, state.batches_done = state.epoch + 1, 0
            if state.epoch % config.loop.evaluate_every == 0 or state.epoch == config.loop.epochs:
                _evaluate(setup)
            _keep(setup)
    if state.best_update is None:  # best/ was lost when no evaluation was left to replace it
        _evaluate(setup)
        _keep(setup)

    # ---- thresholds
    best_metrics = _finish(setup) if main else {}
    setup.accelerator.wait_for_everyone()
    setup.accelerator.end_training()
    return TrainingResult(setup.run.path, best_metrics, state.updates)


def _keep(setup: Setup) -> None:
    _save_checkpoint(setup)
    if setup.accelerator.is_main_process:
        setup.run.promote_best(setup.state.best_update)


# ---- checkpoints


def _resume(setup: Setup) -> None:
    """Load the last good checkpoint, if any; bring metrics and ``best/`` to where it stood."""
    accelerator, run, state = setup.accelerator, setup.run, setup.state
    found = run.latest_checkpoint(setup.say)
    if found is not None:
        folder, loop = found
        if loop.get("processes", accelerator.num_processes) != accelerator.num_processes:
            raise ConfigError(
                f"{run.path} was trained by {loop['processes']} processes, now there are "
                f"{accelerator.num_processes}: give --num_processes {loop['processes']}, or "
                "another --set run_dir"
            )
        accelerator.load_state(str(folder))
        setup.say(f"resumed after update {state.updates} of {setup.total_updates}")
    if accelerator.is_main_process:
        lost = run.drop_metrics_after(updates=state.updates, epochs=state.epoch)
        if lost:
            setup.say(
                f"metrics.jsonl was damaged: {lost} of {state.updates} updates are missing in it "
                "and in the plots; the weights do not depend on it"
            )
        run.promote_best(state.best_update)
    accelerator.wait_for_everyone()
    if state.best_update is not None and run.best_update() != state.best_update:
        setup.say("best/ is damaged or not of this checkpoint: the next evaluation replaces it")
        state.best, state.best_update = -1.0, None


def _save_checkpoint(setup: Setup) -> None:
    accelerator, state = setup.accelerator, setup.state
    accelerator.wait_for_everyone()
    folder = setup.run.pending_checkpoint(state.updates)
    # Weights, their average, and two moments of each in the optimiser.
    with room(folder, 4 * _weight_bytes(setup), half_written=folder):
        accelerator.save_state(str(folder), safe_serialization=True)
        accelerator.wait_for_everyone()
        if accelerator.is_main_process:
            loop = {
                **state.state_dict(),
                "seed": setup.config.seed,
                "processes": accelerator.num_processes,
                "version": __version__,
            }
            setup.run.commit_checkpoint(folder, loop)
    accelerator.wait_for_everyone()


def _weight_bytes(setup: Setup) -> int:
    return sum(p.numel() * p.element_size() for p in setup.average.module.parameters())


# ---- loop


@dataclass(slots=True)
class _Summed:
    """Losses since the last update."""

    tasks: dict[str, Tensor] = field(default_factory=dict)
    total: Tensor | float = 0.0
    n_words: int = 0

    def add(self, losses: dict[str, Tensor], total: Tensor, share: float, gold: Gold) -> None:
        for task, loss in losses.items():
            self.tasks[task] = self.tasks.get(task, 0.0) + loss.detach() * share
        self.total = self.total + total.detach() * share
        self.n_words += sum(len(row["words"]) for row in gold.rows)


def _train_epoch(setup: Setup, bar: Progress) -> None:
    """The rest of the epoch at which the loop stands."""
    config, accelerator, state = setup.config, setup.accelerator, setup.state
    model, optimiser = setup.model, setup.optimiser
    proposals = state.epoch >= config.loop.proposals_from_epoch
    setup.rows.shuffle(epoch=state.epoch)
    model.train()
    batches: Iterable[Any] = setup.loader
    if state.batches_done:
        batches = accelerator.skip_first_batches(setup.loader, state.batches_done)
    summed = _Summed()
    for windows, gold in batches:
        # ==== one step: forward, backward and, once enough batches are summed up, an update ====
        share = _share_of_update(state.batches_done, len(setup.loader), config.loop.accumulation)
        windows = windows.to(accelerator.device)
        windows = _hide_words(windows, config.loop.word_dropout, setup.words.tokenizer)
        with accelerator.accumulate(model):
            rate = rate_at(state.updates, setup.total_updates, config.optimiser.warmup_share)
            set_rate(optimiser, rate)
            chooser = SpanChooser(gold, setup.network_config, proposals=proposals)
            mention_logits, trigger_logits, relations = model(windows, chooser)
            losses = task_losses(gold, chooser.labels, mention_logits, trigger_logits, relations)
            loss = total_loss(losses, config.loss)
            # backward() divides by ``accumulation``, which the last update may not fill.
            accelerator.backward(loss * (share * config.loop.accumulation))
            if accelerator.sync_gradients:
                norm = accelerator.clip_grad_norm_(
                    model.parameters(), config.optimiser.max_grad_norm
                )
                _must_be_finite(setup, "gradient norm", norm)
            optimiser.step()
            optimiser.zero_grad()
        # ==== end of the step ====
        state.batches_done += 1
        summed.add(losses, loss, share, gold)
        if accelerator.sync_gradients:
            _after_update(setup, summed, rate, bar)
            summed = _Summed()


def _after_update(setup: Setup, summed: _Summed, rate: float, bar: Progress) -> None:
    accelerator, state = setup.accelerator, setup.state
    state.updates += 1
    setup.average.update_parameters(accelerator.unwrap_model(setup.model))
    values = torch.stack([torch.as_tensor(summed.total), *summed.tasks.values()])
    if accelerator.num_processes > 1:
        values = accelerator.reduce(values, reduction="mean")
    _must_be_finite(setup, "loss", values[0])
    if accelerator.is_main_process:
        loss, *parts = (round(v, 5) for v in values.tolist())
        setup.run.log(
            phase="step",
            update=state.updates,
            epoch=state.epoch,
            loss=loss,
            rate=round(rate, 6),
            **dict(zip(summed.tasks, parts, strict=True)),
        )
        bar.step(state.updates, loss, summed.n_words * accelerator.num_processes)
    if state.updates % setup.config.loop.checkpoint_every == 0:
        _save_checkpoint(setup)


def _share_of_update(batch: int, n_batches: int, accumulation: int) -> float:
    """1 / number of batches in the update that ``batch`` is part of; an epoch's last has fewer."""
    first = batch - batch % accumulation
    return 1 / min(accumulation, n_batches - first)


def _must_be_finite(setup: Setup, what: str, value: Any) -> None:
    """Called before the weights can reach a checkpoint; all processes see the same value."""
    # In half precision, gradients overflow now and then; the scaler then skips the update.
    if what == "gradient norm" and setup.accelerator.scaler is not None:
        return
    if not math.isfinite(float(value)):
        newest = setup.run.newest_checkpoint()
        kept = "no checkpoint was written yet" if newest is None else f"{newest} is good"
        raise FloatingPointError(
            f"{what} is {float(value)} after {setup.state.updates} updates; {kept}. The same "
            "command goes on from there; if it ends here again, start anew in another run_dir with "
            "a lower optimiser.lr or with loop.precision=no"
        )


def _hide_words(windows: WindowBatch, share: float, tokenizer: Any) -> WindowBatch:
    """Replace a random share of pieces by the mask token (start, end and padding excepted)."""
    if not share or tokenizer.mask_token_id is None:
        return windows
    inner = windows.piece_casing > 0
    hidden = (torch.rand(inner.shape, device=inner.device) < share) & inner
    return dataclasses.replace(
        windows, piece_ids=windows.piece_ids.masked_fill(hidden, tokenizer.mask_token_id)
    )


# ---- evaluation


def _evaluate(setup: Setup) -> None:
    """Score the averaged weights on dev; stage them as ``best/`` if they are the best so far."""
    accelerator, state = setup.accelerator, setup.state
    score = torch.zeros(1, dtype=torch.float64, device=accelerator.device)
    if accelerator.is_main_process:
        setup.extractor.network.eval()
        metrics = setup.devset.score(setup.devset.extract(setup.extractor), setup.extractor)
        score[0] = metrics["selected"] or 0.0
        setup.run.log(phase="dev", update=state.updates, epoch=state.epoch, **metrics)
        setup.run.plot()
        setup.say(f"epoch {state.epoch}: {_shown(metrics)}")
    if accelerator.num_processes > 1:
        score = accelerator.reduce(score, reduction="sum")
    selected = float(score[0])
    if selected > state.best:
        state.best, state.best_update = selected, state.updates
        state.evaluations_without_gain = 0
        if accelerator.is_main_process:
            info = {"update": state.updates, "epoch": state.epoch, "selected": selected}
            with room(setup.run.best, _weight_bytes(setup)):
                setup.run.stage_best(
                    info, lambda folder: _save(setup, setup.extractor.network, folder)
                )
    else:
        state.evaluations_without_gain += 1
    state.stopped = state.evaluations_without_gain >= setup.config.loop.patience


def _finish(setup: Setup) -> dict[str, Any]:
    """Choose thresholds for the best weights, store them with the model, log the final metrics."""
    run, devset, extractor = setup.run, setup.devset, setup.extractor
    network = Network.from_pretrained(str(run.best), local_files_only=True).to(extractor.device)
    # Not those that an earlier finish chose: finishing twice gives the same.
    network.config = dataclasses.replace(
        network.config, decoding=Decoding(), calibration=Calibration()
    )
    best = Extractor(network, setup.words, device=extractor.device, dtype=extractor.dtype)
    metrics: dict[str, Any]
    if setup.config.tune:
        network.config, metrics = tune(devset, best)
        with room(run.best, _weight_bytes(setup)):
            run.replace_best(lambda folder: _save(setup, network, folder))
        setup.say(f"tuned on dev: {network.config.decoding}")
    else:
        metrics = devset.score(devset.extract(best), best)
    run.log_final(metrics)
    run.plot()
    setup.say(f"best: {_shown(metrics)}")
    return metrics


def _save(setup: Setup, network: Network, folder: Path) -> None:
    save_model(folder, network, setup.words.tokenizer, setup.ontology)


def _shown(metrics: dict[str, Any]) -> str:
    return ", ".join(f"{k} {metrics[k] or 0.0:.3f}" for k in ("selected", *SELECTED))


# ---- command line


def main(argv: list[str] | None = None) -> int:
    parser = config_parser(
        "accelerate launch -m conflictwire.training.train",
        "Train a model; give the same command again to resume a killed run.",
    )
    options = parser.parse_args(argv)
    return exit_code(
        lambda: train(
            load_config(options.config, options.overrides), show=say, progress=sys.stderr.isatty()
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
