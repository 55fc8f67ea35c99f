"""Whether a request may go on, by what it would change and who asks; and the audit log hears of it first."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hub.dagster_door.access import MutationNote
from hub.dagster_door.operations import GraphQLRequest, Mutation, mutations_of

if TYPE_CHECKING:
    from hub.dagster_door.access import Access, Audited

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gate:
    """`admin_runs` tells whether a webserver that takes mutations is up at all (`hub up --admin`)."""

    audited: Audited
    admin_runs: bool

    async def refusal(
        self,
        requests: list[GraphQLRequest],
        access: Access,
        ip: str | None,
        over: Literal["http", "websocket"],
        *,
        impossible: str | None = None,
    ) -> str | None:
        """The code for which these may not go on, or None, once what they change is in the log.

        `impossible` is a code for which mutations are refused to everybody. Raises Unreadable.
        """
        mutations = tuple(mutation for request in requests for mutation in mutations_of(request))
        if not mutations:
            return None
        code = impossible or self._refused(access)
        note = MutationNote(access.caller, ip, _merged(mutations), "refused" if code else "forwarded", over)
        try:
            await self.audited(note)
        except Exception as error:  # whatever it is: what cannot be logged is not done
            logger.error("a mutation could not be audited: %s", type(error).__name__)  # noqa: TRY400 - no texts
            return code or "dagster_not_audited"
        return code

    def _refused(self, access: Access) -> str | None:
        if not access.operates:
            return "dagster_operate_missing"
        return None if self.admin_runs else "dagster_read_only"


def _merged(mutations: tuple[Mutation, ...]) -> tuple[Mutation, ...]:
    """Without repetitions, in their order."""
    return tuple(dict.fromkeys(mutations))
