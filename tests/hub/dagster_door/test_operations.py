"""What a request would do is told from its text alone, whatever form hides it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.dagster_door.mutation_names import MUTATIONS
from hub.dagster_door.operations import (
    MOST_IN_A_BATCH,
    MOST_MUTATIONS,
    MOST_TOKENS,
    GraphQLRequest,
    Mutation,
    Unreadable,
    decoded,
    mutations_of,
    request_of,
    requests_of,
)

RUN = "0b6c1ad8-3d28-4d0f-8a4e-0a6b8f3f7a11"
OTHER = "7d9f3a52-9a3e-4a5b-9d07-5a0b6c1ad83d"


def asked(query: str, variables: dict[str, Any] | None = None, name: str | None = None) -> tuple[Mutation, ...]:
    return mutations_of(GraphQLRequest(query, variables or {}, name))


def code_of(query: str, name: str | None = None) -> str:
    with pytest.raises(Unreadable) as refused:
        asked(query, name=name)
    return refused.value.code


def test_the_list_of_mutations_is_that_of_the_locked_dagster() -> None:
    from dagster_graphql.schema import create_schema

    mutation = create_schema().graphql_schema.mutation_type

    assert mutation is not None
    assert set(mutation.fields) == MUTATIONS


@pytest.mark.parametrize(
    "query", ["{ version }", "query Q { version }", "subscription { locationStateChangeEvents { x } }"]
)
def test_queries_and_subscriptions_change_nothing(query: str) -> None:
    assert asked(query) == ()


@pytest.mark.parametrize(
    "query",
    [
        "mutation { deleteRun(runId: 1) { __typename } }",
        "#query\nmutation{deleteRun(runId:1){__typename}}",
        '"""text"""\nmutation { deleteRun(runId: 1) { __typename } }',
        "mutation { harmless: deleteRun(runId: 1) { __typename } }",
        "mutation { ...F } fragment F on Mutation { deleteRun(runId: 1) { __typename } }",
        "mutation { ...F } fragment F on Mutation { ...G } fragment G on Mutation { deleteRun(runId: 1) { x } ...F }",
        "mutation { ... on Mutation { ... { deleteRun(runId: 1) { __typename } } } }",
        "mutation { deleteRun(runId: 1) @skip(if: true) { __typename } }",
        "mutation { __typename, deleteRun(runId: 1) { __typename } }",
    ],
)
def test_a_mutation_is_seen_in_every_form(query: str) -> None:
    assert [mutation.name for mutation in asked(query)] == ["deleteRun"]


def test_of_several_operations_the_named_one_counts() -> None:
    both = "query Look { version } mutation Change { deleteRun(runId: 1) { __typename } }"

    assert asked(both, name="Look") == ()
    assert asked(both, name="Change") == (Mutation("deleteRun"),)
    assert code_of(both) == "dagster_operation_unclear"
    assert code_of(both, name="Another") == "dagster_operation_unclear"
    assert code_of("query A { a } mutation A { deleteRun { x } }", name="A") == "dagster_operation_unclear"
    assert code_of("fragment F on Query { version }") == "dagster_operation_unclear"


def test_runs_are_noted_wherever_they_are_named_and_nothing_else_is() -> None:
    (launch,) = asked(
        "mutation ($p: ExecutionParams!, $w: String = 5) { launchRun(executionParams: $p, other: $w) { x } }",
        {
            "p": {
                "runConfigData": {"phone": "5321234567", "runId": "ayse@example.com"},
                "executionMetadata": {"parentRunId": RUN, "rootRunId": OTHER, "tags": [{"key": "a", "value": RUN}]},
            }
        },
    )
    (stop,) = asked("mutation ($ids: [String!]!) { terminateRuns(runIds: $ids) { x } }", {"ids": [RUN, 5, None]})
    (literal,) = asked(f'mutation {{ deleteRun(runId: "{RUN}") {{ x }} }}')
    (default,) = asked(f'mutation ($r: String = "{RUN}") {{ deleteRun(runId: $r) {{ x }} }}')
    (backfill,) = asked('mutation { cancelPartitionBackfill(backfillId: "qwertzui") { x } }')

    assert launch == Mutation("launchRun", (RUN, OTHER))
    assert stop == Mutation("terminateRuns", (RUN,))
    assert literal == default == Mutation("deleteRun", (RUN,))
    assert backfill == Mutation("cancelPartitionBackfill", ("qwertzui",))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "dagster_body_unreadable"),
        ("mutation {", "dagster_body_unreadable"),
        ("type Query { a: Int }", "dagster_body_unreadable"),
        ("{ a } extend type Query { b: Int }", "dagster_body_unreadable"),
        ("{" * 5_000 + "a" + "}" * 5_000, "dagster_body_unreadable"),
        ("{" + "a " * MOST_TOKENS + "}", "dagster_body_unreadable"),
        ("{ a } # " + "x" * 600_000, "dagster_body_unreadable"),
        ("mutation { ayse_5321234567 { x } }", "dagster_mutation_unknown"),
        (
            "mutation {" + "".join(f"m{n}: deleteRun(runId: {n}) {{ x }}" for n in range(MOST_MUTATIONS + 1)) + "}",
            "dagster_too_many_mutations",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(query: str, code: str) -> None:
    assert code_of(query) == code


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "5",
        '"{ version }"',
        "{}",
        '{"query": null}',
        '{"query": ["{ version }"]}',
        '{"query": "{ version }", "variables": []}',
        '{"query": "{ version }", "variables": "5"}',
        '{"query": "{ version }", "variables": "{"}',
        '{"query": "{ version }", "operationName": 5}',
        '{"query": "{ version }", "operationName": "A", "operation_name": "B"}',
        "[" * 100_000,
        '["{ version }"]',
        json.dumps([{"query": "{ version }"}] * (MOST_IN_A_BATCH + 1)),
    ],
)
def test_a_body_of_another_form_is_refused(body: str) -> None:
    with pytest.raises(Unreadable):
        requests_of(decoded(body))


def test_what_goes_on_is_written_anew_from_what_was_read() -> None:
    body = (
        '{"query": "mutation { deleteRun { x } }", "query": "{ version }", "extensions": {"persistedQuery": 1},'
        ' "variables": "{\\"a\\": 1}", "operationName": ""}'
    )
    request = request_of(decoded(body.encode("utf-16")))

    assert mutations_of(request) == ()
    assert json.loads(request.body()) == {"query": "{ version }", "variables": {"a": 1}}
    named = request_of({"query": "query A { a } query B { b }", "operation_name": "B"})
    assert json.loads(named.body())["operationName"] == json.loads(named.body())["operation_name"] == "B"


def test_each_request_of_a_batch_is_read() -> None:
    requests, batch = requests_of([{"query": "{ version }"}, {"query": "mutation { wipeAssets { x } }"}])

    assert batch
    assert [mutations_of(each) for each in requests] == [(), (Mutation("wipeAssets"),)]
