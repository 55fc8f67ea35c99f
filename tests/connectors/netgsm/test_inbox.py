from __future__ import annotations

import inspect
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.netgsm import inbox
from connectors.sandbox.netgsm.desk import desk_of
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import answered, asked, ok, post, spec_of
from tests.connectors.stand_still import START

DAY = timedelta(days=1)


class TestInbox:
    def test_it_is_read_between_two_times_as_often_as_one_likes(self, sandbox: Sandbox) -> None:
        desk = desk_of(sandbox.world)
        desk.receive("i", "5321234567", "RET", at=START - DAY)
        desk.receive("i", "5321234567", "Adres: Moda Cad. 3, Kadıköy", at=START - 2 * DAY)
        for _ in range(2):
            found = asked(spec_of(sandbox, "i"), lambda client: inbox.messages(client, START - 3 * DAY, START))
            assert [each.text for each in found] == ["Adres: Moda Cad. 3, Kadıköy", "RET"]
        assert (found[1].sender, found[1].at) == ("+905321234567", START - DAY)
        assert "RET" not in repr(found)
        assert "532123" not in repr(found)
        only = asked(spec_of(sandbox, "i"), lambda client: inbox.messages(client, START - 3 * DAY, START - 2 * DAY))
        assert len(only) == 1

    def test_an_empty_inbox_is_no_failure(self, sandbox: Sandbox) -> None:
        assert asked(spec_of(sandbox, "empty"), lambda client: inbox.messages(client, START - DAY, START)) == []

    def test_there_is_no_way_to_ask_without_dates(self) -> None:
        parameters = inspect.signature(inbox.messages).parameters
        assert [parameters[name].default for name in ("start", "stop")] == [inspect.Parameter.empty] * 2
        # And nobody else has the address: whoever needs the inbox goes through the function that wants dates.
        folder = Path(inbox.__file__).parent
        assert [file.name for file in folder.glob("*.py") if inbox.PATH + '"' in file.read_text()] == ["inbox.py"]

    @pytest.mark.parametrize(
        ("start", "stop"),
        [
            (None, None),
            (START, None),
            (datetime(2026, 11, 1), datetime(2026, 11, 2)),  # noqa: DTZ001 - what is refused
            (START, START),
            (START, START - DAY),
            (START - 31 * DAY, START),
        ],
    )
    def test_bounds_that_are_none_are_refused_and_nothing_is_asked(
        self, sandbox: Sandbox, start: Any, stop: Any
    ) -> None:
        with pytest.raises((ValueError, AttributeError)):
            asked(spec_of(sandbox, "bounds"), lambda client: inbox.messages(client, start, stop))
        assert sandbox.world.requests["netgsm", "bounds", inbox.PATH] == 0

    def test_dates_are_in_every_request(self) -> None:
        _, requests = answered(
            lambda client: inbox.messages(client, START - DAY, START), ok({"code": "00", "messages": []})
        )
        assert requests[0].startswith(b"GET /sms/rest/v2/inbox?startdate=17112026120000&stopdate=18112026120000")

    def test_without_dates_the_stand_in_gives_a_message_once_and_for_all(self, sandbox: Sandbox) -> None:
        desk_of(sandbox.world).receive("gone", "5321234567", "Merhaba", at=START - DAY)
        first = post(sandbox, "gone", inbox.PATH, method="GET")
        assert len(first[1]["messages"]) == 1
        assert post(sandbox, "gone", inbox.PATH, method="GET")[1]["code"] == "40"
        assert asked(spec_of(sandbox, "gone"), lambda client: inbox.messages(client, START - 3 * DAY, START)) == []
