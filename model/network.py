"""The network: one shared encoder, two taggers, a status classifier and three pair classifiers.

    pieces ─ encoder ─ words ┬─ mention tagger (IOB2), trigger tagger (IOB2)
                             └─ spans ┬─ status (trigger)
                                      ├─ role (trigger, mention)
                                      ├─ same event (trigger, trigger)
                                      └─ same entity (mention, mention)

Letters in shapes: B windows, P pieces, W words, T triggers, M mentions, R roles, S statuses,
D encoder width.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin, snapshot_download
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from .batch import SpanBatch, WindowBatch
from .errors import ConfigError, ModelFolderError
from .features import CASINGS
from .heads import (
    RoleHead,
    SameEntityHead,
    SameEventHead,
    Scorer,
    Sizes,
    SpanVectors,
    pick,
    running_sum,
)
from .narrow import WIDTHS, narrow
from .scores import Calibration, Rescorer
from .stored import (
    SUMS_FILE,
    check_number,
    check_numbers,
    check_shapes,
    few_modules,
    read_json,
    read_shapes,
    read_tensors,
    renew_sum,
    replace_text,
)

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"
ARCHITECTURE = "conflictwire"
HUB_FILES = ["*.json", "*.safetensors", "*.yaml", "*.txt", SUMS_FILE]

_MAX_SIZE = 1 << 20  # of vectors and windows: what is far above all that makes sense
_FOREIGN = frozenset({"auto_map", "dtype", "num_labels", "quantization_config", "torch_dtype"})


@dataclass(frozen=True, slots=True)
class Decoding:
    """How scores become structure; tuned on dev, stored with the weights.

    Thresholds are probabilities, biases are logits.
    """

    role_threshold: float = 0.5
    same_event_threshold: float = 0.5
    same_entity_threshold: float = 0.5
    trigger_bias: float = 0.0  # logit added to every label but O
    mention_bias: float = 0.0
    trigger_begin_bias: float = 0.0  # to labels that begin a span, besides
    mention_begin_bias: float = 0.0


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Everything needed to rebuild the network but its weights."""

    encoder: dict[str, Any]  # the encoder's own Hugging Face config
    kinds: tuple[str, ...]
    event_types: tuple[str, ...]
    roles: tuple[str, ...]
    statuses: tuple[str, ...]
    max_pieces: int  # of a window, start and end tokens excluded
    overlap: int  # pieces that neighbouring windows share at most
    span_size: int  # width of span vectors
    pair_size: int  # width of pair vectors
    dropout: float
    decoding: Decoding = field(default_factory=Decoding)
    calibration: Calibration = field(default_factory=Calibration)
    rescorer: Rescorer = field(default_factory=Rescorer)

    @property
    def mention_labels(self) -> list[str]:
        return iob2_labels(self.kinds)

    @property
    def trigger_labels(self) -> list[str]:
        return iob2_labels(self.event_types)

    @property
    def sizes(self) -> Sizes:
        return Sizes(
            span=self.span_size,
            pair=self.pair_size,
            dropout=self.dropout,
            n_kinds=len(self.kinds),
            n_types=len(self.event_types),
            n_roles=len(self.roles),
            n_statuses=len(self.statuses),
        )

    def untuned(self) -> NetworkConfig:
        """Without what was chosen or fitted when training had ended."""
        return dataclasses.replace(
            self, decoding=Decoding(), calibration=Calibration(), rescorer=Rescorer()
        )

    def to_dict(self) -> dict[str, Any]:
        raw = dataclasses.asdict(self)
        return {
            "model_type": ARCHITECTURE,
            **raw,
            "mention_id2label": dict(enumerate(self.mention_labels)),
            "trigger_id2label": dict(enumerate(self.trigger_labels)),
        }

    @classmethod
    def from_dict(cls, raw: dict[str, Any], where: str) -> NetworkConfig:
        if raw.get("model_type") != ARCHITECTURE:
            raise ModelFolderError(
                f"{where}: model_type is {raw.get('model_type')!r}, expected {ARCHITECTURE!r}; "
                "this is not a conflictwire model"
            )
        names = {f.name for f in dataclasses.fields(cls)}
        missing = sorted(names - {"calibration", "rescorer"} - raw.keys())
        if missing:
            raise ModelFolderError(f"{where}: config.json lacks {', '.join(missing)}")
        _check(raw, f"{where}: config.json: ")
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in raw.items() if k in names
        }
        known = {f.name for f in dataclasses.fields(Decoding)}
        values["decoding"] = Decoding(**{k: v for k, v in raw["decoding"].items() if k in known})
        values["calibration"] = Calibration.from_dict(raw.get("calibration", {}))
        values["rescorer"] = Rescorer.from_dict(raw.get("rescorer", {}))
        return cls(**values)


