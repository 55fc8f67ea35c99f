"""A seal on a token (mali mühür, qualified signature): PKCS#11, one session, one signature at a time.

Cards take one session and sign in tenths of a second. So a single worker thread owns the session and signs what waits,
in order; the threads that ask for signatures never touch the token.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hub.einvoice.seal.certificates import read_certificates
from hub.einvoice.seal.keys import hashed, method_for, public_key
from hub.errors import HubError

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.x509 import Certificate

    from hub.einvoice.seal.keys import PublicKey

PATIENCE = timedelta(seconds=30)
"""A card that was pulled out leaves its driver waiting; the slowest known ones answer in a second."""


@dataclass(frozen=True)
class TokenPlace:
    """Where the key is: the driver (a shared library), the token's label, the key's label."""

    module: Path
    token: str
    label: str


class TokenSigner:
    """Signs with a key that never leaves its token; `close` ends the session, as leaving a `with` block does."""

    def __init__(self, place: TokenPlace, pin: bytes) -> None:
        """Opens the session and reads the certificate.

        Raises HubError `seal_module_unusable`, `seal_token_missing`, `seal_pin_refused`, `seal_token_key_missing`,
        `seal_token_certificate_missing`, `seal_key_unknown`, `seal_token_failed`, `seal_token_silent`.
        """
        self._place = place
        self._pin = pin
        self._session: Any = None
        self._key: Any = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seal-token")
        try:
            self._certificate: Certificate = self._in_turn(self._open)
        except HubError:
            self.close()
            raise

    def __repr__(self) -> str:
        """Says nothing of the PIN."""
        return "TokenSigner(...)"

    def __enter__(self) -> TokenSigner:
        """The signer itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Ends the session."""
        self.close()

    @property
    def certificate(self) -> Certificate:
        """The certificate that the token holds for the key."""
        return self._certificate

    def sign(self, content: bytes) -> bytes:
        """The value for `ds:SignatureValue`. HubError `seal_token_failed`, `seal_token_silent`."""
        return self._in_turn(self._sign, content)

    def close(self) -> None:
        """End the session, after what waits; a token takes no second one before that. May be repeated."""
        with suppress(NotInTime, RuntimeError):
            self._worker.submit(self._end).result(PATIENCE.total_seconds())
        self._worker.shutdown(wait=False)

    def _in_turn(self, work: Any, *arguments: bytes) -> Any:
        try:
            return self._worker.submit(work, *arguments).result(PATIENCE.total_seconds())
        except NotInTime:
            raise HubError("seal_token_silent") from None
        except RuntimeError:  # closed meanwhile: its worker takes nothing more
            raise HubError("seal_token_failed", kind="closed") from None

    def _open(self) -> Certificate:
        pkcs11 = _library()
        self._session = self._logged_in(pkcs11)
        try:
            self._key = self._session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._place.label)
        except (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned):
            raise HubError("seal_token_key_missing", label=self._place.label) from None
        except pkcs11.PKCS11Error as error:
            raise _failed(error) from None
        return self._certificate_of_key(pkcs11)

    def _logged_in(self, pkcs11: Any) -> Any:
        try:
            driver = pkcs11.lib(str(self._place.module))
        except (pkcs11.PKCS11Error, OSError):
            raise HubError("seal_module_unusable", path=str(self._place.module)) from None
        try:
            return driver.get_token(token_label=self._place.token).open(user_pin=self._pin.decode())
        except (pkcs11.NoSuchToken, pkcs11.MultipleTokensReturned, pkcs11.TokenNotPresent):
            raise HubError("seal_token_missing", token=self._place.token) from None
        except (*_pin_errors(pkcs11), UnicodeDecodeError):
            raise HubError("seal_pin_refused") from None
        except pkcs11.PKCS11Error as error:
            raise _failed(error) from None

    def _certificate_of_key(self, pkcs11: Any) -> Certificate:
        """The certificate of an RSA key has its modulus; that of a key on a curve, which tells nothing, its id."""
        is_rsa = self._key.key_type == pkcs11.KeyType.RSA
        wanted = pkcs11.Attribute.MODULUS if is_rsa else pkcs11.Attribute.ID
        for held in self._session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}):
            certificate = read_certificates(held[pkcs11.Attribute.VALUE])[0]
            try:
                key = public_key(certificate)
            except HubError:
                continue
            own = held[pkcs11.Attribute.ID] if wanted is pkcs11.Attribute.ID else _modulus(key)
            if own == self._key[wanted] and method_for(key).elliptic != is_rsa:
                return certificate
        raise HubError("seal_token_certificate_missing", label=self._place.label)

    def _sign(self, content: bytes) -> bytes:
        pkcs11 = _library()
        try:
            method = method_for(public_key(self._certificate))
            if method.elliptic:
                return bytes(self._key.sign(hashed(content, method), mechanism=pkcs11.Mechanism.ECDSA))
            return bytes(self._key.sign(content, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        except pkcs11.PKCS11Error as error:
            raise _failed(error) from None

    def _end(self) -> None:
        if self._session is not None:
            with suppress(_library().PKCS11Error):  # of a card that was pulled out nothing is left to end
                self._session.close()


def _library() -> Any:
    """The package; it loads the driver only when one is named."""
    import pkcs11

    return pkcs11


def _pin_errors(pkcs11: Any) -> tuple[type[Exception], ...]:
    return (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked, pkcs11.PinExpired)


def _failed(error: Exception) -> HubError:
    """The error's kind and nothing else: drivers put what they like into texts."""
    return HubError("seal_token_failed", kind=type(error).__name__)


def _modulus(key: PublicKey) -> bytes | None:
    """As tokens hold it: big-endian, without leading zeros."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if not isinstance(key, RSAPublicKey):
        return None
    number = key.public_numbers().n
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
