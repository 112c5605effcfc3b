"""Run by test_meeting.py in a process of its own: two real processes at work on one source at the same time.

``python -m tests.integration.meeting FOLDER FIRST+SECOND…``. The first stops where it is about to commit; the second
begins, once without patience and once with; the first goes on. Prints a JSON object by pair: what the second said in
either case, whether it was still waiting, and what stands in the end, beside what stands when one follows the other.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backhaul import receipts, remains
from backhaul.ledger import Busy
from backhaul.settings import Settings
from ingestion import batch, compaction, contract, parse, profile, retention
from ingestion.compaction import Sizes
from ingestion.erasure import open_erasure
from tests.integration.faulty_ingest import PERSON, SALES, SOLD, in_fork, state

SOURCES = (
    "sources:\n  - {id: shop, kind: backhaul, domain: returns, retention_days: 1, from: {type: files, path: in}}\n"
)


def ingest(settings: Settings) -> None:
    batch.ingest("shop", settings=settings)


def replay(settings: Settings) -> None:
    """By a newer contract."""
    newer = contract.load_contract("backhaul").model_copy(update={"version": 99})
    for module in (parse, profile, sys.modules["ingestion.tabled"]):
        module.load_contract = lambda kind: newer  # type: ignore[attr-defined]
    batch.replay("shop", settings=settings)


def maintain(settings: Settings) -> None:
    """When every landed byte is too old."""
    retention.expire(settings, datetime.now(UTC) + timedelta(days=2))
    compact(settings)


def compact(settings: Settings) -> None:
    compaction.compact(settings, datetime.now(UTC), Sizes(least=2))


def erase(settings: Settings) -> None:
    with open_erasure(settings, PERSON) as opened:
        opened.run()


ACTIONS: dict[str, Callable[[Settings], None]] = {
    "ingest": ingest, "replay": replay, "maintain": maintain, "compact": compact, "erase": erase
}  # fmt: skip


def template(home: Path) -> Settings:
    """Three files of a shop, two of them in the lake; one of these and the new one name the person."""
    (home / "in").mkdir(parents=True)
    (home / "sources.yml").write_text(SOURCES)
    settings = Settings(home=home)
    for number, person in ((1, PERSON), (2, "C000002"), (3, PERSON)):
        if number == 3:
            in_fork(lambda: ingest(settings))
        text = SALES + SOLD.format(n=number, person=person)
        (home / "in" / f"sales_lines_{number}.csv").write_text(text)
    return settings


def stopping(reached: int, go: int, settings: Settings, action: Callable[[Settings], None]) -> None:
    """The action, stopped once before it makes something visible."""
    create = receipts.create

    def stopped(target: Path, text: str) -> bool:
        receipts.create = create
        os.write(reached, b".")
        os.read(go, 1)
        return create(target, text)

    receipts.create = stopped
    action(settings)


def told(settings: Settings, action: Callable[[Settings], None]) -> list[str]:
    """What the action logs of waiting, and the word with which it leaves."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logging.getLogger("backhaul.ledger").addHandler(Kept())
    logging.getLogger("backhaul.ledger").setLevel(logging.INFO)
    try:
        action(settings)
    except Busy as error:
        lines.append(f"Busy: {error}")
    return lines


def spawn(action: Callable[[], object]) -> int:
    """A process that does it and ends with 0."""
    pid = os.fork()
    if pid == 0:
        try:
            action()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return pid


def end_of(settings: Settings) -> object:
    """What readers see, and where the person is."""
    return [state(settings), [*remains.by_place(settings, [remains.find(settings, PERSON)])]]


def meet(root: Path, start: Settings, first: str, second: str) -> dict[str, object]:
    after, at_once = root / "after", root / "at_once"
    for home in (after, at_once):
        shutil.copytree(start.root, home)
    for name in (first, second):
        in_fork(lambda name=name: ACTIONS[name](Settings(home=after)))
    reached, says = os.pipe()
    waits, go = os.pipe()
    pids = [spawn(lambda: stopping(says, waits, Settings(home=at_once), ACTIONS[first]))]
    os.read(reached, 1)
    _, impatient = in_fork(lambda: told(Settings(home=at_once, wait_seconds=0), ACTIONS[second]))
    log = root / "patient.json"
    patient = Settings(home=at_once, wait_seconds=60)
    pids.append(spawn(lambda: log.write_text(json.dumps(told(patient, ACTIONS[second])))))
    time.sleep(0.5)
    is_waiting = os.waitpid(pids[1], os.WNOHANG) == (0, 0)
    os.write(go, b".")
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] if is_waiting else []
    _, wanted = in_fork(lambda: end_of(Settings(home=after)))
    _, got = in_fork(lambda: end_of(Settings(home=at_once)))
    said = {"impatient": impatient, "patient": json.loads(log.read_text()), "is_waiting": is_waiting}
    return {**said, "codes": codes, "wanted": wanted, "got": got}


def main(root: Path, *pairs: str) -> None:
    profile.check = lambda con, settings, source, batches: {batch_id: [] for batch_id in batches}
    start = template(root / "template")
    print(json.dumps({pair: meet(root / pair, start, *pair.split("+")) for pair in pairs}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
