"""Whether the process lives, whether it can serve, and which version it is. Open to all, and telling nothing else."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Literal, cast

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from hub.api import readiness
from hub.api.need import open_to_all, open_without_limit
from hub.api.route import router as make_router

if TYPE_CHECKING:
    from hub.api.services import Services

router = make_router("system", under="")


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Version(BaseModel):
    """Which Köprü this is."""

    version: str
    api: str = "v1"


# Probes ask with HEAD as well; it is not described, for it is the same call without a body.
@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Does the process live?")
@open_without_limit
def healthz() -> Alive:
    """Asks nothing of anything else: an orchestrator restarts what does not answer here."""
    return Alive()


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", summary="Can calls be served?", responses={503: {"model": readiness.Readiness}})
@open_without_limit
def readyz(services: Annotated[object, Depends(_services)], response: Response) -> readiness.Readiness:
    """Database, migrations, keys and the daemon's heartbeat; 503 while one of the first three is not well."""
    found = readiness.look(cast("Services", services))
    response.status_code = 200 if found.ready else 503
    return found


@router.get("/version", summary="Which version is this?")
@open_to_all
def show_version() -> Version:
    """The installed version."""
    return Version(version=version("kopru"))
