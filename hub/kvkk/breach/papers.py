"""Writes the papers of a breach: the Board's form and the notice to the persons. Each writing is in the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.i18n import speaking
from hub.kvkk.breach import record
from hub.kvkk.breach.draft import draft_html, draft_json
from hub.kvkk.breach.notice import Notice, notice
from hub.kvkk.html_page import page

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.i18n import Language
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

_SHAPES = {"form": ("html", "json"), "notice": ("text", "html")}


@dataclass(frozen=True)
class Paper:
    """A paper's bytes; how many fields the Board's form misses, and when the Board must be told."""

    content: bytes
    missing: int
    due: datetime


def write_paper(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    breach_id: UUID,
    *,
    paper: str,
    shape: str,
    language: Language,
    actor: Actor,
    now: datetime | None = None,
) -> Paper:
    """The paper asked for. HubError `breach_paper_unknown`, `breach_unknown`, `breach_notice_incomplete`."""
    if shape not in _SHAPES.get(paper, ()):
        known = "; ".join(f"{name}: {', '.join(shapes)}" for name, shapes in _SHAPES.items())
        raise HubError("breach_paper_unknown", known=known)
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        breach = record.read(connection, tenant_id, breach_id, locked=True)
        form = record.read_form(connection, keys, breach_id)
        if paper == "form":
            made = draft_json(breach, form, moment) if shape == "json" else draft_html(breach, form, moment, language)
        else:
            made = _notice(notice(breach, form, language), shape, moment)
        wanting = breach.missing(form, moment)
        details = {"paper": paper, "format": shape, "language": language, "missing": list(wanting)}
        record.enter(connection, tenant_id, breach_id, "drafted", actor=actor, details=details)
    return Paper(made, len(wanting) if paper == "form" else 0, breach.board_due_at)


def _notice(made: Notice, shape: str, now: datetime) -> bytes:
    if shape == "text":
        return made.text().encode()
    body = "".join(
        f"<section><h2>{escape(heading)}</h2>"
        + "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
        + "</section>"
        for heading, text in made.sections
    )
    with speaking(made.language):
        return page(made.title, body, language=made.language, made_at=now).encode()
