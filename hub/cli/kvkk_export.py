"""`hub kvkk export`, and what becomes of a package: list, link, fetch, passphrase, serve, sweep."""

from __future__ import annotations

import getpass
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import typer

from hub.cli import entering
from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, progress, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, Language, _, language_in_use, speaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.control.consent_record import SubjectKind
    from hub.kvkk.audit import Actor
    from hub.kvkk.export.build import OnProgress
    from hub.kvkk.export.handover import Link
    from hub.kvkk.export.order import Built

ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=N_("Who acts; kept in the audit log."))]
ExportArgument = Annotated[UUID, typer.Argument(metavar="EXPORT", help=N_("The package's id."))]
RequestOption = Annotated[
    UUID | None,
    typer.Option("--request", metavar="ID", help=N_("A request of the desk, which knows whose data it is.")),
]
LanguageOption = Annotated[str, typer.Option("--language", metavar="tr|en", help=N_("Language of the answer."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.callback(
        invoke_without_command=True,
        help=N_(
            "Pack everything that is held about one person. Identifiers are asked for, or read from standard input,"
            " one a line: KIND VALUE."
        ),
    )(export)
    group.command("list", help=N_("List packages and how far they are."))(list_)
    group.command("link", help=N_("Make a link to a package that works once; an earlier one ends."))(link)
    group.command("fetch", help=N_("Copy a package to a file, to hand it over by other means."))(fetch)
    group.command("passphrase", help=N_("Show a package's passphrase; it is shown once."))(passphrase)
    group.command("serve", help=N_("Serve the pages of links on 127.0.0.1 until Ctrl-C."))(serve)
    group.command("sweep", help=N_("Delete packages whose time is up."))(sweep)


def export(
    context: typer.Context,
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="TENANT", help=N_("Tenant: its id or its subdomain."))
    ] = None,
    request: RequestOption = None,
    language: LanguageOption = "tr",
    with_link: Annotated[bool, typer.Option("--link", help=N_("Also make a link that works once."))] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """With `--request` the desk's identifiers and reviewers' decisions count; the language is the request's."""
    if context.invoked_subcommand is not None:
        return
    if tenant is None:
        raise HubError("export_tenant_missing")
    actor = _actor(by)
    spoken = _language(language)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        pairs = [] if request is not None else _identifiers(hub, tenant_id)
        with progress(_("Export")) as report:
            built = _built(hub, tenant_id, request, pairs, spoken, actor, _told(report))
        from hub.kvkk.export import handover

        secret = handover.passphrase_once(hub.database, hub.keyring, tenant_id, built.export_id, actor)
        made = handover.issue_link(hub.database, tenant_id, built.export_id, actor) if with_link else None
        url = _url(hub, made) if made else None
    if as_json:
        show_json(
            {
                "export_id": built.export_id,
                "rows": built.rows,
                "bytes": built.bytes,
                "sha256": built.sha256,
                "available_until": built.available_until,
                "records_awaiting_review": built.waiting,
                "passphrase": secret,
                "link": url,
            }
        )
        return
    say(_("Package {export}: {rows} records, until {time}.").format(
        export=built.export_id, rows=built.rows, time=moment(built.available_until)
    ))  # fmt: skip
    say(_("Passphrase, shown once; give it another way than the package: {passphrase}").format(passphrase=secret))
    if url:
        say(_("Link, works once: {url}").format(url=url))
    if built.waiting:
        note(_("Left out until a reviewer has decided: {count} groups of records.").format(count=built.waiting))


def list_(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Ids, states and counts."""
    from hub.kvkk.export import record

    with opened() as hub:
        found = record.listed(hub.database, hub.tenant_id(tenant))
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Package"), _("Request"), _("State"), _("Records"), _("Bytes"), _("Until"), _("Downloaded"), _("Why")],
        [
            [
                str(each.export_id),
                str(each.request_id or "–"),
                each.state,
                f"{each.rows_done}/{'?' if each.rows_total is None else each.rows_total}",
                str(each.bytes or "–"),
                moment(each.link_expires_at),
                moment(each.downloaded_at),
                each.failure_code or "–",
            ]
            for each in found
        ],
    )


def link(export_id: ExportArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """The address is shown here and kept nowhere."""
    from hub.kvkk.export import handover

    with opened() as hub:
        made = handover.issue_link(hub.database, hub.tenant_id(tenant), export_id, _actor(by))
        url = _url(hub, made)
    if as_json:
        show_json({"export_id": export_id, "link": url, "expires_at": made.expires_at})
    else:
        say(_("Link, works once, until {time}: {url}").format(time=moment(made.expires_at), url=url))


def fetch(
    export_id: ExportArgument,
    tenant: TenantOption,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help=N_("New file for the package."))],
    by: ByOption = None,
) -> None:
    """The copy is for its owner alone; an existing file is never replaced."""
    from hub.kvkk.export import handover

    with opened() as hub:
        try:
            descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            raise HubError("file_not_new", path=str(to)) from None
        try:
            with (
                os.fdopen(descriptor, "wb") as target,
                handover.take_as_operator(hub.database, hub.tenant_id(tenant), export_id, _actor(by)) as package,
            ):
                shutil.copyfileobj(package, target)
        except BaseException:
            to.unlink(missing_ok=True)
            raise
    note(_("The package is in {path}.").format(path=to))


def passphrase(
    export_id: ExportArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False
) -> None:
    """For packages that a request's run made: the operator gives it to the person another way than the link."""
    from hub.kvkk.export import handover

    with opened() as hub:
        secret = handover.passphrase_once(hub.database, hub.keyring, hub.tenant_id(tenant), export_id, _actor(by))
    if as_json:
        show_json({"export_id": export_id, "passphrase": secret})
    else:
        say(secret)


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help=N_("Port on 127.0.0.1; 0 takes a free one."))] = 8078,
) -> None:
    """No log of addresses is written: a link's token stands in its path. TLS is the reverse proxy's."""
    from hub import serving
    from hub.kvkk.export.link import link_app

    with opened() as hub:
        serving.serve(link_app(hub.database), port, lambda url: say(_("Links: {url}").format(url=url)))


