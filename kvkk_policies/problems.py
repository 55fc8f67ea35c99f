"""What is wrong with a policy, at which line of which file. A policy that is wrong anywhere loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.errors import HubError


@dataclass(frozen=True)
class Problem:
    """One mistake. `found` is the offending word of the policy file, `where` is `stream.column` or a part of it."""

    file: Path
    line: int
    code: str
    where: str = ""
    found: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code} {self.where} {self.found}".rstrip()


class PolicyError(HubError):
    """The policies cannot be used. `file`, `line` and `code` are the first problem's; `problems` holds all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        self.problems = tuple(problems)
        self.file = first.file
        self.line = first.line
        super().__init__(
            first.code,
            file=str(first.file),
            line=first.line,
            where=first.where,
            found=first.found,
            problems=len(problems),
        )

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
