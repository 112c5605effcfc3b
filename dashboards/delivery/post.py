"""Sending: mail over SMTP, and webhooks over HTTP. What waiting may mend is tried again; the rest is said at once."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from backhaul.errors import Explained, readable

ATTEMPTS = 4
SECONDS = 30.0
# where a server speaks TLS from the first byte
TLS_PORT = 465
TOO_MANY = 429


class NotSent(Explained):
    """A message could not be sent; the message says why and what to look at."""


class _Transient(Exception):
    """Worth another try."""


class Smtp(BaseSettings):
    """The mail server, from ``BACKHAUL_SMTP_*``."""

    model_config = SettingsConfigDict(env_prefix="BACKHAUL_SMTP_", extra="ignore")

    host: str | None = None
    port: int = Field(587, description="465 speaks TLS from the start.")
    user: str | None = None
    password: SecretStr | None = None
    starttls: bool = Field(True, description="Off only for a server on this machine or in a trusted network.")
    sender: str | None = Field(None, description="The address that mails come from.")


def smtp() -> tuple[Smtp, str]:
    """The server as set, and the sender.

    Raises:
        NotSent: it is not set, or not as it should be.
    """
    try:
        server = Smtp()
    except ValidationError as error:
        raise NotSent(f"BACKHAUL_SMTP_* cannot be used: {readable(error)}") from error
    if not server.host or not server.sender:
        raise NotSent("Mail needs a server: set BACKHAUL_SMTP_HOST and BACKHAUL_SMTP_SENDER.")
    if server.user and not server.password:
        raise NotSent("BACKHAUL_SMTP_USER is set, and BACKHAUL_SMTP_PASSWORD is not.")
    return server, server.sender


def mail(server: Smtp, message: EmailMessage) -> None:
    """Hand a mail to the server.

    Raises:
        NotSent: it did not take it.
    """
    place = f"{server.host}:{server.port}"
    _tried(lambda: _hand_over(server, message), f"The mail server {place}")


def _hand_over(server: Smtp, message: EmailMessage) -> None:
    try:
        connection = _connected(server)
        try:
            connection.send_message(message)
        finally:
            # the mail is taken or not by now, whatever the server says to the farewell
            with suppress(OSError):
                connection.quit()
    except smtplib.SMTPRecipientsRefused as error:
        [(code, said)] = error.recipients.values()
        raise _refused(code, said) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(f"{error} (BACKHAUL_SMTP_STARTTLS, BACKHAUL_SMTP_USER)") from error
    except ssl.SSLCertVerificationError as error:
        raise NotSent(f"its certificate is not valid here: {error.verify_message}") from error
    except OSError as error:
        raise _Transient(str(error) or type(error).__name__) from error


def _connected(server: Smtp) -> smtplib.SMTP:
    assert server.host
    tls = ssl.create_default_context()
    if server.port == TLS_PORT:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=tls)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if server.starttls and server.port != TLS_PORT:
            connection.starttls(context=tls)
        if server.user and server.password:
            _sign_in(connection, server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in(connection: smtplib.SMTP, user: str, password: SecretStr) -> None:
    """All ways to sign in that the server offers are tried; some servers close the door after the first that fails."""
    try:
        connection.login(user, password.get_secret_value())
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPServerDisconnected) as error:
        raise NotSent(f"{error} at sign-in: check BACKHAUL_SMTP_USER and BACKHAUL_SMTP_PASSWORD") from error


def _refused(code: int, said: bytes | str) -> Exception:
    """Codes that begin with 4 ask to come back later."""
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    text = f"{code} {' '.join(words.split())}"
    return _Transient(text) if code < 500 else NotSent(text)


def call(webhook: SecretStr, body: dict[str, Any], key: str) -> None:
    """Post JSON to a webhook; the ``Idempotency-Key`` is the same when the same is sent again.

    Raises:
        NotSent: it did not answer with success. The message names the host only: the address is a secret.
    """
    url = webhook.get_secret_value()
    host = urlsplit(url).hostname
    _tried(lambda: _post(url, body, key), f"The webhook at {host}")


def _post(url: str, body: dict[str, Any], key: str) -> None:
    try:
        answer = httpx.post(url, json=body, headers={"Idempotency-Key": key}, timeout=SECONDS)
    except httpx.TransportError as error:
        raise _Transient(f"no answer ({type(error).__name__})") from error
    except httpx.InvalidURL as error:
        raise NotSent("its address is not a valid URL") from error
    if answer.status_code == TOO_MANY or answer.is_server_error:
        raise _Transient(f"HTTP {answer.status_code}")
    if not answer.is_success:
        raise NotSent(f"HTTP {answer.status_code}")


def _tried(send: Callable[[], None], whom: str) -> None:
    """Send, with pauses between tries."""
    retrying = Retrying(
        retry=retry_if_exception_type(_Transient),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.5, max=20),
        reraise=True,
    )
    try:
        retrying(send)
    except _Transient as error:
        raise NotSent(f"{whom} did not take it in {ATTEMPTS} tries: {error}") from error
    except NotSent as error:
        raise NotSent(f"{whom} did not take it: {error}") from error
