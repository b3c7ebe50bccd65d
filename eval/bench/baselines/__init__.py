"""Simple systems under the scorers of the benchmarks, so that every gain is one over something.

The modules, in the order in which data flow through them:

    examples  texts with labelled spans, and what it takes to label more of them
    lexicon   word lists learnt from the examples
    entities  the entities of spaCy's small English model, by a table of labels (``labels.yaml``)
    nearest   spans of a text -> events: the nearest mentions in the role that is usual there
    compare   all of them on one benchmark -> its ``baselines``

A linear probe on an encoder that is not trained further needs torch: it comes from outside, as
``Options.probe`` (``conflictwire.training.probe``), and is one more way to label.
"""

from .compare import NOT_RUN, compare_events, compare_spans
from .examples import Label, Labelled, NotRunError

__all__ = ["NOT_RUN", "Label", "Labelled", "NotRunError", "compare_events", "compare_spans"]
