"""What is sealed opens in its place and nowhere else, and pseudonyms of two tenants never meet: for any value."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import HubError
from hub.keys.envelope import KEY_BYTES
from hub.keys.keyring import SubjectKey, TenantKeys
from hub.keys.master_key import MasterKey
from hub.keys.tenant_rows import Unwrapped, WrappedRow, wrap
from hub.keys.vault import original_identity, text_identity
from kvkk_policies.vocabulary import KINDS

places = st.tuples(st.sampled_from(("integration", "request-contact", "mail-fields")), st.text(max_size=20))
values = st.binary(max_size=200)
texts = st.text(min_size=1, max_size=40)
alterations = st.tuples(st.integers(0, 10_000), st.integers(1, 255))
generations = st.integers(1, 0xFFFF)


def keys(tenant_id: str = "taaaaaaaaaaa", newest: int = 1, before: TenantKeys | None = None) -> TenantKeys:
    return TenantKeys(
        tenant_id, {newest: os.urandom(KEY_BYTES)}, os.urandom(KEY_BYTES), os.urandom(KEY_BYTES), before=before
    )


def altered(ciphertext: bytes, alteration: tuple[int, int]) -> bytes:
    where, by = alteration
    changed = bytearray(ciphertext)
    changed[where % len(changed)] ^= by
    return bytes(changed)


@given(value=values, place=places, newest=generations)
def test_a_value_opens_where_it_was_sealed(value: bytes, place: tuple[str, str], newest: int) -> None:
    tenant = keys(newest=newest)
    assert tenant.open(*place, tenant.seal(*place, value)) == value


@given(value=values, place=places, other=places, alteration=alterations)
def test_a_transplanted_or_altered_ciphertext_fails(
    value: bytes, place: tuple[str, str], other: tuple[str, str], alteration: tuple[int, int]
) -> None:
    tenant = keys()
    sealed = tenant.seal(*place, value)

    refused = [(tenant, place, altered(sealed, alteration)), (keys(), place, sealed), (tenant, place, sealed[:-1])]
    if place != other:
        refused.append((tenant, other, sealed))
    for opener, where, text in refused:
        with pytest.raises(HubError, match=r"ciphertext_invalid|key_rotated"):
            opener.open(*where, text)


@given(value=values, place=places, alteration=alterations)
def test_the_same_key_under_another_tenants_name_opens_nothing(
    value: bytes, place: tuple[str, str], alteration: tuple[int, int]
) -> None:
    del alteration
    raw = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    one, other = (TenantKeys(f"t{letter * 11}", {1: raw[0]}, *raw[1:]) for letter in "ab")
    with pytest.raises(HubError, match="ciphertext_invalid"):
        other.open(*place, one.seal(*place, value))


@given(value=values, place=places, first=st.integers(1, 1_000), second=st.integers(1_001, 2_000))
def test_a_process_goes_on_opening_what_it_knew_before_a_rotation(
    value: bytes, place: tuple[str, str], first: int, second: int
) -> None:
    old = keys(newest=first)
    sealed = old.seal(*place, value)
    new = keys(newest=second, before=old)

    assert new.open(*place, sealed) == value
    assert int.from_bytes(new.seal(*place, value)[:2], "big") == second
    with pytest.raises(HubError, match="ciphertext_invalid"):
        new.open(*place, new.seal(*place, value)[:2] + sealed[2:])


@given(first=generations, second=generations, value=values)
def test_ciphertexts_of_an_older_generation_sort_before_the_newer_ones(first: int, second: int, value: bytes) -> None:
    """Rotation finds what is left by comparing bytes."""
    older, newer = sorted((first, second))
    sealed = keys(newest=older).seal("integration", "x", value)
    assert (sealed < newer.to_bytes(2, "big")) == (older < newer)


@given(kind=st.sampled_from(KINDS), form=texts, other=texts)
def test_a_pseudonym_is_the_same_again_and_never_another_tenants_or_another_values(
    kind: str, form: str, other: str
) -> None:
    one, two = keys("taaaaaaaaaaa"), keys("tbbbbbbbbbbb")
    mine = one.pseudonymiser().one(kind, form)

    assert one.pseudonymiser().one(kind, form) == mine
    assert two.pseudonymiser().one(kind, form) != mine
    assert (one.pseudonymiser().one(kind, other) == mine) == (form == other)
    assert one.subject_id(kind, mine) != two.subject_id(kind, mine)
    assert one.suppression_mark(kind, mine) != two.suppression_mark(kind, mine)


@given(
    value=values,
    one=st.tuples(*[texts] * 3, generations),
    other=st.tuples(*[texts] * 3, generations),
    alteration=alterations,
)
def test_an_original_opens_in_its_own_row_alone(
    value: bytes, one: tuple[str, str, str, int], other: tuple[str, str, str, int], alteration: tuple[int, int]
) -> None:
    key = SubjectKey(1, os.urandom(KEY_BYTES))
    mine, theirs = (original_identity("taaaaaaaaaaa", *place) for place in (one, other))
    sealed = key.seal(mine, value)

    assert key.open(mine, sealed) == value
    refused = [(mine, altered(sealed, alteration)), (text_identity("taaaaaaaaaaa", "x", *one), sealed)]
    if mine != theirs:
        refused.append((theirs, sealed))
    for where, text in refused:
        with pytest.raises(HubError, match="ciphertext_invalid"):
            key.open(where, text)


class _OneMaster:
    """Stands for the files: the master key is at hand."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master

    def unwrap(self, fingerprint: str | None, identity: str, wrapped: bytes) -> bytes:
        del fingerprint
        return self._master.unwrap(identity, wrapped)


