"""Meta's stand-in: the part of the Graph API that WhatsApp is sent through, and the webhooks that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Router

from connectors.sandbox.meta import keys, library
from connectors.sandbox.meta.control import PREFIX, control_routes
from connectors.sandbox.meta.desk import Desk, authorised
from connectors.sandbox.meta.envelope import error, spoil
from connectors.sandbox.meta.messages import messages
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World

_VERSIONS = range(17, 40)


def _app(world: World) -> ASGIApp:
    desk = Desk.of(world)
    root = "/{version}/{target}"
    routes = [
        authorised(desk, f"{root}/messages", {"POST": messages}),
        authorised(desk, f"{root}/media", {"POST": library.upload}),
        authorised(desk, f"{root}/message_templates", {"GET": library.list_templates, "POST": library.add_template}),
        authorised(
            desk, f"{root}/block_users", {"GET": library.blocked, "POST": library.block, "DELETE": library.block}
        ),
        authorised(desk, f"{root}/content", {"GET": library.content}),
        authorised(desk, root, {"GET": library.read_object, "DELETE": library.delete_media}),
    ]
    return Router([*control_routes(world), *routes])


def _company_of(world: World, asked: Asked) -> str | None:
    return keys.company_of(world.seed, asked)


STAND_IN = SandboxProvider(
    name="whatsapp",
    prefixes=(PREFIX, *(f"/v{version}.0/" for version in _VERSIONS)),
    app=_app,
    credentials=keys.credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
)
