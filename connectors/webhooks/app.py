"""The gateway's HTTP: a path a platform, health, readiness, metrics, and their description."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel

from connectors.webhooks.metrics import Metrics
from connectors.webhooks.platforms import PLATFORMS, Platform
from connectors.webhooks.receiver import Answer, Receiver

DESCRIPTION = """Shops' webhooks in. A 2xx means that Kafka has acknowledged all that came of the
delivery; otherwise send it again, with the same id."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Told(BaseModel):
    """How a delivery was answered.

    outcome: accepted, ignored, dead_letter, duplicate or ping; written, if Kafka had to be asked
    afterwards whether it was; or what was wrong, with the detail.
    """

    outcome: str
    detail: str = ""


class State(BaseModel):
    """Whether the gateway does its work."""

    state: str


RESPONSES = {
    200: "Written to Kafka, now or earlier; also what is kept as a dead letter.",
    401: "Not signed with a configured secret; nothing of it is kept.",
    408: "The body did not come in time.",
    413: "The body is too large.",
    429: "Too many deliveries at once: come again after Retry-After seconds.",
    503: "Kafka does not acknowledge: come again after Retry-After seconds.",
}


def application(
    receiver: Receiver,
    metrics: Metrics,
    ready: Callable[[], bool],
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """The ASGI application around a receiver."""
    app = FastAPI(
        title="shopstream webhooks",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    for platform in PLATFORMS.values():
        app.add_api_route(
            f"/webhooks/{platform.name}",
            _endpoint(receiver, platform),
            methods=["POST"],
            summary=f"A webhook of {platform.name}",
            operation_id=platform.name,
            response_model=Told,
            responses={
                status: {"model": Told, "description": text} for status, text in RESPONSES.items()
            },
            openapi_extra=_described(platform),
        )

    @app.get("/health", summary="The process serves", operation_id="health")
    async def health() -> State:
        return State(state="up")

    @app.get(
        "/ready",
        summary="Deliveries can be written",
        operation_id="ready",
        response_model=State,
        responses={503: {"model": State, "description": "Kafka or the registry does not answer."}},
    )
    async def is_ready() -> Response:
        now = ready()
        return JSONResponse({"state": "ready" if now else "not ready"}, 200 if now else 503)

    @app.get(
        "/metrics",
        summary="Prometheus metrics",
        operation_id="metrics",
        response_class=PlainTextResponse,
    )
    async def all_metrics() -> Response:
        return PlainTextResponse(metrics.text())

    return app


def _endpoint(receiver: Receiver, platform: Platform) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return _response(await receiver.receive(platform, request.headers, request.stream()))

    return endpoint


def _response(answer: Answer) -> Response:
    headers = {}
    if answer.retry_after_s is not None:
        headers["Retry-After"] = str(answer.retry_after_s)
    told = {"outcome": answer.outcome, "detail": answer.detail}
    return JSONResponse(told, answer.status, headers)


def _described(platform: Platform) -> dict[str, object]:
    """Headers and body, which are read raw: a signature is of bytes."""
    return {
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": False,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in platform.headers.items()
        ],
        "requestBody": {
            "required": True,
            "description": f"Topics: {', '.join(platform.mappings)}.",
            "content": {"application/json": {"schema": _bodies(platform)}},
        },
    }


def _bodies(platform: Platform) -> dict[str, object]:
    """What is read of a body, of any topic; whatever else is there is skipped."""
    here = f"#/paths/~1webhooks~1{platform.name}/post/requestBody/content/application~1json/schema"
    types = dict.fromkeys(mapping.body_type for mapping in platform.mappings.values())
    schemas, parts = msgspec.json.schema_components(types, ref_template=f"{here}/$defs/{{name}}")
    return {"anyOf": list(schemas), "$defs": parts}
