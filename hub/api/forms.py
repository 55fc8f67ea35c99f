"""In which of several forms an answer goes out: `?format=` says it, or the header `Accept`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = TypeVar("Form", bound=str)

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
"""For our own pages, which carry their style with them and nothing else."""


def chosen(asked: Form | None, accept: str | None, types: Mapping[Form, str]) -> Form:
    """The form asked for; else the one that `Accept` (RFC 9110, section 12.5.1) likes best; else the first."""
    if asked is not None:
        return asked
    liked = {form: _quality(media_type, accept or "") for form, media_type in types.items()}
    best = max(liked.values())
    return next(form for form, quality in liked.items() if quality == best)


def attachment(name: str) -> dict[str, str]:
    """The header that makes browsers keep a file under this name, which is ASCII and has no quotation mark."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _quality(media_type: str, accept: str) -> float:
    """How much a client likes a media type, 0 to 1: what it names wholly counts before `text/*` and `*/*`."""
    wanted = media_type.partition(";")[0]
    found: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [each[2:] for each in parameters if each.startswith("q=")]
        found[name] = _weight(weights[0]) if weights else 1.0
    for name in (wanted, f"{wanted.partition('/')[0]}/*", "*/*"):
        if name in found:
            return found[name]
    return 0.0


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
