"""What the web server adds to Streamlit's own."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A page at an address of its own (/cost) would look for its server below that address first, and fail in the console
# of the browser, before it tries the right one. This tells it at once.
START = b"<head><script>window.__streamlit = {BACKEND_BASE_URL: window.location.origin + '/'}</script>"


class PlainStart:
    """Tells the start page where its server is. Everything else passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/catalogue"):
            await self.app(scope, receive, send)
            return
        # the page has to come as text, for it is changed
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        held: list[Message] = []

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                held.append(message)
            elif held:
                await _send_changed(held, message, send)
            else:
                await send(message)

        wanted = dict(scope["headers"]).get(b"accept", b"")
        await self.app({**scope, "headers": headers} if b"text/html" in wanted else scope, receive, told)


def _is_page(message: Message) -> bool:
    kind: bytes = dict(message["headers"]).get(b"content-type", b"")
    return kind.startswith(b"text/html")


async def _send_changed(held: list[Message], part: Message, send: Send) -> None:
    """The page is sent when all of it is there."""
    held.append(part)
    if part.get("more_body"):
        return
    start, *parts = held
    body = b"".join(each.get("body", b"") for each in parts).replace(b"<head>", START, 1)
    headers = [(name, value) for name, value in start["headers"] if name not in {b"content-length", b"etag"}]
    await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
