"""What a batch brings, as it comes."""

from __future__ import annotations

import json
from typing import Optional, Sequence

from ._calls import back_off_sec, open_call
from ._effects import Item, Operation, Request, Streamed, release, settings, sleep
from ._lines import EventReader, LineReader
from ._segment import segment
from .errors import ConnectionError
from .types import Batch, ResultLine

#: The service shows every 15 seconds that a stream is alive. What stands behind a proxy may compress and hold it back.
PLAIN = {"accept-encoding": "identity"}


def results(
    id: str,
    *,
    follow: bool = False,
    cursor: Optional[str] = None,
    status: Optional[str] = None,
    fields: Optional[Sequence[str]] = None,
) -> Streamed[ResultLine]:
    """Yields the ended jobs of a batch with their pages, in the order of their ends.

    A connection that breaks off is made again, behind the last line that was yielded: nothing comes twice.

    :param follow: goes on until the batch has ended
    :param cursor: ``cursor`` of a line, behind which it begins
    :param fields: names of the fields of a job to give, such as ``["id", "clientId", "response"]``
    """
    query = {
        "follow": "true" if follow else None,
        "status": status,
        "fields": None if fields is None else ",".join(dict.fromkeys([*fields, "cursor"])),
    }
    headers = PLAIN if follow else {}
    breaks = Breaks()
    while True:
        request = Request("GET", f"/batches/{segment(id)}/results", query={**query, "cursor": cursor}, headers=headers)
        answer = yield from open_call(request)
        # An answer that began before the batch had ended may have been closed by a server that stops.
        is_whole = not follow or answer.headers.get("x-batch-unfinished") == "0"
        lines = LineReader(answer)
        error: Optional[ConnectionError] = None
        try:
            while True:
                text = yield from lines.next()
                if text is None:
                    break
                if text != b"":
                    line: ResultLine = json.loads(text)
                    cursor = line["cursor"]
                    breaks.note_progress()
                    yield Item(line)
        except ConnectionError as reason:
            error = reason
        yield from release(answer)
        if error is None and is_whole:
            return
        yield from breaks.pause(error)


class Breaks:
    """Counts connections that broke off without anything new."""

    def __init__(self) -> None:
        self._count = 0

    def note_progress(self) -> None:
        self._count = 0

    def pause(self, error: Optional[ConnectionError]) -> Operation[None]:
        """Waits before the connection is made again: not at all after one that has brought something.

        :raises ConnectionError: the error, when that was in vain too often
        """
        self._count += 1
        if error is not None and self._count > (yield from settings()).max_retries:
            raise error
        if self._count > 1:
            yield from sleep(back_off_sec(self._count - 2))


class BatchEvents:
    """The states of a batch, one after another, over as many connections as it takes."""

    def __init__(self, id: str) -> None:
        self._path = f"/batches/{segment(id)}/events"
        self._reader: Optional[EventReader] = None
        self._last_id: Optional[str] = None
        self._breaks = Breaks()
        #: Whether nothing follows.
        self.is_over = False

    def step(self) -> Operation[Optional[Batch]]:
        """Returns the next state, or ``None`` for a sign of life or a connection that has to be made again."""
        reader = self._reader or (yield from self._open())
        if reader is None:
            return None
        error: Optional[ConnectionError] = None
        try:
            data = yield from reader.next()
        except ConnectionError as reason:
            data, error = None, reason
        if data is None:
            self._reader = None
            yield from self._breaks.pause(error)
        if not data:
            return None
        batch: Batch = json.loads(data)
        self._last_id = reader.last_id
        self._breaks.note_progress()
        self.is_over = "endedAt" in batch
        return batch

    def _open(self) -> Operation[Optional[EventReader]]:
        headers = {**PLAIN, **({} if self._last_id is None else {"last-event-id": self._last_id})}
        answer = yield from open_call(Request("GET", self._path, headers=headers))
        self.is_over = answer.status == 204
        self._reader = None if self.is_over else EventReader(answer)
        return self._reader


def events(id: str) -> Streamed[Batch]:
    """Yields a batch whenever it has changed, until it has ended."""
    states = BatchEvents(id)
    while not states.is_over:
        batch = yield from states.step()
        if batch is not None:
            yield Item(batch)
