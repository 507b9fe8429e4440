"""Operations on batches."""

from __future__ import annotations

import json
from typing import Any, AsyncIterable, Iterable, List, Literal, Mapping, Optional, Union
import uuid

import httpx

from ._calls import call_for_json
from ._effects import END, Item, Iterate, Operation, Request, Streamed, Take
from ._fields import Line, Time, batch_query, line_bytes, lines_body, named
from ._jobs import JSON_TYPE, opened_response
from ._pages import pages
from ._segment import segment
from .types import Batch, Failures, Job, Retried

MAX_LINES = 50_000
#: A request body may have 64 MB.
MAX_BYTES = 48_000_000


def submit_batch(
    lines: Iterable[Line], fields: Optional[Mapping[str, Any]] = None, *, idempotency_key: Optional[str] = None
) -> Operation[Batch]:
    """Submits up to 50,000 URLs as one batch.

    A line is a URL, or an object with ``url`` and what is different for it: ``id``, ``method``, ``headers``, ``body``,
    ``meta``, ``apiParams``, ``successWhen``. ``fields`` are those of the batch (``name``, ``tags``, ``maxCredits``,
    ``maxPerHost``, ``dedupe``, ``onDone``), and options of all its jobs (``apiParams``, ``callback``, ``timeoutSec``).
    """
    return (yield from _submitted(lines_body(lines), fields or {}, idempotency_key, is_patient=False))


def submit_many(
    lines: Union[Iterable[Line], AsyncIterable[Line]],
    fields: Optional[Mapping[str, Any]] = None,
    *,
    lines_per_batch: int = MAX_LINES,
    idempotency_key: Optional[str] = None,
) -> Streamed[Batch]:
    """Submits any number of URLs as batches of 50,000, and yields each batch once it is accepted.

    It takes lines only as it needs them, and waits while the key has as many unfinished URLs as it may have. With an
    idempotency key the batches have the keys ``<key>-1``, ``<key>-2`` …, so that the same lines are submitted once.
    """
    chunk: List[bytes] = []
    size = 0
    number = 0
    source = yield Iterate(lines)
    while True:
        line = yield Take(source)
        data = b"" if line is END else line_bytes(line)
        is_full = len(chunk) == lines_per_batch or size + len(data) > MAX_BYTES
        if chunk and (line is END or is_full):
            number += 1
            key = None if idempotency_key is None else f"{idempotency_key}-{number}"
            yield Item((yield from _submitted(b"".join(chunk), fields or {}, key, is_patient=True)))
            chunk, size = [], 0
        if line is END:
            return
        chunk.append(data)
        size += len(data)


def _submitted(
    content: bytes, fields: Mapping[str, Any], idempotency_key: Optional[str], *, is_patient: bool
) -> Operation[Batch]:
    headers = {
        "content-type": "application/x-ndjson",
        "idempotency-key": idempotency_key or str(uuid.uuid4()),
    }
    batch: Batch = yield from call_for_json(
        Request(
            "POST",
            "/batches",
            query=batch_query(fields),
            content=content,
            headers=headers,
            is_repeatable=True,
            is_patient=is_patient,
        )
    )
    return batch


def batch(id: str) -> Operation[Batch]:
    """Reads a batch."""
    found: Batch = yield from call_for_json(Request("GET", f"/batches/{segment(id)}"))
    return found


def batches(
    *,
    status: Optional[str] = None,
    tag: Optional[str] = None,
    since: Optional[Time] = None,
    until: Optional[Time] = None,
    q: Optional[str] = None,
    limit: Optional[int] = None,
) -> Streamed[Batch]:
    """Lists batches, newest first, page after page; ``limit`` is the size of a page."""
    yield from pages("/batches", named(locals()))


def batch_jobs(
    id: str,
    *,
    status: Optional[str] = None,
    host: Optional[str] = None,
    client_id: Optional[str] = None,
    fail_reason: Optional[str] = None,
    status_code: Optional[int] = None,
    since: Optional[Time] = None,
    until: Optional[Time] = None,
    q: Optional[str] = None,
    limit: Optional[int] = None,
) -> Streamed[Job]:
    """Lists the jobs of a batch in input order, without their pages."""
    query = named({name: value for name, value in locals().items() if name != "id"})
    yield from pages(f"/batches/{segment(id)}/jobs", query)


def pause(id: str) -> Operation[Batch]:
    """Starts no new fetch of a batch; the time given to its URLs goes on."""
    batch: Batch = yield from _posted(id, "pause")
    return batch


def resume(id: str) -> Operation[Batch]:
    """Lets a paused batch go on."""
    batch: Batch = yield from _posted(id, "resume")
    return batch


def cancel(id: str) -> Operation[Batch]:
    """Cancels what of a batch has not ended; what has finished is kept."""
    batch: Batch = yield from _posted(id, "cancel")
    return batch


def retry_failed(
    id: str,
    *,
    fail_reason: Union[str, List[str], None] = None,
    host: Optional[str] = None,
    status_code: Union[int, Literal["none"], List[Union[int, Literal["none"]]], None] = None,
    dry_run: Optional[bool] = None,
    if_count: Optional[int] = None,
) -> Operation[Retried]:
    """Gives failed URLs of an ended batch their time once more; the status ``"none"`` selects those that had no answer.

    ``dry_run=True`` changes nothing and returns how many that would be and what they may cost. With ``if_count``, the
    service refuses (409) when it would be another number.
    """
    asked = named({name: value for name, value in locals().items() if name != "id"})
    retried: Retried = yield from _posted(id, "retry-failed", asked)
    return retried


def _posted(id: str, verb: str, asked: Optional[Mapping[str, Any]] = None) -> Operation[Any]:
    content = None if asked is None else json.dumps(asked).encode()
    # Done twice, these do what they do once.
    return (
        yield from call_for_json(
            Request(
                "POST",
                f"/batches/{segment(id)}/{verb}",
                content=content,
                headers={} if content is None else JSON_TYPE,
                is_repeatable=verb != "retry-failed",
            )
        )
    )


def update_batch(id: str, patch: Mapping[str, Any]) -> Operation[Batch]:
    """Changes ``name``, ``tags``, ``maxCredits`` or ``maxPerHost``; ``None`` takes a value away."""
    changed: Batch = yield from call_for_json(
        Request("PATCH", f"/batches/{segment(id)}", content=json.dumps(patch).encode(), headers=JSON_TYPE)
    )
    return changed


def forget_batch(id: str, *, cancel: bool = False) -> Operation[Optional[Batch]]:
    """Removes an ended batch with its pages and deliveries at once; ``cancel=True`` cancels one that runs, and removes it then."""
    query = {"cancel": "true" if cancel else None}
    cancelled: Optional[Batch] = yield from call_for_json(Request("DELETE", f"/batches/{segment(id)}", query=query))
    return cancelled


def archive(id: str) -> Operation[httpx.Response]:
    """Opens all pages of a batch as one WARC file. What is returned is not read yet: read it to its end, or close it."""
    return (yield from opened_response(Request("GET", f"/batches/{segment(id)}/archive.warc.gz")))


def failures(id: str) -> Operation[Failures]:
    """Groups the failed URLs of a batch by reason, host and status, the largest group first."""
    found: Failures = yield from call_for_json(Request("GET", f"/batches/{segment(id)}/failures"))
    return found
