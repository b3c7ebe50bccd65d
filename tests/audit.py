"""Look the pinned dependencies up among known weaknesses: ``make audit``.

    python tests/audit.py constraints.txt    # pip-audit must be installed beside this Python

Ends with 1 if one is known, and with 0 if none is, or if the service that knows could not be
reached: that is said, as pip-audit by itself takes packages it could not look up for sound.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

# What pip-audit ends with where there is no network, a proxy that refuses, or a service in trouble.
_UNREACHED = re.compile(
    r"Max retries exceeded|Failed to (?:resolve|establish)|Could not connect|Connection\w*Error|"
    r"ServiceError|timed out|HTTPError"
)


def verdict(output: str, errors: str) -> tuple[int, list[str]]:
    """Exit code and lines for people, by what pip-audit wrote on stdout (JSON) and stderr."""
    try:
        packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if _UNREACHED.search(errors):
            return 0, ["note: the advisory service could not be reached; NOTHING was audited"]
        return 2, ["pip-audit failed:", *errors.splitlines()[-5:]]
    skipped = [p["name"] for p in packages if "skip_reason" in p]
    lines = []
    for package in packages:
        for found in package.get("vulns", []):
            fixed = ", ".join(found.get("fix_versions") or []) or "no version yet"
            lines.append(
                f"{package['name']} {package['version']}: {found['id']}, mended in {fixed}"
            )
    if lines:
        return 1, lines
    if len(skipped) == len(packages):
        return 0, ["note: the advisory service knew no package here; NOTHING was audited"]
    lines = [f"{len(packages) - len(skipped)} packages audited, no known weakness"]
    if skipped:
        lines.append(f"note: not audited, as the service does not know them: {', '.join(skipped)}")
    return 0, lines


def main(requirements: str) -> int:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", requirements, "--format", "json"),
            *("--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "15"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    code, lines = verdict(done.stdout, done.stderr)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
