"""The commands that fit what stands behind the network: what they say of data that is not there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conflictwire.training.fit import countries, dates, places, tolls


@pytest.mark.parametrize(
    ("main", "more"),
    [
        (countries.main, []),
        (dates.main, []),
        (places.main, []),
        (tolls.main, ["--model", "no/such/model"]),
    ],
)
def test_missing_data_is_told_and_no_weights_are_written(
    main: Callable[[list[str]], int],
    more: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "weights.json"
    assert main([str(tmp_path / "missing"), *more, "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not out.exists()
