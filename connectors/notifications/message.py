"""The words of a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template as Words
from typing import Final
from uuid import UUID, uuid5

from connectors.notifications.records import Request, Template

# Of the names under which messages are known to carriers.
_IDS: Final = UUID("c0a7d2f4-3b3e-5a39-8f0e-2f6d54b9d3a1")

# ISO 4217: digits of the minor unit, where it is not a hundredth.
_DIGITS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0),
    **dict.fromkeys(("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


class MissingParameterError(ValueError):
    """The request has not what its template wants to say."""


@dataclass(frozen=True)
class Message:
    """What a carrier carries. `id` is a function of the request: a repeat has the same one."""

    id: str
    to: str
    subject: str
    body: str


def message_of(request: Request, template: Template, to: str) -> Message:
    """The message that a request asks for.

    Besides the request's parameters there is `amount`, written for people, where it has
    amount_minor and currency. Raises MissingParameterError, and ValueError for a template that
    is none.
    """
    parameters = dict(request.parameters)
    if "amount_minor" in parameters and "currency" in parameters:
        parameters["amount"] = amount(int(parameters["amount_minor"]), parameters["currency"])
    subject = _filled(template.subject, parameters, request)
    return Message(
        id=str(uuid5(_IDS, request.event_id)),
        to=to,
        subject=" ".join(subject.split()),  # a line break would begin another header
        body=_filled(template.body, parameters, request),
    )


def amount(minor: int, currency: str) -> str:
    """An amount of minor units, as in "19.99 EUR"."""
    digits = _DIGITS.get(currency, 2)
    sign, units = "-" if minor < 0 else "", abs(minor)
    whole, part = divmod(units, 10**digits)
    return f"{sign}{whole}.{part:0{digits}} {currency}" if digits else f"{sign}{whole} {currency}"


def _filled(words: str, parameters: Mapping[str, str], request: Request) -> str:
    try:
        return Words(words).substitute(parameters)
    except KeyError as missing:
        raise MissingParameterError(
            f"template {request.template} needs the parameter {missing.args[0]}; the request has "
            f"{', '.join(sorted(parameters)) or 'none'}"
        ) from None
