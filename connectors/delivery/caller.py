"""A JSON API at the other end."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx

from connectors.delivery.answer import Answer, Outcome, of_response
from connectors.destinations import Endpoint


class Caller:
    """Makes calls to one endpoint; as an asynchronous context it closes its connections.

    Every call carries its key in Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a
    repeat has the same one, so that who receives it can tell.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        headers = {"User-Agent": "shopstream"}
        if endpoint.token is not None:
            headers["Authorization"] = f"Bearer {endpoint.token.get_secret_value()}"
        self._timeout_s = endpoint.timeout_s
        self._url = str(endpoint.url).rstrip("/")
        # No timeouts of its own: they would be for each step of a call, not for the whole.
        self._client = httpx.AsyncClient(headers=headers, timeout=None)

    async def __aenter__(self) -> "Caller":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def call(self, method: str, path: str, body: dict[str, Any], key: str) -> Answer:
        """What came of a call, which ends in time whatever happens."""
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.request(
                    method, self._url + path, json=body, headers={"Idempotency-Key": key}
                )
        except TimeoutError:
            return Answer(Outcome.FAILED, f"no answer within {self._timeout_s:g} s")
        except httpx.HTTPError as error:
            return Answer(Outcome.FAILED, f"{type(error).__name__}: {error}")
        return of_response(response.status_code, response.headers, datetime.now(UTC))
