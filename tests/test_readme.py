"""The README shows what its commands print; ``python tests/update_readme.py`` writes it there."""

from __future__ import annotations

import re

import pytest
from update_readme import MARKER, README, ROOT, Example, differences, examples, output_of, updated

EXAMPLES = examples(README.read_text(encoding="utf-8"))


def test_first_example_is_the_seed_article() -> None:
    assert "seeds/2018-05-21-yarmouk.txt" in EXAMPLES[0].code


def test_update_replaces_outputs_and_nothing_else() -> None:
    page = "before\n```sh\necho 3 events\n```\n\n" + MARKER + "\n```text\n{}```\nafter\n"
    assert updated(page.format("2 events\n")) == page.format("3 events\n")


def test_marker_without_its_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="does not stand between"):
        examples(f"```text\nx\n```\n{MARKER}\n")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.language}-{e.code[:40]}")
def test_output_is_what_it_prints_now(example: Example) -> None:
    if not (ROOT / "model" / "weights").is_dir():
        pytest.skip("model/weights is absent: no shipped model to run")
    assert differences(example.output, output_of(example)) == []


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md"])
def test_every_file_and_folder_it_names_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_differences_let_the_last_digit_of_a_score_pass() -> None:
    assert differences("attack  0.83  12 dead", "attack  0.84  12 dead") == []
    assert differences("attack  0.83  12 dead", "attack  0.90  12 dead") != []
    assert differences("attack  0.83  12 dead", "attack  0.83  13 dead") != []
    assert differences("one\ntwo", "one") != []
