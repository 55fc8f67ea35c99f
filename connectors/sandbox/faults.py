"""Faults on request: what can go wrong between a hub and a provider, aimed at a provider, company and path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import Literal, get_args

FaultKind = Literal[
    "rate_limited",
    "server_error",
    "slow",
    "truncated",
    "not_json",
    "bomb",
    "redirect",
    "wrong_type",
    "undeclared_column",
    "credentials_expired",
    "error_with_personal_data",
    "cut_before",
    "cut_after",
    "late",
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
ACT_FAULTS: frozenset[FaultKind] = frozenset({"cut_before", "cut_after", "late"})
"""What makes acts unclear. To whoever only reads they are a lost connection, and slowness."""


@dataclass(frozen=True)
class Fault:
    """One fault. Empty `provider`, `company` or `path` means any; `times` None means until cleared."""

    kind: FaultKind
    provider: str = ""
    company: str = ""
    path: str = ""
    """A prefix of the path."""
    times: int | None = None
    seconds: int = 1
    """Retry-After of `rate_limited`; how long `slow` and `late` keep the client waiting.

    For acts the order matters: `slow` acts after the wait; `late` acts at once and answers late; `cut_after` acts and
    never answers; `cut_before` does not act, and the client cannot tell the two apart.
    """


class Faults:
    """The faults in force. Safe to change while the server runs in another thread."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Put a fault in force, behind those already there."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._faults.clear()

    def take(self, *, provider: str, company: str, path: str) -> Fault | None:
        """The first fault that fits a request, counted down."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not _fits(fault, provider, company, path):
                    continue
                if fault.times is not None:
                    left = fault.times - 1
                    self._faults[index : index + 1] = [replace(fault, times=left)] if left > 0 else []
                return fault
        return None


def _fits(fault: Fault, provider: str, company: str, path: str) -> bool:
    return fault.provider in ("", provider) and fault.company in ("", company) and path.startswith(fault.path)
