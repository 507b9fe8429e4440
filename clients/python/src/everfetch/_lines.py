"""Lines of a body that comes in parts."""

from __future__ import annotations

from collections import deque
from typing import Optional

from ._effects import Opened, Operation, read_part


class LineReader:
    """Reads lines without their ends. What stands behind the last end of a line is not whole, and left out."""

    def __init__(self, answer: Opened) -> None:
        self._answer = answer
        self._lines: deque[bytes] = deque()
        # The parts of a long line are joined once, when its end has come.
        self._begun: list[bytes] = []

    def next(self) -> Operation[Optional[bytes]]:
        """Returns the next line, or ``None`` at the end of the body."""
        while not self._lines:
            part = yield from read_part(self._answer)
            if part is None:
                return None
            *whole, rest = part.split(b"\n")
            for piece in whole:
                self._lines.append(b"".join([*self._begun, piece]).rstrip(b"\r"))
                self._begun = []
            if rest:
                self._begun.append(rest)
        return self._lines.popleft()


class EventReader:
    """Reads Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

    def __init__(self, answer: Opened) -> None:
        self._lines = LineReader(answer)
        #: The id of the last event.
        self.last_id: Optional[str] = None

    def next(self) -> Operation[Optional[str]]:
        """Returns the data of the next event, an empty text for a sign of life, or ``None`` at the end of the stream."""
        data: list[str] = []
        last_id = self.last_id
        while True:
            line = yield from self._lines.next()
            if line is None:
                return None
            name, _, value = line.decode(errors="replace").partition(":")
            value = value[1:] if value.startswith(" ") else value
            if line == b"":
                self.last_id = last_id
                return "\n".join(data)
            if name == "data":
                data.append(value)
            elif name == "id":
                last_id = value
