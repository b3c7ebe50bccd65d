"""Named entities of ten types in texts on defence and security: re3d, in the split of ConfliBERT.

Scored as published: entities by seqeval in its default mode, the best epoch by dev, the mean over
training runs that differ in the seed. The runs are ``bench-re3d`` and, where they lie beside it,
``bench-re3d-seed14`` and ``bench-re3d-seed15``, each trained by one command, e.g.
``conflictwire train bench/re3d --set seed=14 --set name=bench-re3d-seed14``. They are scored one by
one, no votes are taken. With a model given, it is that one alone.

The model reads each block as a text of its own, its tokens with a space between; what it finds is
written back onto the tokens of the file in IOB2, so that every token has a label. In gold every
span begins with B-, so strict IOB2 gives the same figures (``micro_f1_strict``); they differ where
a file is broken. The macro figure is the mean over the types that gold or prediction has.

Instance (the end of a block)::

    in      O
    Basra   B-Location
    .       O
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from ...errors import ConfigError, DataError
from ...files import data_folder, model_folder, run_folder
from ..conll import FORM, Block, chunks, read_conll
from ..counts import PRF, macro, tally, total
from ..tokens import count_chunks, label
from .base import Benchmark, Options, run_name, with_baselines
from .checkpoint import describe

if TYPE_CHECKING:
    from conflictwire import Coder

    from ...document import Mention

__all__ = ["BENCHMARK", "Scored", "figures", "score", "write_labels"]

OTHER_SEEDS = (14, 15)
TRAINING = "re3d/train.conll"

ByType = dict[str, PRF]


@dataclass(frozen=True, slots=True)
class Scored:
    """Counts per type of each block, as seqeval reads the labels in its default mode and by strict
    IOB2."""

    default: list[ByType]
    strict: list[ByType]


def run(path: Path, options: Options) -> dict[str, Any]:
    blocks = read_conll(path)
    scored: dict[str, Scored] = {}
    failed: dict[str, None] = {}  # in order, without repetition
    n_dropped = 0
    runs = _runs(options)
    for one in runs:
        coder = one.coder()
        _check_labels(coder, blocks, path, options)
        labels = []
        for block, mentions in zip(blocks, _predict(coder, blocks, options), strict=True):
            if mentions is None:
                failed[f"block in line {block.line}"] = None
            found, dropped = write_labels(block, mentions or ())
            labels.append(found)
            n_dropped += dropped
        scored[_name(one)] = score(blocks, labels)
    return {
        **figures(scored, options),
        "n": len(blocks),
        "n_tokens": sum(len(b.tokens) for b in blocks),
        "dropped_in_labels": n_dropped,
        **(with_baselines(lambda: _baselines(blocks, options)) if options.baselines else {}),
        **({"training_seed": _seeds(runs)} if len(runs) > 1 else {}),  # else the frame tells it
        "failed": list(failed),
    }


# ---- models


def _runs(options: Options) -> list[Options]:
    """The model given; else the run of the config, and those of other seeds that lie beside it."""
    if options.model is not None or options.config is None:
        return [options]
    names = (f"{run_name(options.config)}-seed{seed}" for seed in OTHER_SEEDS)
    found = [folder for folder in map(run_folder, names) if model_folder(folder) != folder]
    return [options, *(replace(options, model=str(folder)) for folder in found)]


def _seeds(runs: Iterable[Options]) -> list[int | None]:
    return [describe(one.checkpoint()).get("training_seed") for one in runs]


def _name(options: Options) -> str:
    """What a model's run is called; a folder outside a run has its own name."""
    folder = options.checkpoint()
    return folder.parent.name if folder.name == "best" else folder.name


def _check_labels(coder: Coder, blocks: Iterable[Block], path: Path, options: Options) -> None:
    """Raises ConfigError if the model does not know any type of the file, DataError for one type
    that it does not know."""
    kinds = coder.ontology.kinds
    first = {kind: block.line for block in blocks for kind, _, _ in chunks(block.labels)}
    unknown = [kind for kind in first if kind not in kinds]
    if unknown and len(unknown) == len(first):
        raise ConfigError(
            f"the model knows no label of {path.name} ({', '.join(unknown)}), its own are "
            f"{', '.join(kinds)}: run `conflictwire train {options.config}` and name its folder "
            "with --model"
        )
    if unknown:
        raise DataError(
            f"unknown type {unknown[0]!r} in this block; known: {', '.join(kinds)}",
            file=str(path),
            line=first[unknown[0]],
        )


def _predict(
    coder: Coder, blocks: Iterable[Block], options: Options
) -> Iterable[list[Mention] | None]:
    """The mentions of each block as offsets into its text; None where the model failed."""
    from ...document import Mention

    documents = ({"text": block.text} for block in blocks)
    for report in coder.stream(documents, batch_size=options.batch_size):
        if report.error is not None:
            yield None
        else:
            yield [Mention(m.start, m.end, m.kind) for m in report.mentions]


# ---- baselines


