"""Whether a body was signed with one of a shop's secrets, in a time that tells nothing about it.

During a rotation a shop has two secrets, and either is right.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence

TOLERANCE_S = 300
"""How far a signed timestamp may be from now, either way."""

MOST_SIGNATURES = 8
_PREFIX = "whsec_"

Headers = Mapping[str, str]


def signs_body(header: str, headers: Headers, body: bytes, secrets: Sequence[bytes]) -> bool:
    """Base64 of the HMAC-SHA256 of the raw body, as Shopify and WooCommerce have it."""
    given = headers.get(header, "").encode()
    return _any_equal([given], [_digest(secret, body) for secret in secrets])


def signs_message(headers: Headers, body: bytes, secrets: Sequence[bytes], now_s: float) -> bool:
    """As Standard Webhooks have it (standardwebhooks.com): id, timestamp and raw body.

    webhook-signature holds signatures `v1,BASE64`, separated by spaces.
    """
    timestamp = headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    given = headers.get("webhook-signature", "").split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]
    return _any_equal(
        [signature[3:].encode() for signature in given if signature.startswith("v1,")],
        [_digest(secret, signed) for secret in secrets],
    )


def standard_key(secret: str) -> bytes:
    """The key that a Standard Webhooks secret, `whsec_BASE64`, stands for; raises ValueError."""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(
            f"expected a secret {_PREFIX}BASE64, came one that is not: {error}"
        ) from None


def signed_body(secret: bytes, body: bytes) -> str:
    """What a sender puts into the header that `signs_body` reads."""
    return _digest(secret, body).decode()


def signed_message(secret: bytes, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    """What a sender puts into webhook-signature."""
    return "v1," + _digest(secret, f"{webhook_id}.{timestamp_s}.".encode() + body).decode()


def _digest(secret: bytes, message: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret, message, "sha256"))


def _any_equal(given: Sequence[bytes], right: Sequence[bytes]) -> bool:
    """Every pair is compared, whatever the first ones gave."""
    equal = [hmac.compare_digest(one, other) for one in given for other in right]
    return any(equal)
