"""The same incident in many reports.

    incidents = merge_reports(reports)

Data flows one way: ``traits.py`` takes from an event what can be compared, ``candidates.py`` finds
the pairs worth comparing, ``compare.py`` scores a pair, ``cluster.py`` makes clusters of scored
pairs, ``copies.py`` counts texts that are no copies, ``summary.py`` makes an ``Incident``
(``record.py``) of a cluster, and ``merge.py`` runs them.
"""

from .merge import THRESHOLD, merge_reports
from .record import Incident, write_incident_schema

__all__ = ["THRESHOLD", "Incident", "merge_reports", "write_incident_schema"]
