"""`hub templates add|list|show|render|retire`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import entering
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import FromFile, JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.templates.store import Template

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=N_("Name of the template."))]
LanguageOption = Annotated[str, typer.Option("--language", metavar="tr|en", help=N_("Language of the text."))]
VersionOption = Annotated[
    int | None, typer.Option("--version", metavar="NUMBER", help=N_("A version; the newest unless given."))
]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("add", help=N_("Add a template, or the next version of one, after everything in it was checked."))(
        add
    )
    group.command("list", help=N_("List the templates in use."))(list_)
    group.command("show", help=N_("Show a template with its variables."))(show)
    group.command("render", help=N_("Fill a template with variables from JSON, as a message would be; sends nothing."))(
        render
    )
    group.command("retire", help=N_("Let nothing more be sent by a template."))(retire)


def add(
    tenant: TenantOption,
    name: Annotated[str | None, typer.Option(help=N_("Small letters, digits and underscores."))] = None,
    channel: Annotated[str | None, typer.Option(help=N_("sms, whatsapp, email or call."))] = None,
    kind: Annotated[
        str | None,
        typer.Option(help=N_("transactional, commercial, or mixed, which counts as commercial.")),
    ] = None,
    purpose: Annotated[
        str | None, typer.Option(metavar="PURPOSE", help=N_("Purpose by which consents are looked up."))
    ] = None,
    language: Annotated[str | None, typer.Option(metavar="tr|en", help=N_("Language of the text."))] = None,
    text_file: Annotated[Path | None, typer.Option(metavar="FILE", help=N_("The text, with {{ places }}."))] = None,
    variable: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=TYPE", help=N_("A variable, such as tutar=money; may be repeated.")),
    ] = None,
    from_file: FromFile = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Options stand above the file's fields."""
    from hub.templates import store
    from hub.templates.new_template import checked_template

    given = {"name": name, "channel": channel, "kind": kind, "purpose": purpose, "language": language}
    values: dict[str, Any] = entering.document(from_file) if from_file else {}
    values |= {field: value for field, value in given.items() if value is not None}
    if text_file is not None:
        values["text"] = _text(text_file)
    if variable:
        values["variables"] = dict(_name_and_type(each) for each in variable)
    new = checked_template(values)
    with opened() as hub:
        added = store.add(hub.database, hub.tenant_id(tenant), new, actor=acting(by))
    if as_json:
        show_json(added)
    else:
        say(_("Template {name} is added in version {version}.").format(name=added.name, version=added.version))


def list_(
    tenant: TenantOption,
    everything: Annotated[bool, typer.Option("--all", help=N_("Also older and retired versions."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Names, kinds and versions; `show` has the text."""
    from hub.templates import store

    with opened() as hub:
        found = store.listed(hub.database, hub.tenant_id(tenant), everything=everything)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Template"), _("Language"), _("Version"), _("Channel"), _("Kind"), _("Purpose"), _("Added"), _("Retired")],
        [
            [
                each.name,
                each.language,
                str(each.version),
                each.channel,
                _kind(each),
                each.purpose or "–",
                moment(each.created_at),
                moment(each.retired_at),
            ]
            for each in found
        ],
    )


def show(
    name: NameArgument,
    tenant: TenantOption,
    language: LanguageOption = "tr",
    version: VersionOption = None,
    as_json: JsonOption = False,
) -> None:
    """The text as it was added, also of one that is retired."""
    from hub.templates import store

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = store.find(hub.database, tenant_id, name, language=language, version=version, retired=True)
    if as_json:
        show_json(found)
        return
    say(found.text)
    if found.retired_at is not None:
        say(_("Retired at {when}: nothing is sent by it any more.").format(when=moment(found.retired_at)))
    show_table([_("Variable"), _("Type")], [[each, type_] for each, type_ in found.variables.items()])


def render(
    name: NameArgument,
    tenant: TenantOption,
    variables: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=N_("JSON object with the variables; - reads standard input.")),
    ] = None,
    language: LanguageOption = "tr",
    version: VersionOption = None,
    as_json: JsonOption = False,
) -> None:
    """The text goes to standard output and nowhere else."""
    from hub.control import messaging
    from hub.templates import rendering, store

    values = entering.document(variables) if variables else {}
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = store.find(hub.database, tenant_id, name, language=language, version=version)
        done = rendering.render(found, values, messaging.of_tenant(hub.database, tenant_id))
    if as_json:
        show_json(done)
    else:
        say(done.text)


def retire(
    name: NameArgument,
    tenant: TenantOption,
    language: LanguageOption = "tr",
    version: VersionOption = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every version unless one is named."""
    from hub.templates import store

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        count = store.retire(hub.database, tenant_id, name, language=language, version=version, actor=acting(by))
    if as_json:
        show_json({"retired": count})
    else:
        say(_("Retired versions: {count}").format(count=count))


def _kind(template: Template) -> str:
    return _("commercial") if template.kind == "commercial" else _("transactional")


def _name_and_type(text: str) -> tuple[str, str]:
    name, _equals, type_ = text.partition("=")
    return name, type_


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise HubError("file_unreadable", path=str(path)) from None
