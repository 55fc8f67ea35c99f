"""What a GraphQL request would do, read by the library that Dagster itself reads it with, before Dagster sees it.

Where two readers understand a request differently, the guard sees a query and Dagster a mutation. So a request is read
once, strictly, and what goes on is written anew from what was read: a doubled key, another encoding of the JSON or a
field beside the known ones is gone by then.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    value_from_ast_untyped,
)

from hub.dagster_door.mutation_names import MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import DocumentNode, SelectionSetNode

MOST_TOKENS = 20_000
"""Of a document. The largest that Dagster's own pages send has some 6,000."""
MOST_CHARACTERS = 500_000
MOST_COMMENTS = 1_000
MOST_MUTATIONS = 50
"""In one request; each goes into the audit log by name."""
MOST_IN_A_BATCH = 20

_NAMING_RUNS = frozenset({"runId", "runIds", "parentRunId", "rootRunId", "backfillId"})
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[a-z]{8}")
"""A run's id, or a backfill's: nothing else is noted, whatever stands where an id should."""


class Unreadable(Exception):
    """Not a request that can be passed on. `code` selects the text."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Mutation:
    """One field of a mutation: Dagster's own name for what it does, and the runs it names."""

    name: str
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class GraphQLRequest:
    """What a request asks for, and nothing else it carried."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None

    @property
    def payload(self) -> dict[str, Any]:
        """As Dagster takes it: by HTTP it reads `operationName`, over the websocket `operation_name`."""
        named = {} if self.operation_name is None else dict.fromkeys(_NAMES, self.operation_name)
        return {"query": self.query, "variables": dict(self.variables), **named}

    def body(self) -> bytes:
        """The request written anew."""
        return json.dumps(self.payload, separators=(",", ":")).encode()


_NAMES = ("operationName", "operation_name")


def decoded(text: bytes | str) -> Any:
    """The JSON in a body or message. Raises Unreadable."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("dagster_body_unreadable") from None


def request_of(value: object) -> GraphQLRequest:
    """The request in an object of JSON, or in a query string's fields. Raises Unreadable for any other form."""
    if not isinstance(value, dict):
        raise Unreadable("dagster_body_unreadable")
    fields = cast("dict[str, object]", value)
    query, variables = fields.get("query"), fields.get("variables")
    if isinstance(variables, str):
        variables = decoded(variables) if variables else None
    names = {fields[name] or None for name in _NAMES if isinstance(fields.get(name), str)}
    if any(fields.get(name) is not None and not isinstance(fields[name], str) for name in _NAMES) or len(names) > 1:
        raise Unreadable("dagster_operation_unclear")
    if not isinstance(query, str) or not isinstance(variables, dict | None):
        raise Unreadable("dagster_body_unreadable")
    operation_name = next(iter(names), None)
    return GraphQLRequest(query, cast("dict[str, Any]", variables or {}), cast("str | None", operation_name))


def requests_of(value: object) -> tuple[list[GraphQLRequest], bool]:
    """The requests in a body's JSON, and whether it is a batch, which some servers take and Dagster does not.

    Raises Unreadable.
    """
    if not isinstance(value, list):
        return [request_of(value)], False
    items = cast("list[object]", value)
    if len(items) > MOST_IN_A_BATCH:
        raise Unreadable("dagster_batch")
    return [request_of(item) for item in items], True


def mutations_of(request: GraphQLRequest) -> tuple[Mutation, ...]:
    """What the operation that would run changes; empty for a query or a subscription.

    Raises Unreadable where the text is no GraphQL, where it is not plain which of its operations would run, and for a
    mutation that this version of Dagster does not know.
    """
    try:
        document = parse(
            request.query,
            no_location=True,
            max_lexical_tokens=MOST_TOKENS,
            max_source_length=MOST_CHARACTERS,
            max_comments=MOST_COMMENTS,
        )
        operation = _operation(document, request.operation_name)
        if operation.operation is not OperationType.MUTATION:
            return ()
        variables = _defaults(operation) | dict(request.variables)
        fields = list(_fields(operation.selection_set, _fragments(document), set()))
        found = tuple(Mutation(field.name.value, tuple(_runs(field, variables))) for field in fields)
    except (GraphQLError, RecursionError):
        raise Unreadable("dagster_body_unreadable") from None
    if len(found) > MOST_MUTATIONS:
        raise Unreadable("dagster_too_many_mutations")
    if any(mutation.name not in MUTATIONS for mutation in found):
        raise Unreadable("dagster_mutation_unknown")
    return found


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The one that would run. Definitions that cannot run at all make a document of another kind."""
    operations: list[OperationDefinitionNode] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations.append(definition)
        elif not isinstance(definition, FragmentDefinitionNode):
            raise Unreadable("dagster_body_unreadable")
    wanted = [each for each in operations if name is None or (each.name is not None and each.name.value == name)]
    if len(wanted) != 1:
        raise Unreadable("dagster_operation_unclear")
    return wanted[0]


def _fragments(document: DocumentNode) -> dict[str, list[SelectionSetNode]]:
    """Every fragment by name; of two with one name, both."""
    fragments: dict[str, list[SelectionSetNode]] = {}
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments.setdefault(definition.name.value, []).append(definition.selection_set)
    return fragments


def _fields(
    selected: SelectionSetNode, fragments: Mapping[str, list[SelectionSetNode]], seen: set[str]
) -> Iterator[FieldNode]:
    """The fields at the root, through fragments; conditions (`@skip`) are not weighed."""
    for selection in selected.selections:
        if isinstance(selection, FieldNode):
            if selection.name.value != "__typename":
                yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, fragments, seen)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            seen.add(selection.name.value)
            for fragment in fragments.get(selection.name.value, []):
                yield from _fields(fragment, fragments, seen)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions
        if definition.default_value is not None
    }


def _runs(field: FieldNode, variables: Mapping[str, Any]) -> Iterator[str]:
    given = {each.name.value: value_from_ast_untyped(each.value, dict(variables)) for each in field.arguments}
    return _named(given, naming=False)


def _named(value: object, *, naming: bool) -> Iterator[str]:
    """Ids that stand under a name for them, at any depth."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            yield from _named(inner, naming=name in _NAMING_RUNS)
    elif isinstance(value, list | tuple):
        for inner in cast("list[object]", value):
            yield from _named(inner, naming=naming)
    elif naming and isinstance(value, str) and _RUN_ID.fullmatch(value):
        yield value
