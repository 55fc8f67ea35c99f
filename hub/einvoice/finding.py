"""What a check of a document says about it: where, what, and how bad. Words for it are made where it is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One remark. `code` selects the text, `path` is the element's XPath in its document, `params` fill the text.

    `params` hold amounts, codes and counts of the document, never a name or an identity number.
    """

    code: str
    path: str
    severity: Severity = "error"
    params: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
