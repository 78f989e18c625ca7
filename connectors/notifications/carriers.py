"""Who carries messages: mail by SMTP, text and push messages by somebody's gateway."""

import asyncio
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final, Protocol

import aiosmtplib

from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.caller import Caller
from connectors.destinations import MailServer
from connectors.notifications.message import Message

# Replies that are about us rather than about the message: not greeted, not signed in.
_OURS: Final = frozenset({421, 530, 534, 535, 538})


class Carrier(Protocol):
    """Carries messages of one kind."""

    async def carry(self, message: Message) -> Answer:
        """What became of it; the answer comes in time, whatever happens."""
        ...


class SmtpCarrier:
    """Hands mail to a server, each over a connection of its own.

    A server may take a message and the answer be lost: it is then handed over again, with the same
    Message-ID, which is all that SMTP has to tell the two by.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        name, address = parseaddr(server.sender)
        self._sender = Address(name, addr_spec=address)

    async def carry(self, message: Message) -> Answer:
        try:
            mail = self._mail(message)
        except ValueError as error:  # an address that is none
            return Answer(Outcome.REFUSED, f"{type(error).__name__}: {error}")
        server = self._server
        password = None if server.password is None else server.password.get_secret_value()
        try:
            async with asyncio.timeout(server.timeout_s):
                await aiosmtplib.send(
                    mail,
                    hostname=server.host,
                    port=server.port,
                    use_tls=server.implicit_tls,
                    username=server.username,
                    password=password,
                    timeout=server.timeout_s,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            return _refusal(refusal.code, refusal.message)
        except aiosmtplib.SMTPResponseException as error:
            return _refusal(error.code, error.message)
        except TimeoutError:
            return Answer(Outcome.FAILED, f"no answer within {server.timeout_s:g} s")
        except (aiosmtplib.SMTPException, OSError) as error:
            return Answer(Outcome.FAILED, f"{type(error).__name__}: {error}")
        return Answer(Outcome.DELIVERED, "taken")

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = Address(addr_spec=message.to)
        mail["Subject"] = message.subject
        mail["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        mail.set_content(message.body)
        return mail


def _refusal(code: int, said: str) -> Answer:
    """RFC 5321, 4.2.1: 4yz is for now, 5yz for good."""
    outcome = Outcome.REFUSED if code >= 500 and code not in _OURS else Outcome.FAILED
    return Answer(outcome, f"{code} {' '.join(said.split())}")


class GatewayCarrier:
    """Hands text or push messages to a JSON API: `POST /messages`, as docs/channels.md has it."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def carry(self, message: Message) -> Answer:
        body = {
            "id": message.id,
            "to": message.to,
            "title": message.subject,
            "text": message.body,
        }
        return await self._caller.call("POST", "/messages", body, message.id)
