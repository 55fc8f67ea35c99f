"""The stand-in's state, and the way in: every endpoint is a function of the desk and of a call that may enter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from connectors.sandbox.chance import number
from connectors.sandbox.company import ascii_fold
from connectors.sandbox.ledger import Deed
from connectors.sandbox.netgsm import keys
from connectors.sandbox.netgsm.envelope import refusal
from connectors.sandbox.netgsm.messages import ANSWER_AFTER, ANSWERS_RET, DELIVERED, Message
from connectors.sandbox.provider import Asked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.sandbox.world import World

NAME = "netgsm"
DUPLICATES_WITHIN = timedelta(hours=1)


@dataclass
class Incoming:
    """A text that somebody sent to a company."""

    company: str
    sender: str
    """Ten digits."""
    text: str = field(repr=False)
    at: datetime
    gone: bool = False
    """Read without dates: the real service never gives it again."""
    pushed: bool = False


class Desk:
    """One world's messages, safe to use while the server runs in another thread."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lock = RLock()
        self.hooked: set[tuple[str, str]] = set()
        """Company and what it has an address of its own for: `incoming` or `reports`."""
        self._messages: list[Message] = []
        self._jobs: dict[str, list[Message]] = {}
        self._incoming: list[Incoming] = []
        self._last: dict[tuple[str, str, str], datetime] = {}

    def lacks(self, company: str, service: str) -> bool:
        """Whether a company's account is without a service."""
        return (NAME, company, service) in self.world.withheld

    def new_job(self) -> str:
        """A number of 26 digits, never one that was given."""
        with self.lock:
            count = len(self._jobs)
        now = self.world.clock.now()
        return f"{int(now.timestamp()):010d}{number(self.world.seed, NAME, count) % 10**10:010d}{count:06d}"

    def accept(self, job: str, messages: list[Message]) -> None:
        """Take them: from here on they go out, whatever becomes of the answer."""
        with self.lock:
            self._jobs[job] = messages
            for message in messages:
                message.duplicate = self._is_duplicate(message)
                self._messages.append(message)
                reference = message.reference or unnamed(message.number, message.text)
                self.enter(message.company, message.kind, reference, job)

    def enter(self, company: str, what: str, reference: str, job: str) -> None:
        """Write down that something was done."""
        self.world.ledger.enter(Deed(NAME, company, what, reference, job, self.world.clock.now()))

    def skip_job(self, job: str) -> None:
        """A number that is used up without messages in the report."""
        with self.lock:
            self._jobs[job] = []

    def of_company(self, company: str) -> list[Message]:
        """Its messages in order."""
        with self.lock:
            return [message for message in self._messages if message.company == company]

    def of_job(self, company: str, job: str) -> list[Message]:
        """The messages of a job of the company's."""
        with self.lock:
            return [message for message in self._jobs.get(job, ()) if message.company == company]

    def receive(self, company: str, sender: str, text: str, *, at: datetime | None = None) -> None:
        """Somebody writes to the company; `sender` is ten digits."""
        with self.lock:
            self._incoming.append(Incoming(company, sender, text, at or self.world.clock.now()))

    def incoming(self, company: str) -> list[Incoming]:
        """What has come in by now, oldest first."""
        with self.lock:
            self._let_answer()
            found = [each for each in self._incoming if each.company == company and not each.gone]
        return sorted(found, key=lambda each: each.at)

    def unpushed(self) -> Iterator[Message | Incoming]:
        """What has come about and was told to nobody; telling it once is the caller's word."""
        now = self.world.clock.now()
        with self.lock:
            self._let_answer()
            for each in [*self._messages, *self._incoming]:
                if not each.pushed and (each.is_final(now) if isinstance(each, Message) else each.at <= now):
                    each.pushed = True
                    yield each

    def _let_answer(self) -> None:
        now = self.world.clock.now()
        for message in self._messages:
            at = message.final_at + ANSWER_AFTER
            if message.magic == ANSWERS_RET and not message.answered and at <= now:
                message.answered = True
                if message.status(now) == DELIVERED:
                    self.receive(message.company, message.number, "RET", at=at)

    def _is_duplicate(self, message: Message) -> bool:
        """The same text to the same number within the hour, unless the company is without that filter."""
        key = (message.company, message.number, message.text)
        last, self._last[key] = self._last.get(key), message.accepted_at
        if message.kind != "sms" or self.lacks(message.company, "duplicate_filter"):
            return False
        return last is not None and message.accepted_at - last < DUPLICATES_WITHIN


def desk_of(world: World) -> Desk:
    """The world's one desk, made when first asked for."""
    desk = world.desks.get(NAME)
    if desk is None:
        desk = world.desks[NAME] = Desk(world)
    return desk


def unnamed(number_: str, text: str) -> str:
    """What the ledger calls a one-time password, which has no reference: the same for the same text and number."""
    return f"unnamed{number(number_, text):020d}"


def headers_of(world: World, company: str) -> list[str]:
    """Approved sender names."""
    name = ascii_fold(world.company(company).name).upper()[:11].strip()
    return ["FIRMA", name, keys.usercode(world.seed, company)]


@dataclass(frozen=True)
class Call:
    """A request with the right credentials."""

    company: str
    query: dict[str, str]
    body: dict[str, Any]


Endpoint = Callable[[Desk, Call], "Response"]


def guarded_route(desk: Desk, method: str, path: str, endpoint: Endpoint) -> Route:
    """A route that answers right credentials only."""

    async def answer(request: Request) -> Response:
        content = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        company = keys.company_of(desk.world.seed, Asked(request.url.path, request.url.query, headers, content))
        if company is None:
            return refusal("30")
        body = _document(content)
        return refusal("70") if body is None else endpoint(desk, Call(company, dict(request.query_params), body))

    return Route(path, answer, methods=[method])


def _document(content: bytes) -> dict[str, Any] | None:
    try:
        document: Any = json.loads(content or b"{}")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None  # pyright: ignore[reportUnknownVariableType]
