"""CASE 2021 shared task 2: one fine-grained event class for each of 1,019 news-like snippets.

Haneczok et al., "Fine-grained event classification in news-like text snippets", CASE 2021. Classes
1 to 25 are ACLED's, three more (organised crime, natural and man-made disasters) and two more
(diplomacy, attribution) were added to be met without training data. Each setting scores the
snippets whose gold is among its classes, and a system picks among these alone, as in the task.
Published, trained on ACLED's notes: weighted F1 0.839, 0.797 and 0.771; without any training data
0.489 on all 30. No content of ACLED is used here.

The label comes from one linear layer over what the model reports of a snippet (event types, codes
by the crosswalk, arguments, kinds of mentions) and its sentence vector. ``training.snippets`` fits
it, to snippets written for this project and to the public part of the data; that part is labelled
here by the layers of folds that did not see the snippet, so that its figures are those of
cross-validation.

    classes     the classes, the settings, and what the crosswalk alone gives
    features    a Report -> named features
    sentences   texts -> sentence vectors
    classifier  both -> probabilities of the classes
    score       F1 of the settings
    run         all of it

Instance: ``{"id": 7, "text": "Gunmen took two nurses from a clinic in ...", "label":
"ABDUCT_DISSAP"}``
"""

from .classes import CLASSES, SETTINGS
from .classifier import Classifier, Fold
from .features import features
from .run import BENCHMARK, FORM, read
from .score import scores
from .sentences import SentenceEncoder

__all__ = [
    "BENCHMARK",
    "CLASSES",
    "FORM",
    "SETTINGS",
    "Classifier",
    "Fold",
    "SentenceEncoder",
    "features",
    "read",
    "scores",
]
