"""The same rules in less time: rewrites of the compiled schematron that change no verdict.

Saxon spends most of a check searching lists of codes: the rule for units looks for `,C62,` in a text of 2,152 codes,
once for every line, and that for currencies once for every amount. Written another way, with the same meaning:

- a value that is one of a list's codes is found in a map, made when the stylesheet is compiled; only what is not found
  there is searched for in the text (which also holds `TRY,USD`, as the original would say);
- `//@unitCode` matches what `@unitCode` does in a tree with a document node, and Saxon need not climb to the root;
- no rule is about texts, comments or other attributes, so none of them is visited;
- `../cbc:ProfileID`, asked twenty times a line by going through all children of the invoice, is looked up once a line.

And one rewrite with another meaning: "today" is a parameter. `current-date()` is the machine's, and on one set to UTC
an invoice made after midnight in Turkey would be from tomorrow for three hours.
"""

from __future__ import annotations

import re
from typing import Any

from hub.einvoice.xml import Element, etree
from hub.errors import HubError

TODAY = "hub-today"
"""The stylesheet's parameter with Turkey's date, an `xs:string`."""

_XSL = "http://www.w3.org/1999/XSL/Transform"
_SVRL = "http://purl.oclc.org/dsdl/svrl"
_MAP = "Q{http://www.w3.org/2005/xpath-functions/map}"
_SEARCH = re.compile(r"contains\(\$(\w+), concat\(',',\.,','\)\)")
_ANYWHERE = re.compile(r"//(@?[\w:]+)")
_ATTRIBUTE = re.compile(r"@\w+")
_ABOVE = re.compile(r"(?<![\w/.)\]])(?:\.\./)+cbc:\w+(?![\w/\[(])")


def faster(stylesheet: bytes) -> str:
    """The rewritten stylesheet. HubError `einvoice_rules_changed` where it is not the one these rewrites are for."""
    root = etree.fromstring(stylesheet, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    searched = {name for test in _tests(root) for name in _SEARCH.findall(test.get("test"))}
    for test in _tests(root):
        test.set("test", _rewritten(test.get("test")))
    for name in searched:
        _add_map(root, name)
    for rule in root.iter(f"{{{_XSL}}}for-each"):
        _look_up_once(rule)
    _add_today(root)
    attributes = _unanchor(root)
    _visit_only(root, attributes)
    for remark in list(root.iter(f"{{{_SVRL}}}ns-prefix-in-attribute-values")):
        remark.getparent().remove(remark)
    for assertion in root.iter(f"{{{_SVRL}}}failed-assert"):
        del assertion.attrib["test"]
    return etree.tostring(root, encoding="unicode")


def _tests(root: Element) -> list[Element]:
    return list(root.iter(f"{{{_XSL}}}if"))


def _rewritten(test: str) -> str:
    with_maps = _SEARCH.sub(rf"({_MAP}contains($\1-map, string(.)) or \g<0>)", test)
    return with_maps.replace("current-date()", f"xs:date(${TODAY})")


def _add_map(root: Element, name: str) -> None:
    parameters: list[Any] = root.xpath("*[local-name() = 'param'][@name = $name]", name=name)
    codes = re.fullmatch(r"',(.*),'", parameters[0].get("select")) if parameters else None
    if codes is None:
        raise HubError("einvoice_rules_changed", file="faster", date="")
    made: Any = etree.Element(f"{{{_XSL}}}variable", name=f"{name}-map", static="yes")
    made.set("select", f"{_MAP}merge(tokenize('{codes[1]}', ',') ! {_MAP}entry(., true()))")
    parameters[0].addprevious(made)


def _look_up_once(rule: Element) -> None:
    """What several tests of a rule ask of elements above becomes a variable. No rule asks so inside brackets."""
    tests: list[Element] = rule.findall(f"{{{_XSL}}}if")
    asked = [path for test in tests for path in _ABOVE.findall(test.get("test"))]
    names = {path: f"hub-above-{number}" for number, path in enumerate(sorted(set(asked))) if asked.count(path) > 1}
    for path, name in names.items():
        rule.insert(0, etree.Element(f"{{{_XSL}}}variable", name=name, select=path))
    for test in tests:
        test.set(
            "test", _ABOVE.sub(lambda found: f"${names[found[0]]}" if found[0] in names else found[0], test.get("test"))
        )


def _add_today(root: Element) -> None:
    parameter = etree.Element(f"{{{_XSL}}}param", name=TODAY)
    parameter.set("as", "xs:string")
    parameter.set("required", "yes")
    root.insert(0, parameter)


def _unanchor(root: Element) -> list[str]:
    attributes: list[str] = []
    for template in root.iter(f"{{{_XSL}}}template"):
        found = _ANYWHERE.fullmatch(template.get("match") or "")
        if found:
            template.set("match", found[1])
            attributes += [found[1]] if _ATTRIBUTE.fullmatch(found[1]) else []
    return attributes


def _visit_only(root: Element, attributes: list[str]) -> None:
    """In the template that passes on what no rule is for, name what rules are for."""
    places = {"@*": " | ".join(attributes), "node()": "*"}
    rewritten = 0
    for template in root.iterfind(f"{{{_XSL}}}template[@match='*']"):
        for visit in template.iterfind(f"{{{_XSL}}}apply-templates"):
            visit.set("select", places[visit.get("select")])
            rewritten += 1
    if rewritten != len(places) or not attributes:
        raise HubError("einvoice_rules_changed", file="faster", date="")
