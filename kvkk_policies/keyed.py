"""The actions `pseudonymise` and `vault`, and identifiers in columns that stay readable: values to pseudonyms."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kvkk_policies.arrow import Array
from kvkk_policies.canonical import TAX_NUMBER, canonical_or_raw, kind_of
from kvkk_policies.distinct import Codes, Distinct
from kvkk_policies.policy import ColumnPolicy
from kvkk_policies.pseudonym import Pseudonymiser


@dataclass(frozen=True)
class Keyed:
    """A column's values with their pseudonyms. Values that may stay in clear (`keep_matching`) have code -1 in `codes`.

    `kinds`, `pseudonyms` and `originals` run parallel; two spellings of one value share a place, and the first spelling
    is its original.
    """

    policy: ColumnPolicy
    kinds: list[str]
    pseudonyms: list[str]
    originals: list[str]
    codes: Codes
    landed: Array
    """The column with pseudonyms in place of values."""


def key_column(values: Distinct, policy: ColumnPolicy, pseudonymiser: Pseudonymiser) -> Keyed:
    """Pseudonyms of a column's distinct values. The policy names the kind."""
    kind = policy.kind
    if kind is None:
        raise ValueError("a column without a kind has no pseudonyms")
    kept = _kept(values.values, policy)
    masked = values.values if kept is None else [v for v, stays in zip(values.values, kept, strict=True) if not stays]
    forms = canonical_or_raw(kind, masked)
    place = {form: at for at, form in enumerate(dict.fromkeys(forms))}
    if len(place) == len(masked):
        originals, places = masked, list(range(len(masked)))
    else:
        places = [place[form] for form in forms]
        first: dict[int, str] = {}
        for at, value in zip(places, masked, strict=True):
            first.setdefault(at, value)
        originals = list(first.values())
    kinds = [kind_of(kind, form) for form in place] if kind == TAX_NUMBER else [kind] * len(place)
    pseudonyms = _pseudonyms(kinds, list(place), pseudonymiser)

    if kept is not None:
        waiting = iter(places)
        places = [-1 if stays else next(waiting) for stays in kept]
    replaced = [value if at < 0 else pseudonyms[at] for value, at in zip(values.values, places, strict=True)]
    lookup = np.array([*places, -1], dtype=np.int64)  # the last place serves code -1: null
    return Keyed(policy, kinds, pseudonyms, originals, lookup[values.codes], values.column(replaced))


def _kept(values: list[str], policy: ColumnPolicy) -> list[bool] | None:
    """Which values may stay in clear; None where the policy lets none."""
    pattern = policy.params.get("keep_matching")
    if pattern is None or policy.action not in ("pseudonymise", "vault"):
        return None
    keeps = re.compile(pattern, re.ASCII).fullmatch
    return [keeps(value) is not None for value in values]


def _pseudonyms(kinds: list[str], forms: list[str], pseudonymiser: Pseudonymiser) -> list[str]:
    if len(set(kinds)) == 1:
        return pseudonymiser.many(kinds[0], forms)
    found: dict[tuple[str, str], str] = {}
    for kind in dict.fromkeys(kinds):
        of_kind = [form for form, its in zip(forms, kinds, strict=True) if its == kind]
        made = pseudonymiser.many(kind, of_kind)
        found.update(((kind, form), pseudonym) for form, pseudonym in zip(of_kind, made, strict=True))
    return [found[kind, form] for kind, form in zip(kinds, forms, strict=True)]
