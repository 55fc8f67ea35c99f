"""What a call goes through before a route's function sees it, always in this order.

Who is it (401), for which tenant (400, 403), may it (403), how often (429), was it done before (`Idempotency-Key`), and
only then: is the body well formed (422). So nobody without a right learns what a valid call looks like, and nothing is
parsed for strangers.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.api import problems
from hub.api.asked import Asked
from hub.api.idempotency import Answers, Claim, KeptAnswer, fingerprint, well_formed
from hub.api.models import storable
from hub.control import tenants
from hub.errors import HubError
from hub.i18n import use
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import ROLES, SHOWS_ORIGINALS, WHILE_SUSPENDED
from hub.observe.asgi import TENANT_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from hub.api.need import Need
    from hub.api.services import Services
    from hub.identity.caller import Caller
    from hub.identity.permissions import Permission

    Handler = Callable[[Request], Awaitable[Response]]

logger = logging.getLogger(__name__)

TENANT_HEADER = "Hub-Tenant"
KEY_HEADER = "Idempotency-Key"
_WRITTEN_DOWN = frozenset({401, 403, 404})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ONCE = ("authorization", "x-api-key", TENANT_HEADER, KEY_HEADER, "if-match", "content-type", "content-encoding")
"""A header that stands twice is read differently by a proxy and by us: such a call is refused."""
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_REPLAYED = {"Idempotency-Replayed": "true"}


@dataclass(frozen=True)
class _Facts:
    """What of a request the gate looks at."""

    bearer: str | None
    narrowed: tuple[str, ...]
    """The tenants that the call's header and subdomain name, as they came."""
    key: str | None
    if_match: str | None
    method: str
    route: str
    path: str
    query: str
    request_id: str
    ip: str | None
    language_asked: bool


class Gate:
    """One for a process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._answers = Answers(services.database, services.daily_keys)

    async def through(self, request: Request, need: Need, route: str, handle: Handler) -> Response:
        """The route's answer, or the problem document that says why there is none."""
        facts = _facts(request, route)
        claim: Claim | None = None
        headers: dict[str, str] = {}
        try:
            _require_plain(request)
            asked = await run_in_threadpool(self._admit, facts, need, headers)
            request.state.asked = asked
            request.scope[TENANT_ID] = asked.tenant_id or _home(asked.caller)
            _speak(asked.caller, asked=facts.language_asked)
            if need.oauth:
                _require_form(request)
            if facts.method not in _SAFE:
                await request.body()  # here, where what is wrong with it has a name; the route gets it from memory
            if asked.idempotency_key is not None:
                print_ = fingerprint(facts.method, facts.path, facts.query, await request.body(), facts.if_match)
                scope, caller = _claimant(asked)
                taken = await run_in_threadpool(self._answers.claim, scope, caller, asked.idempotency_key, print_)
                if isinstance(taken, KeptAnswer):
                    return Response(taken.body, taken.status, {**taken.headers, **headers, **_REPLAYED})
                claim = taken
            response = await handle(request)
        except _Refused as refused:
            request.scope[TENANT_ID] = _home(refused.caller)
            _speak(refused.caller, asked=facts.language_asked)
            response = problems.answer(refused.error, request_id=facts.request_id)
            await self._write_down(refused.error, refused.caller, facts)
        except Exception as error:  # whatever it is, it ends as a problem document
            asked = getattr(request.state, "asked", None)
            response = problems.answer(error, request_id=facts.request_id, oauth=need.oauth)
            await self._write_down(error, asked.caller if asked else None, facts)
        if claim is not None:
            response = await self._settle(claim, response, kept=need.answer_kept)
        response.headers.update(headers)
        return response

    def _admit(self, facts: _Facts, need: Need, headers: dict[str, str]) -> Asked:
        services = self._services
        if need.permission is None:
            if need.limited:
                services.limiting.stranger(facts.ip, headers)
            return Asked(services, facts.request_id, facts.ip, None, None)
        if facts.bearer is None:
            services.limiting.stranger(facts.ip, headers)
            raise HubError("credential_missing")
        try:
            caller = services.sign_in.authenticate(facts.bearer)
        except HubError:
            services.limiting.stranger(facts.ip, headers)
            raise
        try:
            services.limiting.caller(caller, headers)  # first: asking for others' tenants costs a call too
            tenant_id = self._tenant(caller, facts.narrowed, need)
            _require(caller, need.permission)
            _require_served(caller, need.permission, facts.method)
            key = _key_of(facts, need)
        except HubError as error:
            raise _Refused(caller, error) from None
        return Asked(services, facts.request_id, facts.ip, caller, tenant_id, key)

    def _tenant(self, caller: Caller, narrowed: tuple[str, ...], need: Need) -> str | None:
        """The credential says which tenant; header and subdomain, which must agree, narrow the staff to one."""
        database = self._services.database
        if not caller.is_platform:
            if any(tenants.find_own(database, caller.home, named) is None for named in narrowed):
                raise HubError("tenant_not_yours")
            return caller.home if need.of_tenant else None
        if not need.of_tenant:
            return None
        if not narrowed:
            raise HubError("tenant_header_missing", header=TENANT_HEADER)
        found = {tenants.find(database, named) for named in narrowed}
        if len(found) > 1:
            raise HubError("tenant_not_yours")
        return found.pop()

    async def _settle(self, claim: Claim, response: Response, *, kept: bool) -> Response:
        """Keep what was done; give the key back where nothing was."""
        try:
            if response.status_code >= 400:
                await run_in_threadpool(self._answers.give_back, claim)
                return response
            body, behind = await _whole(response), response.background
            response = Response(body, response.status_code, dict(response.headers), background=behind)
            answer = KeptAnswer(response.status_code, dict(response.headers), body) if kept else None
            await run_in_threadpool(self._answers.keep, claim, answer, response.status_code)
        except HubError as error:  # what was done is done, and is answered; the key is free again after a while
            logger.error("an answer could not be kept: %s", error.code)  # noqa: TRY400 - a code says all
        return response

    async def _write_down(self, error: Exception, caller: Caller | None, facts: _Facts) -> None:
        code = error.code if isinstance(error, HubError) else ""
        if problems.status_of(code) in _WRITTEN_DOWN:
            await run_in_threadpool(
                self._services.attempts.refused,
                code,
                caller=caller,
                route=facts.route,
                ip=facts.ip,
                request_id=facts.request_id,
            )


