"""Templates in Jinja, of which little is left: places for values, conditions, one loop over a list, a few filters.

A tenant's template is a stranger's program. So it is held against a list of what a message needs (no attributes, calls,
arithmetic or definitions), runs in Jinja's immutable sandbox without a single global, and stops at a length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from hub.templates.filters import Language, Unfit, filters, written
from hub.templates.variables import OPTIONAL, RESERVED, sample
from hub.validation import Problem

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes

LONGEST_SOURCE = 4_000
LONGEST_OUTPUT = 4_000
"""Characters; ten parts of an SMS are 1,500."""

_ALLOWED = frozenset(
    {
        "Template",
        "Output",
        "TemplateData",
        "Name",
        "Const",
        "Filter",
        "If",
        "CondExpr",
        "Compare",
        "Operand",
        "And",
        "Or",
        "Not",
        "For",
    }
)
"""Kinds of nodes of Jinja's syntax tree."""


def problems_of(source: str, declared: Mapping[str, str], language: Language) -> list[Problem]:
    """What is wrong with a template's text, held against its declared variables; empty when nothing is."""
    from jinja2 import TemplateSyntaxError, meta

    if len(source) > LONGEST_SOURCE:
        return [Problem("text", "field_too_long", {"max_length": LONGEST_SOURCE})]
    try:
        tree = _environment(language).parse(source)
        found = list(_forbidden(tree, declared))
    except TemplateSyntaxError as error:
        return [Problem("text", "template_syntax", {"line": error.lineno})]
    except RecursionError:
        return [Problem("text", "template_syntax", {"line": 1})]
    if found:
        return found
    used = meta.find_undeclared_variables(tree)
    found += [
        Problem("text", "template_variable_undeclared", {"name": name}) for name in sorted(used - declared.keys())
    ]
    found += [Problem(f"variables.{name}", "template_variable_unused") for name in sorted(declared.keys() - used)]
    return found or _trial_problems(source, declared, language)


def _trial_problems(source: str, declared: Mapping[str, str], language: Language) -> list[Problem]:
    """Whether values of the declared types fit their filters, with and without what may be absent."""
    every: dict[str, Any] = {name: sample(type_) for name, type_ in declared.items()}
    absent = [{**every, name: ""} for name, type_ in declared.items() if type_.endswith(OPTIONAL)]
    try:
        for values in (every, *absent):
            filled(source, values, language)
    except (Unfit, TooLong):
        return [Problem("text", "template_filter_wrong")]
    return []


def filled(source: str, values: Mapping[str, Any], language: Language) -> str:
    """A checked template with its values. `Unfit` when a value does not fit its place; `TooLong`."""
    from jinja2 import TemplateError

    pieces: list[str] = []
    length = 0
    try:
        for piece in _compiled(source, language).generate(dict(values)):
            length += len(piece)
            if length > LONGEST_OUTPUT:
                raise TooLong
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError, ArithmeticError):
        pieces.clear()
        length = -1
    if length < 0:
        raise Unfit  # outside the handler: what was raised in there may quote a value
    return "".join(pieces).strip()


class TooLong(Exception):
    """The text would be longer than `LONGEST_OUTPUT`."""


def _forbidden(tree: nodes.Template, declared: Mapping[str, str]) -> Iterator[Problem]:
    from jinja2 import nodes

    for node in _walk(tree):
        kind = type(node).__name__
        line = {"line": node.lineno}
        if kind not in _ALLOWED:
            yield Problem("text", "template_not_allowed", {"what": kind, **line})
        elif isinstance(node, nodes.Filter):
            arguments_are_plain = all(isinstance(each, nodes.Const) for each in node.args)
            if node.name not in filters("tr") or node.kwargs or node.dyn_args or node.dyn_kwargs:
                yield Problem("text", "template_filter_unknown", {"known": ", ".join(filters("tr")), **line})
            elif not arguments_are_plain:
                yield Problem("text", "template_not_allowed", {"what": "Filter", **line})
        elif isinstance(node, nodes.For):
            yield from _wrong_loop(node, declared)
        elif isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name in RESERVED):
            yield Problem("text", "template_not_allowed", {"what": "Name", **line})


def _wrong_loop(node: nodes.For, declared: Mapping[str, str]) -> Iterator[Problem]:
    """One loop, not one in another, over a variable that is a list: its length is bounded, and so is the work."""
    from jinja2 import nodes

    over = node.iter.name if isinstance(node.iter, nodes.Name) else ""
    inner = any(True for each in node.body for _ in each.find_all(nodes.For)) or any(
        isinstance(each, nodes.For) for each in node.body
    )
    if (
        declared.get(over, "").removesuffix(OPTIONAL) != "list"
        or not isinstance(node.target, nodes.Name)
        or node.target.name in declared
        or node.recursive
        or node.test
        or node.else_
        or inner
    ):
        yield Problem("text", "template_loop_wrong", {"line": node.lineno})


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for each in node.iter_child_nodes():
        yield from _walk(each)


@lru_cache(maxsize=512)
def _compiled(source: str, language: Language) -> Template:
    return _environment(language).from_string(source)


@cache
def _environment(language: Language) -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=_finalize(language),
        keep_trailing_newline=False,
    )
    # Without autoescape, which is Jinja's default: a message is plain text and nothing of it is shown as HTML.
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    environment.filters.update(filters(language))
    return environment


def _finalize(language: Language) -> Callable[[object], str]:
    return lambda value: written(value, language)
