"""Fits the classifier of snippets of CASE 2021, task 2: ``conflictwire train bench/case2021``.

The model that reads the snippets and the sentence encoder stay as they are; one linear layer over
both is fitted, in minutes. Its figures are those of held-out folds.

    config   the settings
    sources  snippets with labels: those in ``corpus/``, written for this project, and files
    folds    held-out folds that keep copies of a text together
    train    all of it, into a run folder like that of a network
"""

from .config import SnippetsConfig, load_snippets_config
from .sources import Snippet, load_snippets
from .train import train_snippets

__all__ = [
    "Snippet",
    "SnippetsConfig",
    "load_snippets",
    "load_snippets_config",
    "train_snippets",
]