class _Refused(Exception):
    """A call that a known caller was refused, for the audit log to name."""

    def __init__(self, caller: Caller, error: HubError) -> None:
        self.caller = caller
        self.error = error
        super().__init__(error.code)


def _require_plain(request: Request) -> None:
    """A small compressed body can be a large one: none is taken. Nor is text that no database could hold.

    Nor what two servers could read differently.
    """
    if not storable(unquote(request.url.path)) or not storable(unquote_plus(request.url.query)):
        raise HubError("request_malformed")
    if any(len(request.headers.getlist(name)) > 1 for name in _ONCE):
        raise HubError("request_malformed")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HubError("body_compressed")


def _require_form(request: Request) -> None:
    """HubError `body_not_form`: FastAPI reads two forms, and of anything else no field, in silence."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _FORMS:
        raise HubError("body_not_form")


def _require(caller: Caller, permission: Permission) -> None:
    """HubError `permission_missing`, or that a person lacks the second factor without which their role is not whole.

    The codes of that are `originals_need_second_factor` and `role_needs_second_factor`.
    """
    if permission in caller.permissions and (permission not in SHOWS_ORIGINALS or caller.second_factor):
        return
    if caller.kind == "user" and permission in ROLES[caller.role] and not caller.second_factor:
        raise HubError("originals_need_second_factor" if permission in SHOWS_ORIGINALS else "role_needs_second_factor")
    raise HubError("permission_missing", permission=permission.value)


def _require_served(caller: Caller, permission: Permission, method: str) -> None:
    """HubError `suspended_reads_only`: a suspended tenant's own people and keys do little more than read."""
    if caller.tenant_suspended and method not in _SAFE and permission not in WHILE_SUSPENDED:
        raise HubError("suspended_reads_only")


def _key_of(facts: _Facts, need: Need) -> str | None:
    """HubError `idempotency_key_missing`, `idempotency_key_malformed`."""
    if facts.method in _SAFE:
        return None
    if facts.key is None:
        if need.key_required:
            raise HubError("idempotency_key_missing")
        return None
    return well_formed(facts.key)


def _facts(request: Request, route: str) -> _Facts:
    return _Facts(
        bearer=_bearer(request),
        narrowed=tuple(filter(None, (request.headers.get(TENANT_HEADER), request.scope.get("hub.subdomain")))),
        key=request.headers.get(KEY_HEADER),
        if_match=request.headers.get("if-match"),
        method=request.method,
        route=f"{request.method} {route}",
        path=request.url.path,
        query=request.url.query,
        request_id=request.scope["hub.request_id"],
        ip=request.client.host if request.client else None,
        language_asked=bool(request.scope.get("hub.language_asked")),
    )


def _bearer(request: Request) -> str | None:
    """`Authorization: Bearer ...` or `X-API-Key: ...`; never a cookie, so no other site's page can make a call."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    return request.headers.get("x-api-key") or None


def _home(caller: Caller | None) -> str | None:
    """The tenant of a tenant's own caller."""
    return None if caller is None or caller.is_platform else caller.home


def _claimant(asked: Asked) -> tuple[str, str]:
    """Whose key it is: the caller's, in the rows of the tenant that the call is about."""
    return asked.tenant_id or asked.who.home or PLATFORM_SCOPE, f"{asked.who.kind}:{asked.who.subject}"


def _speak(caller: Caller | None, *, asked: bool) -> None:
    """The language that the request asks for stands above the caller's own."""
    if not asked and caller is not None and caller.language is not None:
        use(caller.language)


async def _whole(response: Response) -> bytes:
    iterator = getattr(response, "body_iterator", None)
    if iterator is None:
        return bytes(response.body)
    parts = [part if isinstance(part, bytes) else str(part).encode() async for part in iterator]
    return b"".join(parts)
