"""What people write beside an act must name nobody: it stays when the person's data has gone.

Grounds, reasons and proofs are kept for years, the audit log's for ever, and no erasure looks for a person in them. So
each such field is one of three kinds, and what fits a kind is said here and nowhere else:

- a *code* where a word out of a list of one's own is enough: a reason, what is missing;
- a *reference* where something outside is meant: a ticket, a file, a form, a notice. It has a digit and no spaces, and
  no digits that are a telephone or an identity number;
- a *remark* where a sentence is needed: an article with its court, why the data is needed, the Board's form. The gate's
  detector has to find nothing personal in it, or it is refused. Masking it instead would leave a ground without its
  point, and nobody would notice.

Not held to it: the names of those who act (`--by`), for they answer for it, and what is sealed and the person's own
matter (a request's text and answer).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from hub.validation import InvalidInput, Problem

_CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_REFERENCE = re.compile(r"(?=.*[0-9])(?!.*[0-9]{10})[A-Za-z0-9][A-Za-z0-9._/#-]{0,39}")
_OWN_ID = re.compile(r"(mail:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A UUID, or a mail of the queue: the proof that somebody was told of a breach."""
_SEPARATOR_IN_NUMBER = re.compile(r"(?<=[0-9])[._/#-](?=[0-9])")
_MOBILE = re.compile(r"(?<![0-9])(0090|90|0)?5[0-9]{9}(?![0-9])")
_IDENTITY_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{10}(?![0-9])")
_PAGE = re.compile(r"https?://[A-Za-z0-9.-]{1,100}(:[0-9]{1,5})?(/[A-Za-z0-9._/#-]{0,100})?")

CONTACTS = frozenset({"TR_PHONE", "EMAIL", "TR_ADDRESS"})
"""What a text for the public may have: where to ask. Whose it is, the detector cannot tell."""


def is_code(value: str) -> bool:
    """Small letters, digits and underscores, such as `pool_vehicle`."""
    return _CODE.fullmatch(value) is not None


def is_reference(value: str) -> bool:
    """An id of 1 to 40 letters, digits and `. _ / # -` with a digit in it, which is no number that names a person."""
    if _OWN_ID.fullmatch(value):
        return True
    joined = _SEPARATOR_IN_NUMBER.sub("", value)
    return _REFERENCE.fullmatch(value) is not None and not _MOBILE.search(joined) and not _identity_number(joined)


def require_code(field: str, value: str) -> None:
    """`InvalidInput` names the field."""
    if not is_code(value):
        raise InvalidInput([Problem(field, "field_not_a_code")])


def require_reference(field: str, value: str, *, or_page: bool = False) -> None:
    """`InvalidInput` names the field. `or_page`: the address of a published page will do, without a query."""
    page = or_page and _PAGE.fullmatch(value) and not re.search(r"[0-9]{10}", value)
    if not page and not is_reference(value):
        raise InvalidInput([Problem(field, "field_not_a_reference")])


def require_remark(field: str, text: str, *, but_for: Collection[str] = ()) -> None:
    """`InvalidInput` names the field and what kinds of data the detector found, `but_for` those that are allowed."""
    found = _personal(text) - frozenset(but_for)
    if found:
        raise InvalidInput([Problem(field, "field_names_somebody", {"found": ", ".join(sorted(found))})])


def _reference(value: str) -> str:
    if not is_reference(value):
        raise PydanticCustomError("field_not_a_reference", "")
    return value


def _remark(value: str) -> str:
    found = _personal(value)
    if found:
        raise PydanticCustomError("field_names_somebody", "", {"found": ", ".join(sorted(found))})
    return value


Reference = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_reference)]
"""A field of a model that is a reference."""
Remark = Annotated[str, Field(min_length=1, max_length=5_000), AfterValidator(_remark)]
"""A field of a model that is a remark."""
ShortRemark = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_remark)]
"""The same on one line."""


@lru_cache(maxsize=64)
def _personal(text: str) -> frozenset[str]:
    """Labels of what the gate's detector finds, as it looks for it in the providers' free texts."""
    from kvkk_policies.detect import detect_many

    return frozenset(span.label for spans in detect_many([text]) for span in spans)


def _identity_number(digits: str) -> bool:
    from stdnum.tr import tckimlik

    return any(tckimlik.is_valid(found.group()) for found in _IDENTITY_NUMBER.finditer(digits))
