"""Trying again: what is worth it, and how long to wait before."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

LONGEST_WAIT = 120.0


class Transient(Exception):
    """Worth another try: no answer, too many requests, or the server's own failure.

    ``retry_after`` is how many seconds the server asks to wait, if it does.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def trying(attempts: int, sleep: Callable[[float], None]) -> Retrying:
    """Calls a function up to ``attempts`` times while it raises :class:`Transient`, the last of which is raised."""
    return Retrying(
        retry=retry_if_exception_type(Transient),
        stop=stop_after_attempt(attempts),
        wait=_wait,
        sleep=sleep,
        reraise=True,
    )


_backoff = wait_random_exponential(multiplier=1, max=60)


def _wait(state: RetryCallState) -> float:
    """As long as the server asks, within reason; else exponential with jitter."""
    problem = state.outcome.exception() if state.outcome else None
    if isinstance(problem, Transient) and problem.retry_after is not None:
        return min(problem.retry_after, LONGEST_WAIT)
    return _backoff(state)
