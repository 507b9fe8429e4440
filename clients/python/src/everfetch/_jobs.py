"""Operations on single jobs."""

from __future__ import annotations

import json
from typing import Mapping, Optional
import uuid

import httpx

from ._calls import call_for_json, open_call
from ._effects import Operation, Release, Request, Streamed
from ._fields import Line, Time, named
from ._pages import pages
from ._segment import segment
from .types import Job

JSON_TYPE = {"content-type": "application/json"}


def submit(job: Line, *, idempotency_key: Optional[str] = None) -> Operation[Job]:
    """Submits a URL: ``{"url": …, "apiParams": {…}, "callback": …, "meta": …}``, or the URL alone.

    It is sent again when no answer came, under one idempotency key, so that it is accepted once.
    """
    accepted: Job = yield from call_for_json(
        Request("POST", "/jobs", content=_body(job), headers=_headers(idempotency_key), is_repeatable=True)
    )
    return accepted


def scrape(job: Line, *, wait_sec: Optional[int] = None, idempotency_key: Optional[str] = None) -> Operation[Job]:
    """Submits a URL and waits for its page, for 1 to 120 seconds. Then it returns the job as it is, running or ended."""
    scraped: Job = yield from call_for_json(
        Request(
            "POST",
            "/scrape",
            query={"wait": wait_sec},
            content=_body(job),
            headers=_headers(idempotency_key),
            is_repeatable=True,
            extra_sec=120.0 if wait_sec is None else float(wait_sec),
        )
    )
    return scraped


def job(id: str, *, response: bool = True, attempts: bool = False) -> Operation[Job]:
    """Reads a job. ``response=False`` leaves its page out; ``attempts=True`` adds what each attempt ran into."""
    query = {"response": None if response else "false", "attempts": "true" if attempts else None}
    found: Job = yield from call_for_json(Request("GET", f"/jobs/{segment(id)}", query=query))
    return found


def body(id: str) -> Operation[httpx.Response]:
    """Opens the page of a finished job. What is returned is not read yet: read it to its end, or close it."""
    return (yield from opened_response(Request("GET", f"/jobs/{segment(id)}/body")))


def screenshot(id: str) -> Operation[httpx.Response]:
    """Opens the picture of a page that was loaded with the option ``screenshot``, a PNG. Read it to its end, or close it."""
    return (yield from opened_response(Request("GET", f"/jobs/{segment(id)}/screenshot")))


def opened_response(request: Request) -> Operation[httpx.Response]:
    answer = yield from open_call(request)
    yield Release(answer, is_callers=True)
    return answer.response


def cancel_job(id: str) -> Operation[Job]:
    """Cancels a job. One that has ended stays as it is."""
    cancelled: Job = yield from call_for_json(Request("DELETE", f"/jobs/{segment(id)}"))
    return cancelled


def forget_job(id: str) -> Operation[None]:
    """Removes an ended job with its page and its deliveries at once."""
    yield from call_for_json(Request("DELETE", f"/jobs/{segment(id)}", query={"purge": "true"}))


def jobs(
    *,
    status: Optional[str] = None,
    host: Optional[str] = None,
    tag: Optional[str] = None,
    batch: Optional[str] = None,
    client_id: Optional[str] = None,
    fail_reason: Optional[str] = None,
    status_code: Optional[int] = None,
    since: Optional[Time] = None,
    until: Optional[Time] = None,
    q: Optional[str] = None,
    limit: Optional[int] = None,
) -> Streamed[Job]:
    """Lists jobs, newest first, page after page; ``limit`` is the size of a page."""
    yield from pages("/jobs", named(locals()))


def _body(job: Line) -> bytes:
    return json.dumps({"url": job} if isinstance(job, str) else job).encode()


def _headers(idempotency_key: Optional[str]) -> Mapping[str, str]:
    return {**JSON_TYPE, "idempotency-key": idempotency_key or str(uuid.uuid4())}
