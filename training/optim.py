"""What moves the weights: parameter groups, the learning rate's course, the moving average."""

from __future__ import annotations

from typing import Any

from conflictwire.errors import ConfigError
from conflictwire.network import Network
from conflictwire.training.config import OptimiserConfig
from conflictwire.training.encoders import layers_of
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def freeze(network: Network, n_layers: int) -> None:
    """Keep embeddings and the first ``n_layers`` layers of the encoder as they are; 0: none.

    Nothing is computed backwards through them: freezing half the layers saves a third of the time.
    Raises ConfigError if the encoder has fewer layers, or keeps them in no list.
    """
    if not n_layers:
        return
    layers = layers_of(network.encoder)
    if layers is None or n_layers > len(layers):
        size = network.encoder.config.num_hidden_layers
        raise ConfigError(f"network.freeze_layers: {n_layers} of an encoder of {size} layers")
    # All but the upper layers: whatever stands before or beside the first one (positions, casing)
    # could only be learnt by going back through all of them.
    network.piece_casing.requires_grad_(False)
    network.encoder.requires_grad_(False)
    layers[n_layers:].requires_grad_(True)


def parameter_groups(network: Network, settings: OptimiserConfig) -> list[dict[str, Any]]:
    """Encoder and heads with their own peak rates; no weight decay for biases and norms.

    Frozen parameters are left out.
    """
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
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


def rate_at(update: int, total: int, warmup_share: float) -> float:
    """Linear warm-up, then linear decay to 0; a share of the peak rate.

    ``update`` counts from 0 to ``total`` - 1.
    """
    warmup = max(1, round(total * warmup_share))
    if update < warmup:
        return (update + 1) / warmup
    return max(0.0, (total - update) / max(1, total - warmup))


def set_rate(optimiser: Any, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = group["peak_lr"] * rate


def moving_average(network: Network, decay: float) -> AveragedModel:
    """Exponential moving average of the weights; with decay 0 it follows them exactly."""
    average = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    return AveragedModel(network, multi_avg_fn=average, use_buffers=False)