def sweep(as_json: JsonOption = False) -> None:
    """What the hourly job does, at once."""
    from hub.kvkk.export.expiry import sweep_exports

    with opened() as hub:
        swept = sweep_exports(hub.database)
    if as_json:
        show_json(swept)
    else:
        say(
            _("Deleted: {expired} packages, {files} torn files.").format(
                expired=swept.expired, files=swept.files + swept.abandoned
            )
        )


def _built(
    hub: Hub,
    tenant_id: str,
    request: UUID | None,
    pairs: list[tuple[str, str]],
    language: Language,
    actor: Actor,
    on_progress: OnProgress,
) -> Built:
    from hub.kvkk.export.handle import open_exporter, package_of
    from hub.kvkk.export.order import Order

    exporter = open_exporter(hub.settings, hub.database, hub.keyring, hub.policies)
    if request is not None:
        return package_of(exporter, tenant_id, request, actor, on_progress)
    return exporter.export(Order(tenant_id, pairs, actor, language=language), on_progress)


def _identifiers(hub: Hub, tenant_id: str) -> list[tuple[str, str]]:
    """Kinds and pseudonyms of what is entered, until an empty line. HubError `input_empty`, `subject_malformed`."""
    from connectors.secret import Secret
    from hub.control.grounds import subject_pseudonym
    from kvkk_policies.vocabulary import IDENTIFIER_KINDS

    prompt = _("Identifier as KIND VALUE; an empty line ends")
    found: dict[tuple[str, str], None] = {}
    while line := entering.optional_hidden_value(prompt).reveal():
        kind, _space, value = line.partition(" ")
        if kind not in IDENTIFIER_KINDS:
            raise HubError("subject_kind_unknown", known=", ".join(IDENTIFIER_KINDS))
        named = cast("SubjectKind", kind)
        found[kind, subject_pseudonym(hub.keyring, tenant_id, named, Secret(value))] = None
    if not found:
        raise HubError("input_empty", field=prompt)
    return list(found)


def _told(report: Callable[..., None]) -> OnProgress:
    """A line for each tenth where there is no terminal, a bar where there is one."""
    spoken = language_in_use()  # not the package's

    def on_progress(done: int, total: int) -> None:
        tenth = 10 * done // total if total else 10
        with speaking(spoken):
            step = _("{percent} % of {total} records").format(percent=10 * tenth, total=total)
        report(step, done, total)

    return on_progress


def _url(hub: Hub, made: Link) -> str:
    return (hub.settings.public_url or "").rstrip("/") + made.path


def _language(text: str) -> Language:
    from hub.i18n import LANGUAGES, parse_language

    found = parse_language(text)
    if found is None:
        raise HubError("language_unknown", known=", ".join(LANGUAGES))
    return found


def _actor(by: str | None) -> Actor:
    from hub.kvkk.audit import Actor
    from hub.policies.new_override import named

    return Actor(named(by) if by is not None else getpass.getuser(), "operator")
