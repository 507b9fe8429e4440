"""A call of the service: again when that helps, and every failure as an error with a type."""

from __future__ import annotations

import json
import random
from typing import Any, Callable, Optional

from ._effects import Open, Opened, Operation, Request, read_all, settings, sleep
from .errors import ApiError, ConnectionError, EverfetchError, RateLimitError, api_error_of, not_json

FIRST_SEC = 0.5
LONGEST_SEC = 8.0
#: A longer pause is the caller's to take.
MAX_RETRY_AFTER_SEC = 120.0
#: 5xx that will be the same next time.
FINAL_CODES = ("page_damaged", "fetch_failed")


def back_off_sec(retry: int) -> float:
    """The pause before retry number ``retry``, from 0 on: doubling, with a random part so that many clients do not come at once."""
    return float(min(FIRST_SEC * 2**retry, LONGEST_SEC) * random.uniform(0.75, 1.25))


def retry_delay_sec(error: EverfetchError, retry: int, is_repeatable: bool) -> Optional[float]:
    """How long to wait before a call is made again; ``None`` when it should not be."""
    if isinstance(error, ConnectionError):
        return back_off_sec(retry) if is_repeatable else None
    if not isinstance(error, ApiError) or not _may_help(error, is_repeatable):
        return None
    asked = error.retry_after_sec or 0.0
    return None if asked > MAX_RETRY_AFTER_SEC else max(asked, back_off_sec(retry))


def _may_help(error: ApiError, is_repeatable: bool) -> bool:
    # These refuse before anything is done.
    if error.status in (429, 503) or error.code == "idempotency_in_flight":
        return True
    return is_repeatable and (error.status == 408 or (error.status >= 500 and error.code not in FINAL_CODES))


def call_for_json(request: Request) -> Operation[Any]:
    """Makes a call. Returns the JSON of its answer; ``None`` for one without content."""

    def parsed(answer: Opened) -> Operation[Any]:
        text = yield from read_all(answer)
        if text == b"":
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise not_json(request.what, answer.status, answer.headers) from None

    return (yield from _again(request, parsed))


def open_call(request: Request) -> Operation[Opened]:
    """Makes a call. Returns its answer, whose body is still to be read."""

    def as_it_is(answer: Opened) -> Operation[Opened]:
        return answer
        yield  # pragma: no cover  (makes it a generator)

    result: Opened = yield from _again(request, as_it_is)
    return result


def _again(request: Request, use: Callable[[Opened], Operation[Any]]) -> Operation[Any]:
    is_repeatable = request.method != "POST" if request.is_repeatable is None else request.is_repeatable
    max_retries = (yield from settings()).max_retries
    retry = 0
    while True:
        try:
            answer: Opened = yield Open(request)
            if not 200 <= answer.status < 300:
                text = yield from read_all(answer)
                raise api_error_of(request.what, answer.status, answer.headers, text.decode(errors="replace"))
            return (yield from use(answer))
        except EverfetchError as error:
            delay = retry_delay_sec(error, retry, is_repeatable)
            is_over = retry >= max_retries and not (request.is_patient and isinstance(error, RateLimitError))
            if delay is None or is_over:
                raise
        yield from sleep(delay)
        retry += 1
