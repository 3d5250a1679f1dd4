"""Data that open only with a password: AES-256-GCM under a key that PBKDF2-SHA256 draws from it."""

import base64
import os
import unicodedata
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

__all__ = ["MIN_PASSWORD", "ROUNDS", "Seal", "derive_key", "make_seal", "unseal"]

# OWASP's figure for PBKDF2-HMAC-SHA256 (2023).
ROUNDS = 600_000
MIN_PASSWORD = 8
_SALT, _IV = 16, 12


def derive_key(password: str, salt: bytes, rounds: int = ROUNDS) -> bytes:
    """32 bytes. The password is taken in Unicode NFC, so that every keyboard's accents give the same key."""
    text = unicodedata.normalize("NFC", password).encode("utf-8")
    return PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(text)


@dataclass(frozen=True, slots=True)
class Seal:
    """A key with its salt. Salt and IVs are random: the one place where the same input gives other bytes."""

    salt: bytes
    rounds: int
    _key: bytes = field(repr=False)

    def close(self, name: str, raw: bytes) -> bytes:
        """IV and ciphertext of `raw`; it opens only under the same `name`, so blocks cannot be exchanged."""
        iv = os.urandom(_IV)
        return iv + AESGCM(self._key).encrypt(iv, raw, name.encode("utf-8"))

    def about(self) -> dict[str, object]:
        """What a page needs besides the password."""
        return {"salt": base64.b64encode(self.salt).decode("ascii"), "rounds": self.rounds}


def make_seal(password: str, *, rounds: int = ROUNDS) -> Seal:
    """A seal with a fresh salt."""
    salt = os.urandom(_SALT)
    return Seal(salt, rounds, derive_key(password, salt, rounds))


def unseal(key: bytes, name: str, sealed: bytes) -> bytes:
    """What `Seal.close` took. Raises cryptography.exceptions.InvalidTag for a wrong key or changed bytes."""
    return AESGCM(key).decrypt(sealed[:_IV], sealed[_IV:], name.encode("utf-8"))
