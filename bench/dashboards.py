"""The dashboards, served over a home, and readers of them without a browser.

A reader speaks what the dashboards' own page speaks (Streamlit's messages over a websocket), so that many sessions can
ask a server without browsers taking the machine.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from backhaul import telemetry
from backhaul.settings import PROJECT, Settings

PATIENCE = 120
NO_LIMIT = None


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@dataclass(frozen=True)
class Served:
    """Dashboards that run: their address (``http://host:port/``), and their process."""

    address: str
    pid: int


@contextmanager
def serving(home: Settings) -> Iterator[Served]:
    """The dashboards over a home, started from a folder that is not the project's, until the block ends."""
    env = os.environ | {"BACKHAUL_HOME": str(home.root)}
    telemetry.switch_off(env)
    address = f"http://127.0.0.1:{home.dashboard_port}"
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "dashboards" / "app.py")]
    with (home.root / "dashboards.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--server.port={home.dashboard_port}"],
            cwd=home.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_until_healthy(address, process)
            yield Served(address + "/", process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the dashboards ended"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:  # noqa: S310 - http
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the dashboards did not answer within a minute")


@dataclass(frozen=True)
class Reading:
    """One run of a page: what it took at the server until the last of it was sent, what it said, and what went wrong.

    ``seconds`` are those between question and answer on the loopback, ``texts`` every markdown and HTML text in order.
    """

    seconds: float
    size: int
    texts: tuple[str, ...]
    errors: tuple[str, ...]


@contextmanager
def session(address: str) -> Iterator[Reader]:
    """A session of the dashboards at ``http://host:port``, open until the block ends."""
    url = address.rstrip("/").replace("http", "ws", 1) + "/_stcore/stream"
    with connect(url, subprotocols=[Subprotocol("streamlit")], max_size=NO_LIMIT) as socket:
        yield Reader(socket)


class Reader:
    """Who reads in one session."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        # what a browser holds does not come twice
        self._held: dict[str, ForwardMsg] = {}

    def read(self, page: str, query: str = "") -> Reading:
        """Runs a page and waits until all of it is there.

        Args:
            page: its name in the address; empty for the first.
            query: what stands after the question mark.

        Raises:
            TimeoutError: it was not there after two minutes.
        """
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        asked.rerun_script.cached_message_hashes.extend(self._held)
        started = time.perf_counter()
        self._socket.send(asked.SerializeToString())
        size, texts, errors = 0, list[str](), list[str]()
        while True:
            data = self._socket.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            size += len(data)
            message = self._whole(ForwardMsg.FromString(data))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                # a run that began anew shows nothing of what it had sent
                texts = []
            elif kind == "delta":
                element = message.delta.new_element
                what = element.WhichOneof("type")
                if what == "markdown":
                    texts.append(element.markdown.body)
                elif what == "html":
                    texts.append(element.html.body)
                elif what == "exception":
                    errors.append(element.exception.message)
                elif what == "alert" and element.alert.format == element.alert.ERROR:
                    errors.append(element.alert.body)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return Reading(time.perf_counter() - started, size, tuple(texts), tuple(errors))

    def _whole(self, message: ForwardMsg) -> ForwardMsg:
        if message.WhichOneof("type") == "ref_hash":
            return self._held[message.ref_hash]
        if message.hash and message.metadata.cacheable:
            self._held[message.hash] = message
        return message
