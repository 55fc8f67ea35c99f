"""Asks whether a locked package has a known vulnerability, and never takes silence for health.

pip-audit ends with 0 and "no known vulnerabilities" where a registry's mirror has no advisories, for then every package
is merely skipped. So a canary is asked about first: a version that every database knows to be vulnerable. A source that
does not know it is none.

Exit status: 0 nothing known, or not audited at all, which is said; 1 something is known; 3 instead of 0 for not audited
with `--strict`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
CANARY = ("jinja2", "3.1.2")
"""GHSA-h5c8-rqwp-cp95 and later ones: cross-site scripting through attributes' names."""
SOURCES: dict[str, list[str]] = {"PyPI": ["--vulnerability-service", "pypi"], "OSV": ["--vulnerability-service", "osv"]}
SECONDS = 900
ACCEPTED: dict[str, str] = {}
"""Known, and found not to matter here: the advisory's id and why. Whoever adds a line answers for it."""


@dataclass(frozen=True)
class Report:
    """What a source knows: advisories by package, and packages of which it knows nothing at all."""

    asked: int
    vulnerable: dict[str, list[str]]
    unknown: list[str]


def ask(source: list[str], requirements: Path) -> Report | None:
    """One source's word on hashed requirements, or None where it gives none."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--disable-pip", "--no-deps"]
    command += ["--require-hashes", "--format", "json", "--requirement", str(requirements), *source]
    try:
        done = subprocess.run(  # noqa: S603 - our interpreter, our arguments
            command, capture_output=True, text=True, check=False, timeout=SECONDS, cwd=ROOT
        )
        return reported(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return None


def reported(content: Any) -> Report:
    """pip-audit's JSON. An advisory counts under its id or any alias that is accepted by name."""
    vulnerable: dict[str, list[str]] = {}
    unknown: list[str] = []
    for each in content["dependencies"]:
        if "skip_reason" in each:
            unknown.append(str(each["name"]))
            continue
        ids = [
            str(advisory["id"])
            for advisory in each["vulns"]
            if ACCEPTED.keys().isdisjoint({advisory["id"], *advisory.get("aliases", [])})
        ]
        if ids:
            vulnerable[f"{each['name']} {each['version']}"] = ids
    return Report(len(content["dependencies"]), vulnerable, unknown)


def knows_the_canary(source: list[str]) -> bool:
    """Whether the source is one."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "canary.txt"
        name, version = CANARY
        # Nothing is fetched by it, so any hash does.
        file.write_text(f"{name}=={version} --hash=sha256:{'0' * 64}\n")
        report = ask(source, file)
    return report is not None and bool(report.vulnerable)


def audited(sources: dict[str, list[str]]) -> tuple[int, str]:
    """Exit status (3 for not audited) and what to say."""
    for name, source in sources.items():
        if not knows_the_canary(source):
            continue
        report = ask(source, LOCK)
        if report is None:
            continue
        lines = [f"vulnerable: {package} ({', '.join(ids)})" for package, ids in sorted(report.vulnerable.items())]
        if report.unknown:
            lines.append(f"not audited, for {name} does not know them: {', '.join(sorted(report.unknown))}")
        known = report.asked - len(report.unknown)
        lines.append(f"audited by {name}: {known} of {report.asked} packages, {len(report.vulnerable)} vulnerable")
        return (1 if report.vulnerable else 0), "\n".join(lines)
    return 3, f"not audited: no advisory source reachable (tried {', '.join(sources)})"


def main(arguments: list[str]) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description="Known vulnerabilities of the locked packages.")
    parser.add_argument("--strict", action="store_true", help="end with 3 where no source is reachable")
    parser.add_argument("--osv-url", help="ask this OSV server alone")
    given = parser.parse_args(arguments)
    sources = SOURCES if given.osv_url is None else {"OSV": [*SOURCES["OSV"], "--osv-url", given.osv_url]}
    status, text = audited(sources)
    sys.stdout.write(text + "\n")
    return status if status != 3 or given.strict else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
