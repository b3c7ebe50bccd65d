"""Documents -> rows -> labels, on a report whose labels can be read off."""

from __future__ import annotations

import dataclasses
import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from conflictwire.document import Document, from_dict
from conflictwire.errors import ConfigError
from conflictwire.features import WordTokenizer
from conflictwire.network import NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.training import corpora
from conflictwire.training.data import (
    build_dataset,
    load_documents,
    read_ids,
)
from conflictwire.training.markup import parse
from conflictwire.training.targets import Collator, Gold, Labels, Softening, SpanChooser
from conflictwire.training.teacher import SoftLabels
from training_samples import ONTOLOGY, REPORTS

# Two0 trawlers1 collided2 near3 Port4 Ansel5 in6 fog7 .8 The9 crash10 left11 four12 deckhands13
# bruised14 .15 Lifeboat16 Petrel17 rescued18 a19 diver20 off21 Ansel22 .23
N_WORDS = 24
MENTIONS = [[0, 2], [4, 6], [12, 14], [16, 18], [20, 21], [22, 23]]
CREW, VESSEL, PORT = 0, 1, 2
COLLISION, RESCUE = 0, 1
DOER, HURT, SITE = 0, 1, 2


@pytest.fixture(scope="module")
def harbour() -> Ontology:
    return Ontology.from_text(ONTOLOGY)


@pytest.fixture(scope="module")
def config(tiny_config: NetworkConfig, harbour: Ontology) -> NetworkConfig:
    return dataclasses.replace(
        tiny_config,
        kinds=tuple(harbour.kinds),
        event_types=tuple(harbour.event_types),
        roles=tuple(harbour.roles),
        statuses=tuple(harbour.statuses),
        max_pieces=200,
        overlap=32,
    )


@pytest.fixture(scope="module")
def rows(tiny_words: WordTokenizer, config: NetworkConfig, harbour: Ontology) -> list[Any]:
    """Of harbour-1 (described above), harbour-5 (quiet, 16 words) and harbour-2 (unsure)."""
    documents = [parse(REPORTS[i], harbour) for i in (0, 4, 1)]
    dataset, coverage = build_dataset(documents, tiny_words, config)
    assert coverage.lines() == [
        "argument: 7 in gold", "mention: 9 in gold", "trigger: 4 in gold", "word: 53 in gold",
    ]  # fmt: skip
    return list(dataset)


def test_a_row_holds_the_window_and_its_gold(rows: list[Any]) -> None:
    row = rows[0]
    assert len(row["words"]) == N_WORDS
    assert (row["words"][2], row["words"][13]) == ("collided", "deckhands")
    assert len(row["piece_ids"]) == sum(row["piece_counts"])
    assert row["sentence_of_word"] == [0] * 9 + [1] * 7 + [2] * 8
    assert row["triggers"] == [[2, 3], [10, 11], [18, 19]]
    assert row["trigger_types"] == [COLLISION, COLLISION, RESCUE]
    assert row["trigger_event"] == [0, 0, 1]
    assert row["mentions"] == MENTIONS
    assert row["mention_kinds"] == [VESSEL, PORT, CREW, VESSEL, CREW, PORT]
    assert row["mention_entity"] == [-1, 0, -1, 1, -1, 0]
    both = [[0, DOER], [1, SITE], [2, HURT]]  # the collision's arguments, for each trigger
    assert row["roles"] == [[t, *pair] for t in (0, 1) for pair in both] + [[2, 3, DOER]]
    assert rows[2]["trigger_status"] == [1]


def test_tags_are_iob2_and_padding_is_ignored(
    rows: list[Any], tiny_words: WordTokenizer, config: NetworkConfig
) -> None:
    windows, gold = Collator(tiny_words, config)(rows[:2])
    assert gold.mention.shape == (2, N_WORDS, 1 + 2 * 3)
    assert gold.trigger.shape == (2, N_WORDS, 1 + 2 * 2)
    expected = [0] * N_WORDS
    for (a, b), kind in zip(MENTIONS, (VESSEL, PORT, CREW, VESSEL, CREW, PORT), strict=True):
        expected[a:b] = [1 + 2 * kind] + [2 + 2 * kind] * (b - a - 1)
    assert gold.mention[0].argmax(-1).tolist() == expected
    assert gold.trigger[0].argmax(-1).nonzero().flatten().tolist() == [2, 10, 18]
    assert gold.trigger[0, [2, 10, 18]].argmax(-1).tolist() == [1, 1, 3]
    n_quiet = len(rows[1]["words"])
    for tags in (gold.mention, gold.trigger):
        assert tags[0].sum(-1).tolist() == [1] * N_WORDS
        assert tags[1, :, 0].tolist() == [1] * n_quiet + [0] * (N_WORDS - n_quiet)
        assert tags[1, :, 1:].sum() == 0
    assert windows.word_mask.sum(1).tolist() == [N_WORDS, n_quiet]


