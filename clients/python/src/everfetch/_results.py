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
        "fields": None if fields is None else ",".join(fields),
    }
    max_retries = (yield from settings()).max_retries
    retry = 0
    while True:
        request = Request("GET", f"/batches/{segment(id)}/results", query={**query, "cursor": cursor}, headers=PLAIN if follow else {})
        answer = yield from open_call(request)
        try:
            lines = LineReader(answer)
            while True:
                text = yield from lines.next()
                if text is None:
                    return
                if text == b"":
                    continue
                line: ResultLine = json.loads(text)
                retry = 0
                cursor = line.get("cursor", cursor)
                yield Item(line)
        except ConnectionError:
            if retry >= max_retries:
                raise
        yield from release(answer)
        yield from sleep(back_off_sec(retry))
        retry += 1


class BatchEvents:
    """The states of a batch, one after another, over as many connections as it takes."""

    def __init__(self, id: str) -> None:
        self._path = f"/batches/{segment(id)}/events"
        self._reader: Optional[EventReader] = None
        self._last_id: Optional[str] = None
        self._retry = 0
        #: Whether nothing follows.
        self.is_over = False

    def step(self) -> Operation[Optional[Batch]]:
        """Returns the next state, or ``None`` for a sign of life or a connection that has to be made again."""
        data = yield from self._read()
        if data is None:
            yield from sleep(back_off_sec(self._retry))
            self._retry += 1
        if not data:
            return None
        batch: Batch = json.loads(data)
        self._retry = 0
        self.is_over = batch["status"] in ("finished", "cancelled")
        return batch

    def _read(self) -> Operation[Optional[str]]:
        if self._reader is None:
            headers = {**PLAIN, **({} if self._last_id is None else {"last-event-id": self._last_id})}
            answer = yield from open_call(Request("GET", self._path, headers=headers))
            if answer.status == 204:
                self.is_over = True
                return ""
            self._reader = EventReader(answer)
        try:
            data = yield from self._reader.next()
        except ConnectionError:
            if self._retry >= (yield from settings()).max_retries:
                raise
            data = None
        self._last_id = self._reader.last_id or self._last_id
        if data is None:
            self._reader = None
        return data


def events(id: str) -> Streamed[Batch]:
    """Yields a batch whenever it has changed, until it has ended."""
    states = BatchEvents(id)
    while not states.is_over:
        batch = yield from states.step()
        if batch is not None:
            yield Item(batch)
