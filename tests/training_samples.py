"""Six invented harbour reports with labels of their own, and a config that learns them fast.

Nothing here is of the packaged ontology: training must not care.
"""

from __future__ import annotations

from pathlib import Path

from conflictwire.training.config import TrainingConfig, load_config

ONTOLOGY = """
version: "3"
kinds: {CREW: {means: actor}, VESSEL: {means: actor}, PORT: {means: place}}
event_types: {collision: , rescue: }
roles: {doer: {means: actor}, hurt: {means: injured}, site: {means: location}}
statuses: {real: , unsure: }
"""

REPORTS = [
    """# id: harbour-1
# date: 2031-02-04

[Two trawlers|VESSEL c1:doer] {collided|c1} near [Port Ansel|PORT c1:site =Port Ansel] in fog.
The {crash|c1} left [four deckhands|CREW c1:hurt] bruised.

[Lifeboat Petrel|VESSEL r1:doer =Petrel] {rescued|r1} a [diver|CREW] off [Ansel|PORT =Port Ansel].
---
c1 collision real place=Port Ansel
r1 rescue real
""",
    """# id: harbour-2

A [ferry|VESSEL c1:doer] may have {struck|c1} a [barge|VESSEL c1:doer] at [Quay Nine|PORT c1:site].
---
c1 collision unsure
""",
    """# id: harbour-3

[Tug crews|CREW r1:doer] {saved|r1} a [yacht|VESSEL] that drifted from [Mole Head|PORT].
The [yacht|VESSEL] is in dock.
---
r1 rescue real
""",
    """# id: harbour-4

[Lifeboat Petrel|VESSEL r1:doer =Petrel] {rescued|r1} sailors near [Port Ansel|PORT r1:site].
---
r1 rescue real
""",
    """# id: harbour-5

The harbour fair opened with bunting and brass bands, and the sea stayed calm all week.
---
""",
    """# id: harbour-6

Fog closed the bay. A [trawler|VESSEL c1:doer] {struck|c1} the wall of [Quay Nine|PORT c1:site].
---
c1 collision real
""",
]


def write_samples(folder: Path) -> None:
    """``reports/*.txt`` and ``ontology.yaml`` under ``folder``."""
    (folder / "reports").mkdir(parents=True)
    (folder / "ontology.yaml").write_text(ONTOLOGY, encoding="utf-8")
    for number, report in enumerate(REPORTS, start=1):
        (folder / "reports" / f"{number}.txt").write_text(report, encoding="utf-8")


def settings(folder: Path, run_dir: Path, **more: object) -> list[str]:
    """Overrides of the packaged ``tiny`` config; dots in ``more`` are written as ``__``."""
    values: dict[str, object] = {
        "run_dir": run_dir,
        "data.train": f"[{folder / 'reports'}]",
        "data.dev": f"[{folder / 'reports'}]",
        "network.ontology": folder / "ontology.yaml",
        "network.dropout": 0.1,
        "loop.epochs": 2,
        "loop.batch_windows": 2,
        "loop.evaluate_every": 1,
        "loop.proposals_from_epoch": 1,
        "loop.word_dropout": 0.1,
        "loop.checkpoint_every": 2,
        "loop.threads": 1,
    }
    values |= {key.replace("__", "."): value for key, value in more.items()}
    return [f"{key}={value}" for key, value in values.items()]


def make_config(folder: Path, run_dir: Path, **more: object) -> TrainingConfig:
    return load_config("tiny", settings(folder, run_dir, **more))
