"""Waiting for the end of a job or a batch."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Mapping, Optional, Union

from ._calls import open_call
from ._effects import Operation, Request, read_all, sleep
from ._results import BatchEvents
from ._segment import segment
from .errors import RateLimitError, UnavailableError

OnProgress = Optional[Callable[[Any], None]]

#: The first looks at what may be done at once (seconds). After these, ``Retry-After`` counts.
FIRST_LOOKS_SEC = (0.2, 0.4, 0.8)
POLL_SEC = 2.0
MAX_POLL_SEC = 30.0
#: A stream is silent for this long at most, so with less time left it is not waited for.
SILENCE_SEC = 16.0


def wait(
    job_or_batch: Union[str, Mapping[str, Any]], *, timeout_sec: Optional[float] = None, on_progress: OnProgress = None
) -> Operation[Any]:
    """Waits until a job or a batch has ended, and returns it, a job with its page.

    :param job_or_batch: the object, or its id
    :param on_progress: called with each state in between
    :raises TimeoutError: when ``timeout_sec`` are over; what is waited for goes on
    """
    id = job_or_batch if isinstance(job_or_batch, str) else str(job_or_batch["id"])
    limit = float("inf") if timeout_sec is None else time.monotonic() + timeout_sec
    if not id.lower().endswith("ffff"):  # the low 16 bits of an id tell what it is of
        return (yield from _polled(f"/jobs/{segment(id)}", limit, on_progress))
    states = BatchEvents(id)
    try:
        while not states.is_over and time.monotonic() < limit - SILENCE_SEC:
            batch = yield from states.step()
            if batch is not None and not states.is_over and on_progress is not None:
                on_progress(batch)
    except (RateLimitError, UnavailableError):
        pass  # as many streams are open there as may be
    return (yield from _polled(f"/batches/{segment(id)}", limit, on_progress))


def _polled(path: str, limit: float, on_progress: OnProgress) -> Operation[Any]:
    looks = 0
    while True:
        answer = yield from open_call(Request("GET", path))
        found = json.loads((yield from read_all(answer)))
        if found["status"] not in ("running", "paused"):
            return found
        if on_progress is not None:
            on_progress(found)
        if time.monotonic() >= limit:
            raise TimeoutError(f"{path} has not ended in time.")
        asked = answer.headers.get("retry-after", "")
        delay = min(float(asked) if asked.isdigit() else POLL_SEC, MAX_POLL_SEC)
        pause = FIRST_LOOKS_SEC[looks] if looks < len(FIRST_LOOKS_SEC) else delay
        yield from sleep(max(min(pause, limit - time.monotonic()), 0.0))
        looks += 1