@given(generation=generations, other=generations, swapped=st.permutations(range(3)), alteration=alterations)
def test_a_wrapped_key_is_bound_to_tenant_generation_and_purpose(
    generation: int, other: int, swapped: list[int], alteration: tuple[int, int]
) -> None:
    master = MasterKey(bytes(range(KEY_BYTES)))
    masters: object = _OneMaster(master)
    made = Unwrapped(*(os.urandom(KEY_BYTES) for _ in range(3)))
    wrapped = wrap("taaaaaaaaaaa", generation, made, master)

    def unwrap(tenant_id: str, number: int, texts: list[bytes]) -> Unwrapped:
        return WrappedRow(number, texts[0], texts[1], texts[2], master.fingerprint).unwrap(
            masters,  # pyright: ignore[reportArgumentType]
            tenant_id,
        )

    assert unwrap("taaaaaaaaaaa", generation, wrapped) == made
    refused = [("tbbbbbbbbbbb", generation, wrapped)]
    refused.append(("taaaaaaaaaaa", generation, [altered(wrapped[0], alteration), *wrapped[1:]]))
    if other != generation:
        refused.append(("taaaaaaaaaaa", other, wrapped))
    if swapped != sorted(swapped):
        refused.append(("taaaaaaaaaaa", generation, [wrapped[place] for place in swapped]))
    for tenant_id, number, texts in refused:
        with pytest.raises(HubError, match="ciphertext_invalid"):
            unwrap(tenant_id, number, texts)


@given(raw=st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_a_key_that_somebody_typed_is_refused_and_any_other_has_a_name_that_says_nothing_of_it(raw: bytes) -> None:
    if len(set(raw)) < 12:
        with pytest.raises(HubError, match="master_key_default"):
            MasterKey(raw)
        return
    master = MasterKey(raw)
    assert MasterKey(raw).fingerprint == master.fingerprint
    assert raw.hex() not in f"{master!r}{master.fingerprint}"
    assert MasterKey(raw[::-1]).fingerprint != master.fingerprint or raw == raw[::-1]


def test_keys_do_not_print_themselves() -> None:
    raw = os.urandom(KEY_BYTES)
    shown = repr([Unwrapped(raw, raw, raw), TenantKeys("taaaaaaaaaaa", {1: raw}, raw, raw), SubjectKey(1, raw)])
    assert raw.hex() not in shown
    assert repr(raw) not in shown


_FORKING = """
import os
from hub.keys import envelope
from hub.keys.keyring import SubjectKey

def nonces(count):
    sealing = SubjectKey(1, os.urandom(32))
    return [sealing.seal("place", b"")[1:13].hex() for _ in range(count)]

first = nonces(1)
assert envelope._nonces.drawn, "some are drawn ahead: a child would inherit them"
if os.fork():
    assert os.wait()[1] == 0
    print(*first, *nonces(300))
else:
    print(*nonces(300), flush=True)
"""


def test_no_nonce_comes_twice_in_a_process_or_in_its_children() -> None:
    # In a process of its own: this one has threads, and forking those may lock up.
    done = subprocess.run([sys.executable, "-c", _FORKING], capture_output=True, text=True, check=True)

    drawn = done.stdout.split()

    assert len(drawn) == len(set(drawn)) == 601