def _check(raw: dict[str, Any], where: str) -> None:
    """The values of config.json, but for those of the encoder."""
    if not isinstance(raw["encoder"], dict):
        raise ModelFolderError(f"{where}encoder: expected an object")
    for key in ("kinds", "event_types", "roles", "statuses"):
        labels = raw[key]
        if not isinstance(labels, list) or not all(isinstance(v, str) for v in labels):
            raise ModelFolderError(f"{where}{key}: expected a list of labels")
    for key in ("span_size", "pair_size", "max_pieces"):
        check_number(raw[key], where + key, 1, _MAX_SIZE, whole=True)
    check_number(raw["overlap"], f"{where}overlap", 1, raw["max_pieces"] // 2, whole=True)
    check_number(raw["dropout"], f"{where}dropout", 0, 1, whole=False)
    for key in ("decoding", "calibration", "rescorer"):
        value = raw.get(key, {})
        if not isinstance(value, dict):
            raise ModelFolderError(f"{where}{key}: expected an object")
        check_numbers(value, where + key)


def iob2_labels(types: tuple[str, ...]) -> list[str]:
    """O first, then B- and I- of each type: label 1 + 2k begins type k, label 2 + 2k continues."""
    return ["O", *(f"{prefix}-{t}" for t in types for prefix in "BI")]


@dataclass(frozen=True, slots=True)
class Relations:
    """Logits of everything said about spans."""

    status: Tensor  # [B, T, S]
    role: Tensor  # [B, T, M, R], independent sigmoids: a mention may play two roles
    same_event: Tensor  # [B, T, T], symmetric
    same_entity: Tensor  # [B, M, M], symmetric


class Network(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="conflictwire",
):
    """See the module's docstring. ``save_pretrained`` and ``from_pretrained`` as in the hub."""

    encoder: Any  # a transformers model; its type is known only when it is loaded

    def __init__(self, config: NetworkConfig, encoder: Any = None) -> None:
        super().__init__()
        self.config = config
        self.encoder = encoder if encoder is not None else empty_encoder(config.encoder)
        if getattr(self.encoder, "pooler", None) is not None:
            self.encoder.pooler = None
        width = self.encoder.config.hidden_size
        room = room_for_pieces(self.encoder)
        if room is not None and config.max_pieces + 2 > room:
            raise ConfigError(
                f"max_pieces {config.max_pieces} + 2 does not fit the encoder's {room} positions"
            )
        embedding_width = self.encoder.get_input_embeddings().weight.shape[1]
        # Zero at first: training starts from the encoder as it was pre-trained.
        self.piece_casing = nn.Embedding(len(CASINGS) + 1, embedding_width)
        nn.init.zeros_(self.piece_casing.weight)
        self.word_casing = nn.Embedding(len(CASINGS), width)
        self.dropout = nn.Dropout(config.dropout)
        self.mention_tagger = nn.Linear(width, len(config.mention_labels))
        self.trigger_tagger = nn.Linear(width, len(config.trigger_labels))
        self.trigger_vectors = SpanVectors(width, config.span_size, config.dropout)
        self.mention_vectors = SpanVectors(width, config.span_size, config.dropout)
        self.status_type = nn.Embedding(len(config.event_types), config.span_size)
        self.status = Scorer(config.span_size, len(config.statuses), config.dropout)
        sizes = config.sizes
        self.role = RoleHead(sizes, width)
        self.same_event = SameEventHead(sizes)
        self.same_entity = SameEntityHead(sizes)
        for name, module in self.named_modules():
            if isinstance(module, nn.Embedding) and not name.startswith(("encoder", "piece_")):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(self.role.prior.weight)

    def encode(self, windows: WindowBatch) -> Tensor:
        """-> words [B, W, D]: first piece + mean of pieces + casing."""
        hidden = self._encode_pieces(windows)
        first, count = windows.word_first, windows.word_count
        sums = running_sum(hidden)
        mean = (pick(sums, first + count) - pick(sums, first)) / count.clamp(min=1).unsqueeze(-1)
        words: Tensor = pick(hidden, first) + mean.to(hidden.dtype)
        words = self.dropout(words + self.word_casing(windows.word_casing).to(words.dtype))
        return words

    def _encode_pieces(self, windows: WindowBatch) -> Tensor:
        """-> [B, P, D]"""
        embedding = self.encoder.get_input_embeddings()
        dtype = embedding.weight.dtype
        pieces = embedding(windows.piece_ids) + self.piece_casing(windows.piece_casing)
        # An encoder that is kept in half precision computes in it throughout.
        rest = nullcontext() if dtype == torch.float32 else torch.autocast(
            pieces.device.type, enabled=False
        )  # fmt: skip
        with rest:
            found = self.encoder(inputs_embeds=pieces.to(dtype), attention_mask=windows.piece_mask)
        hidden: Tensor = found.last_hidden_state
        return hidden

    def tag(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """Words [B, W, D] -> mention logits [B, W, 1 + 2 kinds], trigger logits likewise."""
        return self.mention_tagger(words), self.trigger_tagger(words)

    def relate(self, words: Tensor, windows: WindowBatch, spans: SpanBatch) -> Relations:
        sums = running_sum(words)
        triggers = self.trigger_vectors(words, sums, spans.triggers)
        mentions = self.mention_vectors(words, sums, spans.mentions)
        status = self.status(triggers + self.status_type(spans.trigger_types).to(triggers.dtype))
        role = self.role(triggers, mentions, words, windows, spans)
        same_entity = self.same_entity(mentions, spans)
        # Detached: agreement of arguments informs event identity and is not bent to fit it.
        same_event = self.same_event(
            triggers,
            windows,
            spans,
            role.detach().float(),
            same_entity.detach().float(),
            status.detach().float(),
        )
        return Relations(status, role, same_event, same_entity)

    def forward(
        self, windows: WindowBatch, choose_spans: Callable[[Tensor, Tensor], SpanBatch]
    ) -> tuple[Tensor, Tensor, Relations]:
        """Training pass; ``choose_spans`` turns the two taggers' logits into spans to relate.

        Returns mention logits, trigger logits and relations.
        """
        words = self.encode(windows)
        mention_logits, trigger_logits = self.tag(words)
        spans = choose_spans(mention_logits.detach(), trigger_logits.detach())
        return mention_logits, trigger_logits, self.relate(words, windows, spans)

    # Saving and loading: the mixin's two hooks.

    def _save_pretrained(self, save_directory: Path) -> None:
        save_network(self, Path(save_directory))

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | Path, **settings: Any) -> Network:
        """A folder or a Hugging Face id -> Network; ``local_files_only=True`` rules out fetching.

        Raises ModelFolderError for a folder that is broken or holds something else.
        """
        folder = Path(pretrained_model_name_or_path)
        if folder.is_dir():  # the mixin would read config.json itself, without our checks
            return load_network(folder)
        network: Network = super().from_pretrained(str(pretrained_model_name_or_path), **settings)
        return network

    @classmethod
    def _from_pretrained(
        cls,
        *,
        model_id: str,
        revision: str | None = None,
        cache_dir: str | Path | None = None,
        force_download: bool = False,
        local_files_only: bool = False,
        token: str | bool | None = None,
        **_: Any,
    ) -> Network:
        folder = snapshot_download(
            model_id,
            revision=revision,
            cache_dir=cache_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            token=token,
            allow_patterns=HUB_FILES,
        )
        return load_network(Path(folder))


def save_config(config: NetworkConfig, folder: Path) -> None:
    """Write config.json alone, e.g. with other thresholds for the same weights."""
    text = json.dumps(config.to_dict(), indent=2, ensure_ascii=False)
    replace_text(folder / CONFIG_FILE, text + "\n")
    renew_sum(folder, CONFIG_FILE)


def save_network(network: Network, folder: Path, *, dtype: torch.dtype = torch.float32) -> None:
    """Write config.json and model.safetensors; floats are stored as ``dtype``."""
    save_config(network.config, folder)
    tensors = {
        k: v.detach().cpu().to(dtype if v.is_floating_point() else v.dtype).contiguous()
        for k, v in network.state_dict().items()
    }
    path = folder / WEIGHTS_FILE
    save_file(tensors, str(path), metadata={"format": "pt"})
    path.chmod(0o644)  # safetensors leaves it readable by its writer alone
    renew_sum(folder, WEIGHTS_FILE)


def load_network(folder: Path) -> Network:
    """A model folder -> Network in evaluation mode, float32. Raises ModelFolderError.

    No memory is given for a network that the stored tensors do not fill: it is built without
    any at first, and compared.
    """
    config = NetworkConfig.from_dict(read_json(folder / CONFIG_FILE), str(folder))
    path = folder / WEIGHTS_FILE
    shapes = read_shapes(path)
    try:
        with few_modules(len(shapes), str(folder)), torch.device("meta"):
            outline = Network(config)
        check_shapes(outline, shapes, path)
        network = Network(config)
    except ModelFolderError:
        raise
    except Exception as error:  # transformers raises many types for settings of a wrong type
        raise ModelFolderError(f"{folder}: config.json cannot be used ({error})") from None
    network.load_state_dict(read_tensors(path))  # stored in half precision, copied into float32
    return network.eval()


def room_for_pieces(encoder: Any) -> int | None:
    """How many pieces the encoder can place; None if it sets no limit."""
    room = getattr(encoder.config, "max_position_embeddings", None)
    if not room or room < 0:
        return None
    table = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)  # RoBERTa and MPNet count from behind it
    return int(room) if padding is None else int(room) - padding - 1


def empty_encoder(raw: dict[str, Any]) -> Any:
    """An encoder with random weights by its Hugging Face config."""
    settings = {key: value for key, value in raw.items() if not _is_foreign(key)}
    model_type = settings.pop("model_type", None)
    # Text encoders only: other families fetch parts of theirs, such as image backbones.
    if model_type not in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        raise ModelFolderError(
            f"encoder type {model_type!r} is unknown to the installed transformers, or no encoder "
            "of text"
        )
    widths = settings.pop(WIDTHS, None)
    config = AutoConfig.for_model(model_type, **settings)
    encoder = AutoModel.from_config(config, trust_remote_code=False)  # type: ignore[no-untyped-call]
    if widths is not None:
        narrow(encoder, widths)
    return encoder


def _is_foreign(key: str) -> bool:
    """Settings that name code of others (kernels of the hub go by the name of an attention), that
    cost memory and say nothing of the encoder, or that make its weights other than float32."""
    return key.startswith("_") or key.endswith("_implementation") or key in _FOREIGN
