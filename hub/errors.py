"""Errors that a person reads: a code with ids and counts, turned into Turkish or English where it is shown."""

from __future__ import annotations


class HubError(Exception):
    """Something the caller can mend. `code` selects the text in hub/messages.py; `params` are ids, names and counts.

    Never put a value of personal data into `params`: they reach logs and Dagster's event log.
    """

    def __init__(self, code: str, **params: str | int | float) -> None:
        self.code = code
        self.params = params
        shown = " ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code} {shown}".strip())
