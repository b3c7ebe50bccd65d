"""Targets and logits -> the multi-task loss, in nats per word."""

from __future__ import annotations

import torch
from conflictwire.network import Relations
from conflictwire.training.config import LossConfig
from conflictwire.training.targets import Gold, Labels
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy


def task_losses(
    gold: Gold, labels: Labels, mention_logits: Tensor, trigger_logits: Tensor, found: Relations
) -> dict[str, Tensor]:
    """Task -> summed negative log-likelihood of the batch, divided by its number of words.

    Dividing all tasks by the words keeps them in proportion: the total is the log-likelihood of
    the whole annotation.
    """
    device = mention_logits.device
    n_words = gold.mention.sum().clamp(min=1).to(device)
    sums = {
        "mention": _classes(mention_logits, gold.mention.to(device)),
        "trigger": _classes(trigger_logits, gold.trigger.to(device)),
        "status": _classes(found.status, labels.status),
        "role": _masked(found.role, labels.role, labels.role_mask.unsqueeze(-1)),
        "same_event": _masked(found.same_event, labels.same_event, labels.same_event_mask),
        "same_entity": _masked(found.same_entity, labels.same_entity, labels.same_entity_mask),
    }
    return {task: value / n_words for task, value in sums.items()}


def total_loss(losses: dict[str, Tensor], weights: LossConfig) -> Tensor:
    return torch.stack([getattr(weights, task) * loss for task, loss in losses.items()]).sum()


def _classes(logits: Tensor, target: Tensor) -> Tensor:
    """Logits and target [B, N, labels]; a target of zeros counts nothing."""
    return cross_entropy(logits.float().flatten(0, 1), target.flatten(0, 1), reduction="sum")


def _masked(logits: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    loss = binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    return (loss * mask).sum()
