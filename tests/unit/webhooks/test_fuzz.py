"""Bodies and headers that nobody would send: never a 5xx, and never lost without a reason.

`make fuzz` runs 10,000 requests and as many mutated bodies; here it is a short part of that.
"""

import asyncio
import copy
import json
import os
import random
from collections import Counter

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance
from support.webhooks import Shelf, gateway, signed_headers

from bench.webhooks_formats import MAKERS
from connectors.webhooks.platforms import PLATFORMS

EXAMPLES = int(os.environ.get("SHOPSTREAM_FUZZ", "200"))
"""Requests by the description, and bodies by mutation."""

SHELF = Shelf()
APP = gateway(SHELF, most=100, max_bytes=20_000)
DESCRIPTION = schemathesis.openapi.from_asgi("/openapi.json", APP)
seen: Counter[str] = Counter()

thorough = settings(
    max_examples=EXAMPLES // len(PLATFORMS),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.mark.timeout(1800)
@DESCRIPTION.include(path_regex="^/webhooks/").parametrize()
@thorough
def test_no_request_by_the_description_brings_a_5xx(case):
    platform = case.path.removeprefix("/webhooks/")
    sent = case.as_transport_kwargs()
    body = _raw(sent.pop("json", sent.pop("data", b"")))
    lot = random.Random(body)
    topics = [*PLATFORMS[platform].mappings, "unheard/of"]
    topic = lot.choice(topics)
    if platform == "custom" and body.startswith(b'{"'):
        body = b'{"type": "%s", %s' % (topic.encode(), body[1:])
    headers = dict(sent["headers"]) | {"Content-Type": "application/json"}
    if lot.random() < 0.9:
        headers |= signed_headers(platform, topic, f"{lot.random()}", body)

    answer = case.call(headers=headers, data=body)

    seen[f"{platform} {answer.status_code}"] += 1
    case.validate_response(answer, checks=(not_a_server_error, response_schema_conformance))


def test_the_fuzzed_requests_reached_every_mapping_and_not_only_the_door():
    if not seen:
        pytest.skip("runs after the requests above")
    assert seen.total() >= EXAMPLES, seen
    assert all(seen[f"{platform} 200"] for platform in PLATFORMS), seen
    assert all(seen[f"{platform} 401"] for platform in PLATFORMS), seen


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "-1", "1e400", "NaN", "\x00", "9" * 400, "2025-13-40T99:00:00Z", "€"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("platform", PLATFORMS)
@thorough
@given(data=st.data())
def test_a_mutated_body_is_mapped_or_kept_with_a_reason_and_its_events_fit_their_topics(
    platform, data
):
    maker = data.draw(st.sampled_from(MAKERS[platform]))
    webhook = maker(data.draw(st.integers(0, 10**19)))
    mutated = json.loads(webhook.body)
    for _ in range(data.draw(st.integers(1, 3))):
        _mutate(mutated, data)
    body = _raw(mutated)

    answer = _post(platform, webhook.topic, body)

    assert answer["outcome"] in ("accepted", "ignored", "dead_letter", "duplicate"), answer
    if answer["outcome"] == "dead_letter":
        letter = SHELF.written["dlq"][-1]
        assert letter["record_value"] == body
        assert letter["error_class"] in ("Unmappable", "UnknownTopic"), letter["error_message"]


def _mutate(part: object, data: st.DataObject) -> None:
    """Replace something somewhere in it."""
    while isinstance(part, dict | list) and part:
        keys = sorted(part) if isinstance(part, dict) else range(len(part))
        key = data.draw(st.sampled_from(keys))
        inner = part[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            part[key] = copy.deepcopy(data.draw(JSON))
            return
        part = inner


def _post(platform: str, topic: str, body: bytes) -> dict[str, str]:
    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            headers = signed_headers(platform, topic, f"m-{random.random()}", body)
            return await client.post(f"/webhooks/{platform}", content=body, headers=headers)

    answer = asyncio.run(post())
    assert answer.status_code == 200, answer.text
    told: dict[str, str] = answer.json()
    return told


def _raw(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()
