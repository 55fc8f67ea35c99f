"""One throwaway seal for the session: making an RSA key costs more than most of these tests."""

from __future__ import annotations

import pytest

from hub.einvoice.seal.signer import KeySigner
from tests.support.seals import Seal, make_seal


@pytest.fixture(scope="session")
def seal() -> Seal:
    """A seal whose certificate names the supplier of the test's own draft."""
    return make_seal()


@pytest.fixture(scope="session")
def signer(seal: Seal) -> KeySigner:
    """That seal, signing."""
    return KeySigner(seal.key, [seal.certificate])
