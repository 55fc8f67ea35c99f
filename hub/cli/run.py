"""From arguments to exit status: one place turns every error into words, in the reader's language."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from typer.exceptions import TyperException

from connectors.failure import ProviderFailure
from hub.cli.localise import command_in_language
from hub.errors import HubError
from hub.i18n import _
from hub.messages import explain

OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130

TIDY_SECONDS = 20.0


_MISUSES = frozenset(
    {
        "language_unknown",
        "provider_unknown",
        "stream_unknown",
        "stream_has_parent",
        "date_malformed",
        "full_with_dates",
        "range_needs_from",
        "range_reversed",
        "setting_malformed",
        "consent_not_named",
        "check_outcome_unknown",
        "inventory_format_unknown",
        "inventory_needs_a_file",
        "time_malformed",
        "breach_nothing_to_update",
        "breach_notify_unknown",
        "breach_evidence_missing",
        "breach_paper_unknown",
        "breach_period_wrong",
        "tenants_not_named",
        "users_of_whom",
        "messaging_hours_wrong",
    }
)
"""Errors that the command line alone is the cause of."""


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status."""
    as_json = "--json" in arguments
    try:
        with _ending_tidily():
            status = command_in_language().main(args=list(arguments), prog_name="hub", standalone_mode=False)
    except TyperException as error:
        return _misused(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt, EOFError):
        typer.echo(_("Interrupted."), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; Python would complain about it at exit
        return FAILED
    except (HubError, ProviderFailure) as error:
        return _failed(error.code, explain(error), as_json=as_json)
    except Exception as error:
        return _failed("unexpected", _unexpected(error), as_json=as_json)
    return status if isinstance(status, int) else OK


@contextmanager
def _ending_tidily() -> Generator[None]:
    """A closed terminal or `kill` ends a command as Ctrl-C does: logins, runs and servers it began with end too.

    Libraries may swallow the interruption and go on, and the second signal must not wait for them; nor need the first,
    for what a killed process leaves behind is found by the next one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    last_call = threading.Timer(TIDY_SECONDS, os._exit, [INTERRUPTED])
    last_call.daemon = True

    def interrupt(_number: int, _frame: object) -> None:
        if last_call.ident is not None:
            os._exit(INTERRUPTED)
        last_call.start()
        raise KeyboardInterrupt

    # What was told to ignore a signal (nohup) goes on doing so.
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    heeded = {number: handler for number, handler in before.items() if handler != signal.SIG_IGN}
    for number in heeded:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        last_call.cancel()
        for number, handler in heeded.items():
            signal.signal(number, handler)


def _failed(code: str, text: str, *, as_json: bool) -> int:
    shown = json.dumps({"error": {"code": code, "message": text}}, ensure_ascii=False) if as_json else text
    typer.echo(shown, err=True)
    return MISUSED if code in _MISUSES else FAILED


def _unexpected(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    kind = type(error).__name__
    sqlstate = getattr(error, "sqlstate", None)
    return _("Something unforeseen happened: {kind} at {place}. This is a fault of the hub; please report it.").format(
        kind=f"{kind} {sqlstate}" if sqlstate else kind, place=f"{Path(frame.filename).name}:{frame.lineno}"
    )


def _misused(error: TyperException, *, as_json: bool) -> int:
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        typer.echo(error.format_message())
        return MISUSED
    parameter = getattr(error, "param", None)
    name = parameter.get_error_hint() if parameter is not None else ""
    texts = {
        "MissingParameter": _("{name} is missing."),
        "NoSuchOption": _("There is no option {option}."),
        "BadOptionUsage": _("The option {option} is not used rightly."),
        "BadParameter": _("{name} has a value that does not fit."),
    }
    text = texts.get(kind, _("The command is not right.")).format(name=name, option=getattr(error, "option_name", ""))
    # What Typer says of a value comes from pydantic, in English; what the option is for says more.
    hint = getattr(parameter, "help", "") if kind == "BadParameter" else ""
    hint = _usage_hint(error) if kind == "UsageError" else hint
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "hub"
    text = hint if kind == "UsageError" and hint else " ".join(part for part in (text, hint) if part)
    if as_json:
        typer.echo(json.dumps({"error": {"code": "misused", "message": text}}, ensure_ascii=False), err=True)
        return MISUSED
    typer.echo(text, err=True)
    typer.echo(_("Try: {command} --help").format(command=path), err=True)
    return MISUSED


def _usage_hint(error: TyperException) -> str:
    """Typer's own words where they go through our catalogue, and ours for those that do not."""
    said = error.format_message()
    extra = re.fullmatch(r"Got unexpected extra argument\(s\) \((.*)\)", said, re.DOTALL)
    if extra:
        return _("Unexpected: {arguments}").format(arguments=extra[1])
    wrong, _between, alike = said.partition(" Did you mean ")
    if alike:
        return " ".join((wrong, _("Did you mean {names}?").format(names=alike.removesuffix("?"))))
    return said
