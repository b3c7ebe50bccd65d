"""MUC-4: who did what to whom with what, in 1,700 reports on Latin America, as filled templates.

1,300 documents to train on, 200 to tune on, 200 to test (Fourth Message Understanding Conference,
1992), in the lower-cased form that GTT and GRIT made of them. 628 of those to train on have no
filler. Two scores (``score.py``): role fillers of a document whatever their incident (CEAF-REE),
and templates with their incident types (GTT). Published with encoders of base size: CEAF-REE 54.5
(GRIT) to 56.0 (GTT), templates 50.2 (GTT) to 51.7 (IterX); best 57.8 (TempGen) and 53.0 (IterX with
T5-large), and 54.3 by a system written by hand for the conference.

    data      the file
    score     both scores
    assemble  a model's Report -> templates
    baseline  word lists learnt from the training file -> templates
    run       all of it

Instance: ``{"docid": "X-1", "doctext": "gunmen shot the mayor.", "templates": [{"incident_type":
"attack", "PerpInd": [[["gunmen", 0]]], "PerpOrg": [], "Target": [], "Victim": [[["mayor", 16]]],
"Weapon": []}]}``
"""

from .data import FORM, INCIDENT_TYPES, ROLES, Document, Entity, Mention, Template, read
from .run import BENCHMARK

__all__ = [
    "BENCHMARK",
    "FORM",
    "INCIDENT_TYPES",
    "ROLES",
    "Document",
    "Entity",
    "Mention",
    "Template",
    "read",
]
