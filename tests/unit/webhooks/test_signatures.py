"""Signatures: of the raw body, by either of two secrets, and in time where a time is signed."""

import base64
import hashlib
import hmac

import pytest

from connectors.webhooks import custom, magento, shopify, woocommerce
from connectors.webhooks.signatures import standard_key

NEW, OLD, OTHER = b"new", b"old", b"somebody else's"
BODY = b'{"id": 1}'
NOW = 1_764_000_000


def base64_hmac(secret: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(secret, message, hashlib.sha256).digest()).decode()


def standard(secret: bytes, stamp: int = NOW, body: bytes = BODY) -> dict[str, str]:
    signature = base64_hmac(secret, b"m-1.%d." % stamp + body)
    return {
        "webhook-id": "m-1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": f"v1,{signature}",
    }


of_the_body = pytest.mark.parametrize(
    ("platform", "header"),
    [
        (shopify, "x-shopify-hmac-sha256"),
        (woocommerce, "x-wc-webhook-signature"),
        (magento, "x-magento-hmac-sha256"),
    ],
)


@of_the_body
@pytest.mark.parametrize("secret", [NEW, OLD])
def test_during_a_rotation_either_secret_signs(platform, header, secret):
    headers = {header: base64_hmac(secret, BODY)}
    assert platform.signed(headers, BODY, (NEW, OLD), NOW)


@of_the_body
@pytest.mark.parametrize(
    "given",
    ["", base64_hmac(OTHER, BODY), hmac.new(NEW, BODY, hashlib.sha256).hexdigest(), "é", "=" * 44],
)
def test_what_is_no_signature_of_a_configured_secret_is_refused(platform, header, given):
    assert not platform.signed({header: given}, BODY, (NEW, OLD), NOW)
    assert not platform.signed({}, BODY, (NEW, OLD), NOW)


@of_the_body
def test_the_bytes_are_signed_not_what_they_mean(platform, header):
    headers = {header: base64_hmac(NEW, BODY)}
    assert not platform.signed(headers, b'{"id":1}', (NEW,), NOW)


@pytest.mark.parametrize("late_s", [-300, 0, 300])
def test_a_message_signed_within_300_seconds_is_taken(late_s):
    assert custom.signed(standard(OLD, NOW - late_s), BODY, (NEW, OLD), NOW)


@pytest.mark.parametrize("late_s", [-301, 301])
def test_a_message_signed_too_long_ago_or_ahead_is_refused(late_s):
    assert not custom.signed(standard(NEW, NOW - late_s), BODY, (NEW,), NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "m-2"},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-5"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "²"},
        {"webhook-signature": base64_hmac(NEW, b"m-1.%d." % NOW + BODY)},
        {"webhook-signature": "v1,"},
    ],
)
def test_id_timestamp_and_body_are_all_signed(change):
    assert not custom.signed(standard(NEW) | change, BODY, (NEW,), NOW)


def test_one_of_several_signatures_is_enough_as_a_sender_rotates_too():
    headers = standard(NEW)
    both = f"{standard(OTHER)['webhook-signature']} {headers['webhook-signature']}"
    assert custom.signed(headers | {"webhook-signature": both}, BODY, (NEW,), NOW)


def test_a_secret_that_is_not_base64_is_named_as_such():
    assert standard_key("whsec_bmV3") == NEW
    with pytest.raises(ValueError, match="whsec_BASE64"):
        standard_key("whsec_n*w")
