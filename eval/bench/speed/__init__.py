"""How fast the model is, on what machine, and beside what others: ``conflictwire bench speed``.

No accuracy is measured here, so it stands beside the benchmarks of the registry, not among them.

    articles  news made from a seed: no data are needed
    machine   matrix-multiply peak, load, waiting for a device
    stages    where the time goes
    peers     spaCy's and GLiNER's small models on the same texts
    child     a fresh process: load time and memory
    run       rounds of all of these, and their figures
    report    bars, and the tables for people
"""

from .report import disturbance, tables, with_bars
from .run import FULL, QUICK, Settings, measure

__all__ = ["FULL", "QUICK", "Settings", "disturbance", "measure", "tables", "with_bars"]
