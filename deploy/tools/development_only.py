"""Prints which installed packages the hub itself does not require: the lock is one, for developers and servers alike.

Run in an environment into which `requirements.lock` and the hub are installed. What is not reached from the hub's own
requirements by the installed packages' metadata is a developer's, and an image is better off without it.
"""

from __future__ import annotations

import sys
from importlib.metadata import Distribution, distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "kopru"
KEPT = frozenset({PROJECT})


def required(root: str) -> set[str]:
    """Names of all that `root` requires here, itself included, through extras and markers of this machine."""
    found: dict[str, set[str]] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(canonicalize_name(root), frozenset())]
    while waiting:
        name, extras = waiting.pop()
        seen = found.setdefault(name, set())
        new = ({""} | extras) - seen
        if not new:
            continue
        seen |= new
        for text in distribution(name).requires or []:
            requirement = Requirement(text)
            wanted = any(requirement.marker.evaluate({"extra": extra}) for extra in new) if requirement.marker else True
            if wanted:
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return set(found)


def development_only(installed: list[Distribution]) -> list[str]:
    """Installed and not required, by canonical name."""
    names = {canonicalize_name(each.metadata["Name"]) for each in installed}
    return sorted(names - required(PROJECT) - KEPT)


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}\n" for name in development_only(list(distributions()))))