def logits(config: NetworkConfig, spans: dict[tuple[int, int], int], n_types: int) -> torch.Tensor:
    """[2, W, 1 + 2 n_types]: the first window's best tags are ``spans``, all else is O."""
    scores = torch.zeros(2, N_WORDS, 1 + 2 * n_types)
    scores[..., 0] = 5
    for (a, b), kind in spans.items():
        scores[0, a, 1 + 2 * kind] = 10
        scores[0, a + 1 : b, 2 + 2 * kind] = 10
    return scores


def choose(
    rows: list[Any], tiny_words: WordTokenizer, config: NetworkConfig, *, proposals: bool
) -> tuple[Any, Labels]:
    _, gold = Collator(tiny_words, config)(rows[:2])
    chooser = SpanChooser(gold, config, proposals=proposals)
    spans = chooser(
        # Half of a gold one with another kind; a gold one; a wrong one.
        logits(config, {(0, 1): CREW, (4, 6): PORT, (7, 8): PORT}, 3),
        # Half of a gold one with another type; a wrong one.
        logits(config, {(10, 12): RESCUE, (14, 15): COLLISION}, 2),
    )
    return spans, chooser.labels


def test_labels_of_gold_spans(
    rows: list[Any], tiny_words: WordTokenizer, config: NetworkConfig
) -> None:
    spans, labels = choose(rows, tiny_words, config, proposals=False)
    assert spans.triggers[0].tolist() == [[2, 3], [10, 11], [18, 19]]
    assert spans.mention_mask.sum(1).tolist() == [6, 0]
    assert labels.status.tolist() == [[[1, 0]] * 3, [[0, 0]] * 3]
    assert labels.role.nonzero().tolist() == [[0, t, m, r] for t, m, r in sorted(rows[0]["roles"])]
    assert labels.role_mask.sum((1, 2)).tolist() == [18, 0]
    # Of the three pairs of triggers only one is of one type.
    assert labels.same_event_mask.nonzero().tolist() == [[0, 0, 1]]
    assert labels.same_event[0, 0, 1] == 1
    assert labels.same_entity_mask.sum((1, 2)).tolist() == [15, 0]
    assert (labels.same_entity * labels.same_entity_mask).nonzero().tolist() == [[0, 1, 5]]


def test_wrong_proposals_take_over_labels_where_they_overlap_by_half(
    rows: list[Any], tiny_words: WordTokenizer, config: NetworkConfig
) -> None:
    spans, labels = choose(rows, tiny_words, config, proposals=True)
    # The exact proposal (4, 6) is no second copy.
    assert spans.mentions[0].tolist() == [*MENTIONS, [0, 1], [7, 8]]
    assert spans.mention_kinds[0].tolist()[-2:] == [CREW, PORT]
    assert spans.triggers[0].tolist()[-2:] == [[10, 12], [14, 15]]
    assert spans.trigger_types[0].tolist()[-2:] == [RESCUE, COLLISION]
    half, wrong = 3, 4
    assert labels.status[0].tolist() == [[1, 0]] * 4 + [[0, 0]]
    copied = {(0, DOER), (1, SITE), (2, HURT), (6, DOER)}
    assert {tuple(x) for x in labels.role[0, half].nonzero().tolist()} == copied
    assert labels.role[0, wrong].sum() == 0
    assert labels.role[0, :, 7].sum() == 0
    assert labels.role_mask[0].all()  # wrong ones are negatives
    # Proposed types decide what is compared: (10, 12) with the rescue; the wrong one with nothing.
    assert labels.same_event_mask[0].nonzero().tolist() == [[0, 1], [2, half]]
    assert labels.same_event[0, 2, half] == 0
    assert not labels.same_entity_mask[0, :, 7].any()
    assert labels.same_entity_mask[0, :6, 6].all()


