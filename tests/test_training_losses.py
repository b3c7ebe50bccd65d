"""The losses on tensors small enough to work out on paper."""

from __future__ import annotations

from math import log

import pytest
import torch
from conflictwire.network import Relations
from conflictwire.training.config import LossConfig
from conflictwire.training.losses import task_losses, total_loss
from conflictwire.training.targets import Gold, Labels

LN2 = log(2)


def case(**changes: torch.Tensor) -> dict[str, torch.Tensor]:
    """One window of two words and padding; 2 triggers, 1 mention, 2 roles, 2 statuses.

    All logits are 0: each tag costs ln 3, each yes or no ln 2, each status ln 2.
    """
    labels = Labels(
        status=torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]),
        role=torch.tensor([[[[1.0, 0.0]], [[0.0, 0.0]]]]),
        role_mask=torch.tensor([[[True], [True]]]),
        same_event=torch.zeros(1, 2, 2),
        same_event_mask=torch.tensor([[[False, True], [False, False]]]),
        same_entity=torch.zeros(1, 1, 1),
        same_entity_mask=torch.zeros(1, 1, 1, dtype=torch.bool),
    )
    logits = {
        "mention": torch.zeros(1, 3, 3),
        "trigger": torch.zeros(1, 3, 3),
        "status": torch.zeros(1, 2, 2),
        "role": torch.zeros(1, 2, 1, 2),
        "same_event": torch.zeros(1, 2, 2),
        "same_entity": torch.zeros(1, 1, 1),
    } | changes
    tags = torch.tensor([[[1.0, 0, 0], [0, 1, 0], [0, 0, 0]]])
    return task_losses(
        Gold([], tags, tags),
        labels,
        logits["mention"],
        logits["trigger"],
        Relations(logits["status"], logits["role"], logits["same_event"], logits["same_entity"]),
    )


def test_each_task_is_a_sum_over_its_cells_by_the_number_of_words() -> None:
    losses = {task: float(value) for task, value in case().items()}
    assert losses == pytest.approx(
        {
            "mention": 2 * log(3) / 2,
            "trigger": 2 * log(3) / 2,
            "status": LN2 / 2,  # one status is known
            "role": 4 * LN2 / 2,  # 2 triggers x 1 mention x 2 roles
            "same_event": LN2 / 2,  # one pair
            "same_entity": 0.0,  # nothing to compare
        }
    )


def test_padding_and_masked_cells_change_nothing() -> None:
    wild = case(
        mention=torch.tensor([[[0.0] * 3, [0.0] * 3, [9.0, -9, 3]]]),
        status=torch.tensor([[[0.0, 0.0], [7.0, -7]]]),
        same_event=torch.tensor([[[5.0, 0], [-5, 5]]]),
        same_entity=torch.tensor([[[50.0]]]),
    )
    for task, value in case().items():
        torch.testing.assert_close(wild[task], value)


def test_a_certain_and_right_answer_costs_nothing_a_wrong_one_its_margin() -> None:
    right = case(role=torch.tensor([[[[100.0, -100]], [[-100.0, -100]]]]))
    assert float(right["role"]) == pytest.approx(0)
    wrong = case(role=torch.tensor([[[[-100.0, -100]], [[-100.0, -100]]]]))
    assert float(wrong["role"]) == pytest.approx(100 / 2)


def test_half_precision_logits_are_summed_in_full() -> None:
    losses = case(mention=torch.zeros(1, 3, 3, dtype=torch.bfloat16))
    assert losses["mention"].dtype == torch.float32


def test_the_total_is_the_weighted_sum() -> None:
    weights = LossConfig(
        mention=1.0,
        trigger=2.0,
        status=0.0,
        role=0.5,
        same_event=4.0,
        same_entity=9.0,
        teachers=0.0,
    )
    expected = log(3) + 2 * log(3) + 0.5 * 2 * LN2 + 4 * LN2 / 2
    assert float(total_loss(case(), weights)) == pytest.approx(expected)
