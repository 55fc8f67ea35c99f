"""Every body has an example in the description, put together from its fields', and it is one that is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs
from pydantic import TypeAdapter

from hub.api import describe, examples
from hub.api.app import the_api
from hub.api.route import HubRoute
from tests.hub.api.operations import routes_of

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door


def test_every_body_has_an_example_that_its_schema_takes(door: Door) -> None:
    document = the_api(door.services).openapi()
    wrong: list[str] = []
    bodies = list(examples.bodies(document))
    for operation, media in bodies:
        schema = {**media["schema"], "components": document["components"]}
        if not media.get("example"):
            wrong.append(f"{operation} has none")
        elif not jsonschema_rs.is_valid(schema, media["example"], validate_formats=True):
            wrong.append(f"{operation} has one that its schema refuses")
    assert wrong == []
    assert len(bodies) > 60


def test_every_example_is_taken_by_the_model_that_reads_the_call(door: Door) -> None:
    api = the_api(door.services)
    document = api.openapi()
    taken = 0
    for route in routes_of(api.routes):
        if isinstance(route, HubRoute) and route.body_field is not None:
            operation = document["paths"][route.path_format][next(iter(route.methods)).lower()]
            for media in operation["requestBody"]["content"].values():
                TypeAdapter(cast("Any", route.body_field.field_info.annotation)).validate_python(media["example"])
                taken += 1
    assert taken > 60


def test_a_body_whose_needed_part_has_no_example_gets_none() -> None:
    def described(part: dict[str, Any]) -> dict[str, Any]:
        schema = {"type": "object", "properties": {"name": part}, "required": ["name"]}
        document = {"paths": {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}}}
        examples.add(document)
        ((_, media),) = examples.bodies(document)
        return media

    assert "example" not in described({"type": "string"})
    assert described({"type": "string", "examples": ["Lale"]})["example"] == {"name": "Lale"}


def test_no_part_of_the_description_is_named_after_a_file(door: Door) -> None:
    names = describe.description(the_api(door.services))["components"]["schemas"]
    assert [name for name in names if "__" in name and not name.startswith("Page_")] == []
    assert [name for name in names if name.endswith(("-Input", "-Output"))] == []