def _baselines(blocks: Sequence[Block], options: Options) -> dict[str, Any]:
    """Simple systems that learn from the training file, blocks that are scored left out."""
    from .baselines import NOT_RUN, Labelled, compare_spans

    path = (options.data or data_folder()) / TRAINING
    if not path.is_file():
        return {"all": f"{NOT_RUN}no blocks to learn from: {TRAINING} is not in the folder of data"}
    scored = {block.tokens for block in blocks}
    examples = [
        Labelled(block.text, tuple(block.mentions))
        for block in read_conll(path)
        if block.tokens not in scored
    ]

    def figures_of(found: Sequence[Iterable[Mention]]) -> dict[str, float | None]:
        labels = [write_labels(b, spans)[0] for b, spans in zip(blocks, found, strict=True)]
        own = _own(score(blocks, labels))
        return {name: own[name] for name in BENCHMARK.headline}

    return compare_spans("re3d", examples, [b.text for b in blocks], figures_of, options)


# ---- scores


def write_labels(block: Block, mentions: Iterable[Mention]) -> tuple[list[str], int]:
    """Spans of a block's text -> one IOB2 label a token, and how many spans found no room.

    A token that a span touches belongs to it, in whole.
    """
    labels = label(block.spans, ((m.span, m.kind) for m in mentions))
    return labels.iob2, labels.n_dropped


def score(blocks: Sequence[Block], predicted: Sequence[Sequence[str]]) -> Scored:
    """``predicted`` holds one label for each token of each block."""
    default, strict = [], []
    for block, found in zip(blocks, predicted, strict=True):
        right, claimed = set(chunks(block.labels)), set(chunks(found))
        default.append(
            tally(
                matched=(kind for kind, _, _ in right & claimed),
                predicted=(kind for kind, _, _ in claimed),
                gold=(kind for kind, _, _ in right),
            )
        )
        strict.append(count_chunks(list(block.labels), list(found)))
    return Scored(default, strict)


def figures(scored: dict[str, Scored], options: Options) -> dict[str, Any]:
    """Of runs by name: means, sample standard deviations (None of one run), and each run's own."""
    runs = list(scored.values())
    own = {name: _own(one) for name, one in scored.items()}
    types = sorted({kind for one in runs for block in one.default for kind in block})
    by_type = [_sum(one.default) for one in runs]
    intervals = {
        name: list(options.interval(_counts(runs, types), _mean_of(figure, types)).values())
        for name, figure in (("micro_f1", _micro), ("macro_f1", _macro))
    }
    means = {name: _mean([row[name] for row in own.values()]) for name in next(iter(own.values()))}
    return {
        **means,
        "ci_low": intervals["micro_f1"][0],
        "ci_high": intervals["micro_f1"][1],
        "micro_f1_sd": _deviation([row["micro_f1"] for row in own.values()]),
        "macro_f1_sd": _deviation([row["macro_f1"] for row in own.values()]),
        "n_runs": len(runs),
        "n_entities": total(by_type[0]).gold,
        "intervals": intervals,
        "by_type": {
            kind: {
                **{
                    part: _mean([getattr(counts.get(kind, PRF()), part) for counts in by_type])
                    for part in ("f1", "precision", "recall")
                },
                "n": max(counts.get(kind, PRF()).gold for counts in by_type),
            }
            for kind in types
        },
        "runs": own,
    }


def _own(one: Scored) -> dict[str, float | None]:
    """The figures of one run."""
    default, strict = _sum(one.default), _sum(one.strict)
    micro = total(default)
    return {
        "micro_f1": micro.f1,
        "macro_f1": _macro(default),
        "micro_precision": micro.precision,
        "micro_recall": micro.recall,
        "micro_f1_strict": _micro(strict),
        "macro_f1_strict": _macro(strict),
    }


def _micro(counts: ByType) -> float | None:
    return total(counts).f1


def _macro(counts: ByType) -> float | None:
    return macro(counts, "f1")


def _sum(per_block: Iterable[ByType]) -> ByType:
    def merged(one: ByType, other: ByType) -> ByType:
        return {k: one.get(k, PRF()) + other.get(k, PRF()) for k in one.keys() | other.keys()}

    empty: ByType = {}
    return dict(sorted(reduce(merged, per_block, empty).items()))


def _counts(runs: Sequence[Scored], types: Sequence[str]) -> list[list[int]]:
    """[n_blocks, n_runs * n_types * 3]: what the interval resamples."""
    blocks = zip(*(one.default for one in runs), strict=True)
    return [
        [
            count
            for counts in block
            for kind in types
            for prf in (counts.get(kind, PRF()),)
            for count in (prf.tp, prf.predicted, prf.gold)
        ]
        for block in blocks
    ]


def _mean_of(
    figure: Callable[[ByType], float | None], types: Sequence[str]
) -> Callable[[Sequence[float]], float | None]:
    """Sums of ``_counts`` -> the mean of a figure over runs."""

    def mean(sums: Sequence[float]) -> float | None:
        rows = [PRF(*(round(n) for n in sums[i : i + 3])) for i in range(0, len(sums), 3)]
        n = len(types)
        each = (rows[i : i + n] for i in range(0, len(rows), n)) if types else ([],)
        return _mean([figure(dict(zip(types, row, strict=True))) for row in each])

    return mean


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return fmean(known) if known and len(known) == len(values) else None


def _deviation(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return stdev(known) if len(known) > 1 and len(known) == len(values) else None


BENCHMARK = Benchmark(
    name="re3d",
    title="Entities of defence and security texts",
    data="re3d/dev.conll",
    form=f"CoNLL: a line holds {FORM}, blocks stand apart by blank lines",
    source="re3d by Dstl, in the split of ConfliBERT",
    headline=("micro_f1", "macro_f1"),
    run=run,
    config="bench/re3d",
)
