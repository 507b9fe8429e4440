"""Waiting for the end of a job or a batch."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, Optional, Union

from ._calls import call_for_answer
from ._effects import Operation, Request, sleep
from ._results import BatchEvents
from ._segment import segment
from .errors import ConnectionError, UnavailableError

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
    :param on_progress: called with each state that is seen, the last one included
    :raises TimeoutError: when ``timeout_sec`` are over; what is waited for goes on
    """
    id = job_or_batch if isinstance(job_or_batch, str) else str(job_or_batch["id"])
    limit = float("inf") if timeout_sec is None else time.monotonic() + timeout_sec
    if not id.lower().endswith("ffff"):  # the low 16 bits of an id tell what it is of
        return (yield from _polled(f"/jobs/{segment(id)}", limit, on_progress, lambda job: job["status"] != "running"))
    states = BatchEvents(id)
    try:
        while not states.is_over and time.monotonic() < limit - SILENCE_SEC:
            batch = yield from states.step()
            if batch is not None and on_progress is not None:
                on_progress(batch)
            if batch is not None and states.is_over:
                return batch
    except (ConnectionError, UnavailableError):
        pass  # streams do not get through here, or as many are open there as may be
    # It is called cancelled as soon as that is asked for.
    return (yield from _polled(f"/batches/{segment(id)}", limit, on_progress, lambda batch: "endedAt" in batch))


def _polled(
    path: str, limit: float, on_progress: OnProgress, is_ended: Callable[[Mapping[str, Any]], bool]
) -> Operation[Any]:
    looks = 0
    while True:
        found, headers = yield from call_for_answer(Request("GET", path))
        if on_progress is not None:
            on_progress(found)
        if is_ended(found):
            return found
        if time.monotonic() >= limit:
            raise TimeoutError(f"{path} has not ended in time.")
        asked = headers.get("retry-after", "")
        delay = min(float(asked) if asked.isdigit() else POLL_SEC, MAX_POLL_SEC)
        pause = FIRST_LOOKS_SEC[looks] if looks < len(FIRST_LOOKS_SEC) else delay
        yield from sleep(max(min(pause, limit - time.monotonic()), 0.0))
        looks += 1
