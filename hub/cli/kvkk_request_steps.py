"""`hub kvkk requests identify|ask|assign|review|start|answer|refuse|close`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from hub.cli import entering
from hub.cli.kvkk_request_options import (
    ByOption,
    KindsOption,
    RequestArgument,
    actor,
    desk_name,
    identifiers_asked_for,
    tell,
)
from hub.cli.kvkk_request_words import code_given, lira_given, refusal_given, text_given, word_given
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import say, show_json
from hub.errors import HubError
from hub.i18n import N_, _

TextOption = Annotated[
    Path, typer.Option("--text-file", metavar="FILE", help=N_("The answer's text; - reads standard input."))
]
GroundOption = Annotated[
    str | None,
    typer.Option(
        "--ground",
        metavar="CODE",
        help=N_("Why it is refused, such as statutory_retention or identity_not_established."),
    ),
]
ArticleOption = Annotated[
    str | None, typer.Option(metavar="ARTICLE", help=N_("The article it rests on, where the ground does not say it."))
]
DestructionOption = Annotated[
    str | None, typer.Option(metavar="DATE", help=N_("When the data will be destroyed by itself: YYYY-MM-DD."))
]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "identify", help=N_("Check who applies, with what is held already. No document is kept, only the method.")
    )(identify)
    group.command("ask", help=N_("Note that the applicant was asked for what is missing. The thirty days run on."))(ask)
    group.command("assign", help=N_("Make an application somebody's, who then starts, answers or refuses it."))(assign)
    group.command("review", help=N_("Decide about a subject that was reached through a weak or shared identifier."))(
        review
    )
    group.command("start", help=N_("Begin the work, or begin it again after it failed."))(start)
    group.command("answer", help=N_("Accept, wholly or, with --ground, in part. The text is sealed."))(answer)
    group.command("refuse", help=N_("Refuse the whole, with its ground and the reasons in the text."))(refuse)
    group.command("close", help=N_("Put an answered application away."))(close)


def identify(
    request: RequestArgument,
    tenant: TenantOption,
    method: Annotated[
        str,
        typer.Option(
            metavar="METHOD",
            help=N_(
                "matched_identifiers, registered_email, in_person, wet_signature, kep, secure_e_signature,"
                " mobile_signature or application_login."
            ),
        ),
    ],
    identifier_kind: KindsOption = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The exit status is 1 when the identity stays in doubt."""
    from hub.kvkk.requests import identity
    from hub.kvkk.requests.vocabulary import IdentityMethod

    chosen = cast("IdentityMethod", word_given(method, get_args(IdentityMethod), "method"))
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        added = identifiers_asked_for(hub, tenant_id, identifier_kind or [])
        found = identity.identify(
            hub.database, hub.keyring, tenant_id, request, chosen, actor=actor(hub, tenant, by), added=added
        )
    if found.identity_confirmed_at is None:
        raise HubError("request_identity_doubtful", method=method)
    tell(found, _("Who applies is established. The request must be answered by {due}."), as_json=as_json)


