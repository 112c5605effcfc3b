"""What is sent: the same words as a mail for people and as JSON for programs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlencode

from backhaul.settings import Settings


@dataclass(frozen=True)
class Message:
    """Words in one language, a link to the pages, and facts for programs (amounts as decimal text)."""

    subject: str
    lines: list[str]
    link: str
    language: str
    facts: dict[str, Any] = field(default_factory=dict)
    attachment: tuple[str, str] | None = None
    """A file's name and its HTML."""

    @property
    def text(self) -> str:
        return "\n".join([*self.lines, "", self.link, ""])

    def as_mail(self, sender: str, target: str, key: str) -> EmailMessage:
        """A mail to one receiver, the attachment in it."""
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = self.subject
        mail["From"] = sender
        mail["To"] = target
        mail["Date"] = datetime.now(UTC)
        mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2].rstrip('>')}>"
        # no answer of an absent person is wanted
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.text)
        # goes along with the text when a file is added
        mail["Content-Language"] = self.language
        if self.attachment:
            name, html = self.attachment
            mail.add_attachment(html, subtype="html", filename=name)
        return mail

    def as_json(self) -> dict[str, Any]:
        """The body of a webhook; ``text`` alone is what chat rooms show."""
        words = {"subject": self.subject, "text": self.text, "language": self.language, "link": self.link}
        return words | self.facts


def key_of(delivery_id: str, publish_id: str, target: str) -> str:
    """The name of one message; who gets the same one twice can tell by it."""
    return hashlib.sha256(f"{delivery_id}\n{publish_id}\n{target}".encode()).hexdigest()[:32]


def link_to(settings: Settings, page: str, parameters: dict[str, str]) -> str:
    """The address of a page in a view, for people who are not on it."""
    base = settings.dashboard_url or f"http://127.0.0.1:{settings.dashboard_port}"
    return f"{base.rstrip('/')}/{page}?{urlencode(parameters)}"
