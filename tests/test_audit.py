"""What ``make audit`` makes of pip-audit's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from audit import verdict

SOUND = {"name": "six", "version": "1.16.0", "vulns": []}
WEAK = {
    "name": "old",
    "version": "1.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"], "aliases": [], "description": ""},
        {"id": "GHSA-2", "fix_versions": [], "aliases": [], "description": ""},
    ],
}
UNKNOWN = {"name": "ours", "skip_reason": "Dependency not found on PyPI and could not be audited"}
# The last line of what pip-audit 2.10 says behind a proxy that refuses.
NO_NETWORK = (
    "requests.exceptions.ProxyError: HTTPSConnectionPool(port=443): Max retries exceeded with url: "
    "/pypi/six/1.16.0/json (Caused by ProxyError('Unable to connect to proxy'))"
)


@pytest.mark.parametrize(
    ("packages", "code", "says"),
    [
        ([SOUND], 0, "1 packages audited, no known weakness"),
        ([SOUND, UNKNOWN], 0, "does not know them: ours"),
        ([SOUND, WEAK, UNKNOWN], 1, "old 1.0: PYSEC-1, mended in 1.1, 2.0"),
        ([WEAK], 1, "old 1.0: GHSA-2, mended in no version yet"),
        ([UNKNOWN, UNKNOWN], 0, "NOTHING was audited"),
    ],
)
def test_findings(packages: list[dict[str, Any]], code: int, says: str) -> None:
    found, lines = verdict(json.dumps({"dependencies": packages, "fixes": []}), "")
    assert found == code
    assert says in "\n".join(lines)


@pytest.mark.parametrize(
    ("errors", "code", "says"),
    [
        (NO_NETWORK, 0, "could not be reached; NOTHING was audited"),
        ("ERROR:pip_audit._cli:invalid specifier at line 1: six>=", 2, "invalid specifier"),
        ("No module named pip_audit", 2, "No module named pip_audit"),
    ],
)
def test_no_answer(errors: str, code: int, says: str) -> None:
    found, lines = verdict("", errors)
    assert found == code
    assert says in "\n".join(lines)
