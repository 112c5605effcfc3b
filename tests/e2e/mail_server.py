"""A mail server as a program of its own: it asks for STARTTLS and a login, and keeps each mail as a file.

``python mail_server.py PORT FOLDER CERTIFICATE KEY``; whoever is called ``refused`` has no mailbox, and who is called
``later`` takes mail at the second try only.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "backhaul", "a long pass phrase"


class Mailboxes:
    """Takes or refuses mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waited: set[str] = set()

    async def handle_RCPT(  # noqa: N802  (the name that the library calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("refused@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@") and address not in self.waited:
            self.waited.add(address)
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        number = len(list(self.folder.iterdir()))
        (self.folder / f"{number:03d}-{envelope.rcpt_tos[0]}.eml").write_bytes(envelope.original_content or b"")
        return "250 OK"


def login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    """One person may send."""
    return AuthResult(success=data == LoginPassword(USER.encode(), PASSWORD.encode()))


async def main(port: str, folder: str, certificate: str, key: str) -> None:
    """Serve until ended."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    handler = Mailboxes(Path(folder))

    def serve() -> SMTP:
        return SMTP(
            handler, tls_context=tls, require_starttls=True, auth_required=True, authenticator=login, hostname="test"
        )

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", int(port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
