"""`hub actions batch`: many actions from a file, all of them or none."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import uuid4

import typer

from hub.cli.action_fields import named_by_line
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import say, show_json
from hub.errors import HubError
from hub.i18n import N_, _
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from hub.outbox.enqueue import NewAction

MOST = 50_000
_FIELDS = {"once", "payload", "not_before", "not_after", "priority"}


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("batch", help=N_("Ask for many actions of one kind from a file, all of them or none."))(batch)


def batch(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=N_("Kind of action, such as netgsm.sms."))],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl",
            help=N_(
                'A line each: {"once": KEY, "payload": {...}}, with not_before, not_after and priority if wanted; '
                "- reads standard input."
            ),
        ),
    ],
    tenant: TenantOption,
    commercial: Annotated[
        bool, typer.Option("--commercial", help=N_("A commercial message: consent and İYS are asked for it."))
    ] = False,
    purpose: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Purpose whose consent must stand when it is sent."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """A file that was queued before is queued once: the same keys bring the same actions."""
    from hub.kvkk.audit import operator
    from hub.outbox.ask import ask

    batch_id = uuid4()
    news = list(_actions(file, kind, batch_id, commercial=commercial, purpose=purpose))
    with opened() as hub, named_by_line():
        queued = ask(hub.database, hub.keyring, hub.tenant_id(tenant), news, created_by=operator().name)
    repeated = sum(each.repeated for each in queued)
    if as_json:
        show_json({"batch": batch_id, "queued": len(queued) - repeated, "repeated": repeated})
    else:
        say(
            _("{queued} queued, {repeated} were there already; batch {batch}").format(
                queued=len(queued) - repeated, repeated=repeated, batch=batch_id
            )
        )


def _actions(file: Path, kind: str, batch_id: UUID, *, commercial: bool, purpose: str | None) -> Iterator[NewAction]:
    from hub.outbox.enqueue import NewAction

    for number, line in enumerate(_lines(file), start=1):
        if number > MOST:
            raise HubError("actions_too_many", most=MOST)
        given = _object(line, number)
        yield NewAction(
            kind=kind,
            idempotency_key=given["once"],
            payload=given["payload"],
            not_before=_moment(given, "not_before", number),
            not_after=_moment(given, "not_after", number),
            priority=given.get("priority", 5),
            batch_id=batch_id,
            commercial=commercial,
            purpose=purpose,
        )


def _lines(file: Path) -> Iterator[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise HubError("file_unreadable", path=str(file)) from None
    return (line for line in text.splitlines() if line.strip())


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        found: object = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise HubError("actions_line_malformed", line=number)
    given = cast("dict[str, Any]", found)
    wrong = [Problem(f"{number}:{name}", "field_unknown", {"known": ", ".join(sorted(_FIELDS))})
             for name in sorted(given.keys() - _FIELDS)]  # fmt: skip
    if not isinstance(given.get("once"), str):
        wrong.append(Problem(f"{number}:once", "field_missing", {}))
    if not isinstance(given.get("payload"), dict):
        wrong.append(Problem(f"{number}:payload", "field_missing", {}))
    if not isinstance(given.get("priority", 5), int):
        wrong.append(Problem(f"{number}:priority", "field_between", {"least": 0, "most": 9}))
    if wrong:
        raise InvalidInput(wrong)
    return given


def _moment(given: dict[str, Any], name: str, number: int) -> Any:
    from datetime import datetime

    from connectors.istanbul import ISTANBUL

    text = given.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise InvalidInput([Problem(f"{number}:{name}", "field_not_a_date", {})]) from None
    return found if found.tzinfo else found.replace(tzinfo=ISTANBUL)
