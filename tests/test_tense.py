"""Past or to come: what the verbs of a sentence say of a time in it."""

import pytest
from conflictwire.resolve.dates.tense import looks_ahead


@pytest.mark.parametrize(
    ("sentence", "time", "expected"),
    [
        ("Envoys will meet in the port on Friday.", "Friday", True),
        ("Envoys met in the port on Friday.", "Friday", False),
        ("The envoy said Friday that talks will resume.", "Friday", False),
        ("The envoy said talks will resume Friday.", "Friday", True),
        ("On Friday the envoys will meet.", "Friday", True),
        ("On Friday the envoys met.", "Friday", False),
        ("The rebels have until Friday to leave.", "Friday", True),
        ("They must hand in their arms by 9 a.m. Friday.", "Friday", True),
        ("They could reach the port as early as Friday.", "Friday", True),
        ("Families were forced to flee on Friday.", "Friday", False),
        ("Both sides agreed to meet on Friday.", "Friday", True),
        ("Both sides agreed to a truce in the port on Friday.", "Friday", False),
        ("The rebels agreed to peace talks on Friday.", "Friday", False),
        ("The envoy is expected to arrive on Friday.", "Friday", True),
        ("The rebels would study Friday's offer that was made in Oslo.", "Friday", False),
        ("They spoke before the May 3 vote that will decide it.", "May 3", True),
        ("The army sent tanks to retake the mill on Friday.", "Friday", None),
        ("A march in the port, Friday.", "Friday", None),
        ("Dozens were hurt by Friday's blast in the port.", "Friday", None),
        ("Dozens must leave by Friday.", "Friday", True),
        ("It brokered a truce to take effect at 9 a.m. on Friday.", "Friday", True),
        ("The crew had to begin again on Friday.", "Friday", False),
        ("The court adjourned the case to Friday.", "Friday", True),
        ("Unions called a strike for Friday.", "Friday", True),
        ("It invited both sides to talks in Oslo on Friday.", "Friday", None),
        ("Doctors called for calm on Friday.", "Friday", None),
    ],
)
def test_looks_ahead(sentence: str, time: str, expected: bool | None) -> None:
    at = sentence.index(time)
    assert looks_ahead(sentence, at, at + len(time)) is expected
