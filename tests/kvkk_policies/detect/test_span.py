"""Every label has a place in the vocabulary that policies and the inventory use."""

from __future__ import annotations

from kvkk_policies.detect import LABELS
from kvkk_policies.detect.finders import FINDERS
from kvkk_policies.detect.masking import MASK_PATTERN
from kvkk_policies.pseudonym import Pseudonymiser
from kvkk_policies.vocabulary import KINDS, ORDINARY_CATEGORIES


def test_finders_give_the_known_labels_and_no_others() -> None:
    assert {label for finder in FINDERS for label in finder.labels} == set(LABELS)


def test_every_label_has_a_category_and_a_kind_that_policies_know() -> None:
    for label in LABELS.values():
        assert label.category in ORDINARY_CATEGORIES
        assert label.kind in KINDS


def test_the_mask_of_every_label_is_recognised_as_a_mask() -> None:
    pseudonymiser = Pseudonymiser(bytes(range(32)))
    for name, label in LABELS.items():
        assert MASK_PATTERN.fullmatch(f"<{name}:{pseudonymiser.one(label.kind, 'x')}>")