def test_teachers_soften_the_targets_of_gold_spans_by_their_share(
    rows: list[Any], tiny_words: WordTokenizer, config: NetworkConfig
) -> None:
    n_m, n_t, n_r = 6, 3, len(config.roles)
    soft = SoftLabels(
        mention=torch.full((N_WORDS, 7), 1 / 8).half(),
        trigger=torch.full((N_WORDS, 5), 1 / 8).half(),
        status=torch.tensor([[0.25, 0.75]] * n_t).half(),
        role=torch.full((n_t, n_m, n_r), 0.5).half(),
        same_event=torch.full((n_t, n_t), 0.25).half(),
    )
    n_quiet = len(rows[1]["words"])
    nothing = SoftLabels(
        mention=torch.zeros(n_quiet, 7),
        trigger=torch.zeros(n_quiet, 5),
        status=torch.zeros(0, 2),
        role=torch.zeros(0, 0, n_r),
        same_event=torch.zeros(0, 0),
    )
    softening = Softening([soft, nothing], 0.5)
    _, gold = Collator(tiny_words, config, softening)(rows[:2])
    assert gold.mention[0, 0].tolist() == [1 / 16] * 3 + [9 / 16] + [1 / 16] * 3
    assert gold.trigger[0, 0].tolist() == [9 / 16] + [1 / 16] * 4
    chooser = SpanChooser(gold, config, proposals=True)
    chooser(
        logits(config, {(0, 1): CREW, (7, 8): PORT}, 3),
        logits(config, {(10, 12): RESCUE, (14, 15): COLLISION}, 2),
    )
    labels = chooser.labels
    half, wrong = 3, 4  # proposals: the first takes over a gold span's target, softened as it is
    assert labels.status[0].tolist() == [[0.625, 0.375]] * 4 + [[0, 0]]
    assert labels.role[0, 0, 0, DOER] == labels.role[0, half, 0, DOER] == 0.75
    assert labels.role[0, 0, 0, HURT] == labels.role[0, half, 0, HURT] == 0.25
    assert labels.role[0, wrong].sum() == labels.role[0, :, 7].sum() == 0
    assert labels.same_event[0, 0, 1] == 0.625
    assert labels.same_event[0, 0, 2] == 0.125


def test_there_are_no_labels_before_spans_are_chosen(config: NetworkConfig) -> None:
    empty = torch.zeros(0, 0, 0)
    with pytest.raises(RuntimeError, match="not chosen yet"):
        _ = SpanChooser(Gold([], empty, empty), config, proposals=True).labels


# ---- what cannot be represented


def document(text: str, harbour: Ontology, *, mentions: list[str], triggers: list[str]) -> Document:
    """One collision with these triggers and arguments; all strings stand once in the text."""

    def span(words: str) -> dict[str, int]:
        return {"start": text.index(words), "end": text.index(words) + len(words)}

    return from_dict(
        {
            "id": "d",
            "text": text,
            "mentions": [{"id": i, **span(m), "kind": "VESSEL"} for i, m in enumerate(mentions)],
            "entities": [],
            "events": [
                {
                    "id": "e",
                    "type": "collision",
                    "status": "real",
                    "triggers": [span(t) for t in triggers],
                    "arguments": [{"role": "doer", "mention": i} for i in range(len(mentions))],
                }
            ],
        },
        harbour,
    )


FAR = " ".join(["the the the the the the the ."] * 12)


@pytest.mark.parametrize(
    ("text", "mentions", "triggers", "lost"),
    [
        ("the ferry struck", ["ferry"], ["struck"], {}),
        (
            "the ferry struck",
            ["fer"],
            ["uck"],
            {
                "mention does not end at word boundaries": 1,
                "trigger does not end at word boundaries": 1,
                "argument shares no window with its event's triggers": 1,
            },
        ),
        (
            f"at town {FAR} was two",
            ["town"],
            ["two"],
            {"argument shares no window with its event's triggers": 1},
        ),
        (f"at town {FAR} was two", ["town"], ["at", "two"], {}),  # one trigger is near enough
        (
            f"was {FAR} town",
            [FAR],
            ["town"],
            {
                "mention is cut by every window": 1,
                "argument shares no window with its event's triggers": 1,
            },
        ),
    ],
    ids=["fits", "inside words", "out of reach", "one in reach", "longer than a window"],
)
def test_losses_are_counted_by_cause(
    text: str,
    mentions: list[str],
    triggers: list[str],
    lost: dict[str, int],
    harbour: Ontology,
    tiny_words: WordTokenizer,
    config: NetworkConfig,
) -> None:
    small = dataclasses.replace(config, max_pieces=40, overlap=16)
    gold = document(text, harbour, mentions=mentions, triggers=triggers)
    _, coverage = build_dataset([gold], tiny_words, small)
    assert coverage.lost == lost
    n_words = len(text.split())
    assert coverage.total == {
        "mention": 1, "argument": 1, "trigger": len(triggers), "word": n_words,
    }  # fmt: skip
    assert coverage.to_dict() == {"in_gold": coverage.total, "lost": lost}
    assert [f"lost, {cause}: {n}" for cause, n in sorted(lost.items())] == [
        line for line in coverage.lines() if line.startswith("lost")
    ]


