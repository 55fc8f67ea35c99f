"""The kinds of action that every integrator offers, declared once: send, cancel, take back, answer."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.actions import ActionKind, OpenPerformer, Payload, Performer, Problem
from connectors.einvoice.contract import Integrator, Kind
from connectors.einvoice.performing import answerer, canceller, sender

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec

OpenIntegrator = Callable[["ConnectionSpec", "httpx.AsyncClient"], AbstractAsyncContextManager[Integrator]]

_ETTN = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBER = re.compile(r"[A-Z0-9]{3}20[0-9]{11}")
_ALIAS = re.compile(r"[^\s<>\"'&]{3,250}")
_LONGEST_NOTE = 1000
ANSWER_WINDOW = timedelta(days=8)
"""In which a commercial invoice may be answered."""


def invoice_kinds(provider: str, title: str, open: OpenIntegrator) -> tuple[ActionKind, ...]:
    """`<provider>.einvoice`, `.earchive`, `.cancel`, `.revert_cancel` and `.answer`."""
    return (
        _sending(provider, f"{title}: e-Fatura", "einvoice", open),
        _sending(provider, f"{title}: e-Arşiv", "earchive", open),
        ActionKind(
            name=f"{provider}.cancel",
            provider=provider,
            title=f"{title}: cancel an e-Arşiv invoice",
            check=check_cancel,
            open=_opened(open, canceller),
            asking="by_reference",
            summary=_summary,
        ),
        ActionKind(
            name=f"{provider}.revert_cancel",
            provider=provider,
            title=f"{title}: take a cancellation back",
            check=check_cancel,
            open=_opened(open, lambda integrator: canceller(integrator, back=True)),
            asking="by_reference",
            summary=_summary,
        ),
        ActionKind(
            name=f"{provider}.answer",
            provider=provider,
            title=f"{title}: answer an incoming invoice",
            check=check_answer,
            open=_opened(open, answerer),
            asking="by_reference",
            summary=_answer_summary,
        ),
    )


def check_send(payload: Payload, kind: Kind) -> Sequence[Problem]:
    """What is wrong with a send. The document's bytes come at the moment of sending, so their absence is no problem."""
    problems = [*_identity(payload)]
    if payload.get("kind") != kind:
        problems.append(Problem("kind", "delivery_kind_wrong", {"expected": kind}))
    if not _NUMBER.fullmatch(str(payload.get("number") or "")):
        problems.append(Problem("number", "delivery_number_malformed"))
    if kind == "einvoice" and not _ALIAS.fullmatch(str(payload.get("alias") or "")):
        problems.append(Problem("alias", "delivery_alias_missing"))
    if payload.get("delivery", "electronic") not in ("electronic", "paper"):
        problems.append(Problem("delivery", "delivery_way_unknown"))
    return problems


def check_cancel(payload: Payload) -> Sequence[Problem]:
    """What is wrong with a cancellation."""
    return [*_identity(payload), *_text(payload, "reason")]


def check_answer(payload: Payload) -> Sequence[Problem]:
    """What is wrong with an answer. A rejection needs its reason: the sender has to be told."""
    problems = [*_identity(payload), *_text(payload, "note")]
    if payload.get("answer") not in ("accepted", "rejected"):
        problems.append(Problem("answer", "delivery_answer_unknown"))
    elif payload["answer"] == "rejected" and not str(payload.get("note") or "").strip():
        problems.append(Problem("note", "delivery_reason_missing"))
    return problems


def _sending(provider: str, title: str, kind: Kind, open: OpenIntegrator) -> ActionKind:
    return ActionKind(
        name=f"{provider}.{kind}",
        provider=provider,
        title=title,
        check=lambda payload: check_send(payload, kind),
        open=_opened(open, lambda integrator: sender(integrator, kind)),
        asking="by_reference",
        polls_after=timedelta(minutes=2),
        with_document=True,
        # A commercial invoice may be answered for eight days, and is asked after for as long.
        gives_up_after=ANSWER_WINDOW + timedelta(days=1),
        summary=_summary,
    )


def _opened(open: OpenIntegrator, performer: Callable[[Integrator], Performer]) -> OpenPerformer:
    @asynccontextmanager
    async def opened(spec: ConnectionSpec, client: httpx.AsyncClient) -> AsyncGenerator[Performer]:
        async with open(spec, client) as integrator:
            yield performer(integrator)

    return opened


def _identity(payload: Payload) -> list[Problem]:
    whole = _ETTN.fullmatch(str(payload.get("ettn") or ""))
    return [] if whole else [Problem("ettn", "delivery_ettn_malformed")]


def _text(payload: Payload, name: str) -> list[Problem]:
    value = payload.get(name)
    fits = value is None or (isinstance(value, str) and len(value) <= _LONGEST_NOTE)
    return [] if fits else [Problem(name, "delivery_note_too_long", {"limit": _LONGEST_NOTE})]


def _answer_summary(payload: Payload) -> dict[str, str | int]:
    answer = payload.get("answer")
    return {**_summary(payload), **({"answer": answer} if answer in ("accepted", "rejected") else {})}


def _summary(payload: Payload) -> dict[str, str | int]:
    """Numbers of documents only; a number that is none of ours is not shown."""
    shown: dict[str, str | int] = {}
    for name, form in (("ettn", _ETTN), ("number", _NUMBER)):
        value = str(payload.get(name) or "")
        if form.fullmatch(value):
            shown[name] = value
    document = payload.get("document_id")
    if isinstance(document, int) or (isinstance(document, str) and _ETTN.fullmatch(document)):
        shown["document_id"] = document
    return shown
