"""Extensions, groups and numbers as they stand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from connectors.bulutfon import PROVIDER
from connectors.contract import Row
from connectors.failure import ProviderFailure
from connectors.sandbox.bulutfon.switchboard import AGENTS, GROUPS, extension_number, lines
from connectors.sandbox.server import Sandbox
from tests.connectors.bulutfon.calling import GENERATIONS, days, keyed, read, requests, session, spec
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import spec_at

OFFICE = "office-3"
NOUNS = ("extensions", "groups", "numbers")


@pytest.mark.parametrize("version", GENERATIONS)
@pytest.mark.parametrize("stream", NOUNS)
def test_rows_hold_exactly_the_declared_columns(sandbox: Sandbox, version: str, stream: str) -> None:
    found = read(spec(sandbox, OFFICE, version), stream)
    assert found[stream]
    for name, rows in found.items():
        declared = {column.name: column for column in PROVIDER.stream(name).columns}
        for row in keyed(name, rows).values():
            assert row.keys() == declared.keys()
            assert all(value is not None or declared[column].nullable for column, value in row.items())


def test_names_and_descriptions_are_given_and_keys_are_declared_and_required() -> None:
    for stream in PROVIDER.streams:
        names = [column.name for column in stream.columns]
        assert len(names) == len(set(names))
        assert all(column.description for column in stream.columns)
        assert all(not stream.column(name).nullable for name in stream.key)
        assert stream.parent is None or PROVIDER.stream(stream.parent)


class TestExtensions:
    @pytest.mark.parametrize("version", GENERATIONS)
    def test_employees_stand_behind_them(self, sandbox: Sandbox, version: str) -> None:
        rows = keyed("extensions", read(spec(sandbox, OFFICE, version), "extensions")["extensions"])
        company = sandbox.world.company(OFFICE)
        people = [company.employee(agent) for agent in range(AGENTS)]
        assert [(row["number"], row["caller_name"], row["email"]) for row in rows.values()] == [
            (str(extension_number(agent)), person.name, person.email) for agent, person in enumerate(people)
        ]
        assert {row["registered"] for row in rows.values()} == {True, False}

    def test_the_first_generation_tells_the_rest_in_details(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, OFFICE, "v1"), "extensions")["extensions"]
        assert requests(sandbox) == AGENTS + 1
        assert {row["line"] for row in rows} <= {str(line.number) for line in lines(sandbox.world, OFFICE)}
        assert [row["redirection_type"] for row in rows if row["external_number"]] == ["UNREACHABLE"]
        assert {row["call_rights"] for row in rows} == {"domestic,gsm", "domestic,gsm,international"}

    def test_the_second_generation_needs_one_request_and_tells_telephones(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, OFFICE, "v2"), "extensions")["extensions"]
        assert requests(sandbox) == 1
        assert all(row["phone"].startswith("905") for row in rows)


class TestGroups:
    def test_members_are_children_without_their_names(self, sandbox: Sandbox) -> None:
        found = read(spec(sandbox, OFFICE, "v1"), "groups")
        assert {row["number"]: row["name"] for row in found["groups"]} == {
            str(number): name for number, (name, _) in GROUPS.items()
        }
        members = keyed("group_members", found["group_members"])
        assert len(members) == sum(len(agents) for _, agents in GROUPS.values())
        assert sandbox.world.company(OFFICE).employee(0).surname not in repr(members)


class TestNumbers:
    @pytest.mark.parametrize("version", GENERATIONS)
    def test_lines_are_told_twice_to_be_read_and_to_be_joined(self, sandbox: Sandbox, version: str) -> None:
        rows = read(spec(sandbox, OFFICE, version), "numbers")["numbers"]
        assert [row["number"] for row in rows] == [str(line.number) for line in lines(sandbox.world, OFFICE)]
        assert all(row["line"] == row["number"] for row in rows)
        assert {row["destination_type"] for row in rows} == {"Auto attendant", "Group", "Extension"}

    def test_working_hours_come_with_the_details(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, OFFICE, "v1"), "numbers")["numbers"]
        assert rows[0]["working_hours"]["monday"]["lunch_break_start"] == "12:30"


def told(version: str, stream: str, *documents: dict[str, Any] | int) -> tuple[list[Row], int]:
    """Rows of these answers (a number is a status without a body), and the number of requests."""

    async def run() -> tuple[list[Row], int]:
        scripts = [
            http(each, b"") if isinstance(each, int) else http(200, json.dumps(each).encode()) for each in documents
        ]
        async with raw_server(*scripts) as server:
            connection = spec_at(server.url, {"api_key": "k", "access_token": "t"}, api_version=version)
            async with session(connection) as opened:
                rows = [row async for page in opened.pages(stream, days(0)) for row in page.rows]
            return rows, len(server.requests)

    return asyncio.run(run())


class TestShapes:
    def test_an_extension_that_is_deleted_between_list_and_details_keeps_what_the_list_told(self) -> None:
        rows, asked = told("v1", "extensions", {"extensions": [{"id": 1, "number": 1001}]}, 404)
        assert (rows[0]["extension_id"], rows[0]["number"], asked) == ("1", "1001", 2)

    @pytest.mark.parametrize(
        ("acl", "rights"),
        [(["gsm", "ayşe"], "gsm"), ({"domestic": True, "gsm": False}, "domestic"), ([], None), (None, None)],
    )
    def test_only_known_rights_are_passed_on(self, acl: Any, rights: str | None) -> None:
        rows, _ = told("v2", "extensions", {"data": [{"id": 1, "acl": acl}]})
        assert rows[0]["call_rights"] == rights

    def test_only_times_of_working_hours_are_passed_on(self) -> None:
        monday = {"open": True, "shift_start": "09:00", "shift_finish": "Ayşe gelince", "note": "Veli 0532 000 00 00"}
        hours = {"monday": monday, "sunday": None, "ayşe": {"open": True}}
        rows, _ = told("v2", "numbers", {"data": [{"id": 1, "working_hours": hours}]})
        assert rows[0]["working_hours"] == {"monday": {"open": True, "shift_start": "09:00"}}

    def test_a_list_that_does_not_count_its_pages_is_read_until_it_brings_nothing_new(self) -> None:
        hundred = [{"id": number} for number in range(100)]
        more = [{"id": number} for number in range(100, 130)]
        rows, asked = told("v2", "groups", {"data": hundred}, {"data": more})
        assert (len(rows), asked) == (130, 2)
        rows, asked = told("v2", "groups", {"data": hundred}, {"data": hundred})
        assert (len(rows), asked) == (100, 2)

    def test_pages_that_are_counted_are_all_read_however_small(self) -> None:
        pages = [{"data": [{"id": page}], "pagination": {"page": page, "total_pages": "3"}} for page in (1, 2, 3)]
        rows, asked = told("v2", "numbers", *pages)
        assert (len(rows), asked) == (3, 3)

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ({"data": [], "pagination": {"total_pages": "viele"}}, "total_pages"),
            ({"data": {"id": 1}}, "data"),
            ({"data": [{"id": None}]}, "number_id"),
            ({"data": [{"id": 1, "number": 1.5}]}, "number"),
        ],
    )
    def test_a_wrong_type_names_its_place(self, document: dict[str, Any], field: str) -> None:
        with pytest.raises(ProviderFailure) as caught:
            told("v2", "numbers", document)
        assert (caught.value.code, caught.value.field) == ("wrong_type", field)
