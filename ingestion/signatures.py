"""Signatures of webhooks: whether a body was sent by whoever knows the secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# What each vendor documents; a `signature:` that names one may still say otherwise.
STYLES: dict[str, dict[str, str]] = {
    "easypost": {"header": "X-Hmac-Signature", "encoding": "hex", "prefix": "hmac-sha256-hex="},
    "shopify": {"header": "X-Shopify-Hmac-Sha256", "encoding": "base64"},
    "loop": {"header": "X-Loop-Signature", "encoding": "base64"},
    "aftership": {"header": "aftership-hmac-sha256", "encoding": "base64"},
    "shippo": {"header": "Shippo-Auth-Signature", "encoding": "hex"},
    "woocommerce": {"header": "X-WC-Webhook-Signature", "encoding": "base64"},
    "generic": {},
}
_TIMED = re.compile(r"t=(?P<time>\d+),\s*v1=(?P<digest>\w+)")


class Signature(BaseModel):
    """How a sender signs: an HMAC of the body under the shared secret, in a header.

    ``style`` fills in what is not said; ``generic`` needs ``header``. Shippo signs ``<time>.<body>``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    style: Literal["easypost", "shopify", "loop", "aftership", "shippo", "woocommerce", "generic"] = "generic"
    header: str = Field(min_length=1)
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, raw: Any) -> Any:
        return {**STYLES.get(str(raw.get("style")), {}), **raw} if isinstance(raw, dict) else raw

    def accepts(self, body: bytes, headers: Mapping[str, str], secret: str) -> bool:
        """Whether the headers (names in lower case) hold the signature of these bytes; never, without a secret."""
        given = headers.get(self.header.lower(), "").strip()
        if not secret or not given.startswith(self.prefix):
            return False
        given = given.removeprefix(self.prefix)
        if self.style == "easypost":
            secret = unicodedata.normalize("NFKD", secret)
        if self.style == "shippo":
            timed = _TIMED.fullmatch(given)
            if timed is None:
                return False
            given, body = timed["digest"], timed["time"].encode() + b"." + body
        return hmac.compare_digest(self._digest(body, secret).encode(), self._plain(given).encode())

    def _digest(self, body: bytes, secret: str) -> str:
        digest = hmac.new(secret.encode(), body, getattr(hashlib, self.algorithm)).digest()
        return digest.hex() if self.encoding == "hex" else base64.b64encode(digest).decode()

    def _plain(self, given: str) -> str:
        return given.lower() if self.encoding == "hex" else given
