"""The same incident in many reports: pairs of short reports written for this measurement.

Half of the pairs tell one incident in two ways (an update, another outlet, another toll, spelling
or wording of the day); half look alike and are not the same (the next town, the day after, two
bombs in one city, the same toll by chance, an old attack as background), though some of these
share an incident that one of them tells as background. The texts were written for this purpose
and the outlets are invented.

``dev.jsonl`` (92 pairs) is for setting weights and thresholds; ``test.jsonl`` (42 pairs, the
default) was written later and no weight was set by its errors. A first held-out half of 46 pairs
became part of ``dev.jsonl`` once its errors had been looked at. ``pairs.py`` says what a line
holds, ``score.py`` what is counted.
"""

from .score import BENCHMARK

__all__ = ["BENCHMARK"]