@pytest.mark.parametrize(
    ("word", "cause"),
    [
        ("x" * 49, "word cut at 48 characters"),
        ("x" * 17, "word cut at 16 pieces"),
        ("x" * 16, None),
        ("Ж", "word unknown to the tokenizer"),
    ],
)
def test_words_that_are_not_read_whole_are_counted(
    word: str,
    cause: str | None,
    harbour: Ontology,
    tiny_words: WordTokenizer,
    config: NetworkConfig,
) -> None:
    gold = document(f"the {word} struck {word}", harbour, mentions=["the"], triggers=["struck"])
    _, coverage = build_dataset([gold], tiny_words, config)
    assert coverage.lost == ({} if cause is None else {cause: 2})
    assert coverage.total["word"] == 4


def test_a_span_in_two_windows_is_in_both_rows_at_its_own_place(
    harbour: Ontology, tiny_words: WordTokenizer, config: NetworkConfig
) -> None:
    small = dataclasses.replace(config, max_pieces=40, overlap=16)
    gold = document(f"{FAR} town was {FAR}", harbour, mentions=["town"], triggers=["was"])
    dataset, _ = build_dataset([gold], tiny_words, small)
    holding = [row for row in dataset if row["mentions"]]
    assert len(holding) > 1
    for row in holding:
        ((a, b),) = row["mentions"]
        assert row["words"][a:b] == ["town"]


def test_documents_without_text_are_refused(
    harbour: Ontology, tiny_words: WordTokenizer, config: NetworkConfig
) -> None:
    with pytest.raises(ConfigError, match="holds no text"):
        build_dataset([], tiny_words, config)


# ---- where data comes from


def test_gold_files_and_folders_of_markup(
    tmp_path: Path, harbour: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [parse(r, harbour) for r in REPORTS[:2]]
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "1.txt").write_text(REPORTS[0], encoding="utf-8")
    gold = "".join(json.dumps(d.to_dict()) + "\n" for d in documents)
    (tmp_path / "gold.jsonl").write_text(gold, encoding="utf-8")
    monkeypatch.setenv("CONFLICTWIRE_DATA", str(tmp_path))
    found = load_documents([str(tmp_path / "reports"), "$CONFLICTWIRE_DATA/gold.jsonl"], harbour)
    assert found == [documents[0], *documents]


def test_missing_data_says_what_to_do(tmp_path: Path, harbour: Ontology) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"no data at .*nothing.*conflictwire train house"):
        load_documents([str(tmp_path / "nothing")], harbour)
    with pytest.raises(ConfigError, match=r"no markup \(\*\.txt\) at .*empty"):
        load_documents([str(tmp_path / "empty")], harbour)


def test_public_corpora_are_read_by_their_readers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, harbour: Ontology
) -> None:
    module = types.ModuleType("logbook")

    def read(path: Path, ontology: Ontology) -> Iterator[Document]:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield parse(f"# id: {line}\n\nCalm.\n---\n", ontology)

    module.read = read  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "conflictwire.training.corpora.logbook", module)
    monkeypatch.setitem(corpora.READERS, "log", "logbook")
    (tmp_path / "all.txt").write_text("one\ntwo\n", encoding="utf-8")
    monkeypatch.setenv("CONFLICTWIRE_DATA", str(tmp_path))
    found = load_documents(["log:$CONFLICTWIRE_DATA/all.txt"], harbour)
    assert [d.id for d in found] == ["one", "two"]
    with pytest.raises(ConfigError, match=r"no data at .*gone\.txt \(from 'log:"):
        load_documents(["log:$CONFLICTWIRE_DATA/gone.txt"], harbour)


@pytest.mark.parametrize(
    ("text", "ids"), [('["a", "b"]', {"a", "b"}), ('{"x": ["a"], "y": ["c", 1]}', {"a", "c", "1"})]
)
def test_ids_to_leave_out(text: str, ids: set[str], tmp_path: Path) -> None:
    path = tmp_path / "ids.json"
    path.write_text(text, encoding="utf-8")
    assert read_ids(str(path)) == ids
    assert read_ids(None) == set()


@pytest.mark.parametrize("text", ['{"a": 1}', "3", "not json", None])
def test_bad_id_files_are_named(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ids.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"data\.leave_out: .*ids\.json"):
        read_ids(str(path))