def ask(
    request: RequestArgument,
    tenant: TenantOption,
    missing: Annotated[
        str, typer.Option(metavar="CODE", help=N_("What was asked for, as a code: tckn, signature, subject and so on."))
    ],
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The asking itself is a person's."""
    from hub.kvkk.requests import handling

    with opened() as hub:
        found = handling.ask(
            hub.database, hub.tenant_id(tenant), request, code_given(missing, "missing"), actor=actor(hub, tenant, by)
        )
    tell(found, _("The request waits for the applicant and is still due by {due}."), as_json=as_json)


def assign(
    request: RequestArgument,
    tenant: TenantOption,
    handler: Annotated[str, typer.Option("--to", metavar="NAME", help=N_("Whose it is from now on."))],
    with_email: Annotated[
        bool, typer.Option("--with-email", help=N_("Ask for the address to which warnings go; it is kept sealed."))
    ] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The handler's name is the one they give with --by."""
    from hub.kvkk.requests import handling

    email = entering.hidden_value(_("The handler's e-mail address")) if with_email else None
    with opened() as hub:
        found = handling.assign(
            hub.database,
            hub.keyring,
            hub.tenant_id(tenant),
            request,
            desk_name(hub, tenant, handler),
            actor=actor(hub, tenant, by),
            email=email,
        )
    tell(found, _("The request is assigned; it must be answered by {due}."), as_json=as_json)


def review(
    request: RequestArgument,
    tenant: TenantOption,
    subject_id: Annotated[str, typer.Option(metavar="ID", help=N_("The subject's id, as show lists it."))],
    decision: Annotated[
        str, typer.Option(metavar="included|excluded", help=N_("Whether its data is the applicant's."))
    ],
    reason: Annotated[
        str, typer.Option(metavar="CODE", help=N_("Why, as a code: family_phone, same_person and so on."))
    ],
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Work starts when nothing waits for a decision any more."""
    from hub.kvkk.requests import subjects

    chosen = word_given(decision, ("included", "excluded"), "decision")
    with opened() as hub:
        done = subjects.decide(
            hub.database,
            hub.tenant_id(tenant),
            request,
            subject_id,
            "included" if chosen == "included" else "excluded",
            reason=code_given(reason, "reason"),
            actor=actor(hub, tenant, by),
        )
    if as_json:
        show_json(done)
    else:
        say(_("Subject {subject}: {decision}.").format(subject=done.subject_id, decision=done.decision))


def start(request: RequestArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """What the hub does by itself is done by a Dagster run; see `hub up`."""
    from hub.kvkk.requests import handling

    with opened() as hub:
        found = handling.start(hub.database, hub.keyring, hub.tenant_id(tenant), request, actor=actor(hub, tenant, by))
    tell(found, _("The work has begun; the request must be answered by {due}."), as_json=as_json)


def answer(
    request: RequestArgument,
    tenant: TenantOption,
    text_file: TextOption,
    form: Annotated[
        str, typer.Option(metavar="electronic|paper|medium", help=N_("How the answer is given; it decides the fee."))
    ] = "electronic",
    pages: Annotated[int, typer.Option(help=N_("Pages on paper; ten are free."))] = 0,
    medium_cost: Annotated[str, typer.Option(metavar="LIRA", help=N_("What the medium itself cost."))] = "0",
    own_fault: Annotated[bool, typer.Option("--own-fault", help=N_("The controller was at fault: no fee."))] = False,
    ground: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Why a part is refused; none for a full acceptance."))
    ] = None,
    article: ArticleOption = None,
    destruction_due: DestructionOption = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The fee that may be asked at most is computed and kept."""
    from hub.kvkk.requests import answering
    from hub.kvkk.requests.fees import AnswerForm, Delivery

    chosen = cast("AnswerForm", word_given(form, get_args(AnswerForm), "form"))
    delivery = Delivery(chosen, pages, lira_given(medium_cost), own_fault)
    refused_part = refusal_given(ground, article, destruction_due) if ground else None
    text = text_given(text_file)
    with opened() as hub:
        found = answering.answer(
            hub.database,
            hub.keyring,
            hub.tenant_id(tenant),
            request,
            text,
            actor=actor(hub, tenant, by),
            delivery=delivery,
            refused_part=refused_part,
        )
    tell(found, _("The request {request} is answered."), as_json=as_json)


def refuse(
    request: RequestArgument,
    tenant: TenantOption,
    text_file: TextOption,
    ground: GroundOption = None,
    article: ArticleOption = None,
    destruction_due: DestructionOption = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The article is kept with the refusal."""
    from hub.kvkk.requests import answering

    refusal = refusal_given(ground, article, destruction_due) if ground else None
    text = text_given(text_file)
    with opened() as hub:
        found = answering.refuse(
            hub.database, hub.keyring, hub.tenant_id(tenant), request, text, refusal, actor=actor(hub, tenant, by)
        )
    tell(found, _("The request {request} is refused."), as_json=as_json)


def close(request: RequestArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """Nothing can be done to it afterwards."""
    from hub.kvkk.requests import answering

    with opened() as hub:
        found = answering.close(hub.database, hub.tenant_id(tenant), request, actor=actor(hub, tenant, by))
    tell(found, _("The request {request} is closed."), as_json=as_json)
