"""What the client does, apart from how it waits.

A method of the client is a generator that yields effects, and is sent their results: open a request, read a part of its
answer, sleep. Both clients run the same generators; the blocking one performs the effects with ``httpx.Client``, the
other with ``httpx.AsyncClient``. Only :class:`everfetch.errors.EverfetchError` is thrown into a generator.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generator, Generic, Mapping, Optional, TypeVar, Union

import httpx

T = TypeVar("T")

Query = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One HTTP request. Parameters of its query that are ``None`` are left out; lists become several of one name."""

    method: str
    #: Begins with a slash.
    path: str
    query: Query = field(default_factory=dict)
    content: Optional[bytes] = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Whether it does no harm when it is carried out twice. Default: all but POST.
    is_repeatable: Optional[bool] = None
    #: Whether it waits for as long as the limits of the key are reached.
    is_patient: bool = False
    #: Added to the time that an answer may take (seconds).
    extra_sec: float = 0.0

    @property
    def what(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Opened:
    """An answer whose body has not been read yet."""

    response: httpx.Response
    #: Iterator over its parts, once one has been read.
    parts: Any = None

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        return self.response.headers


@dataclass(frozen=True)
class Settings:
    max_retries: int


@dataclass(frozen=True)
class Open:
    """Results in :class:`Opened`."""

    request: Request


@dataclass(frozen=True)
class ReadAll:
    """Results in the bytes of the body."""

    answer: Opened


@dataclass(frozen=True)
class ReadPart:
    """Results in the next bytes of the body, and in ``None`` at its end."""

    answer: Opened


@dataclass(frozen=True)
class Release:
    """Frees the connection, or leaves that to the caller, who gets the response."""

    answer: Opened
    is_callers: bool = False


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Iterate:
    """Results in an iterator over what the caller gave; the client for asyncio takes asynchronous ones as well."""

    source: Any


@dataclass(frozen=True)
class Take:
    """Results in the next value of such an iterator, and in ``END`` behind the last one."""

    iterator: Any


@dataclass(frozen=True)
class AskSettings:
    """Results in :class:`Settings`."""


@dataclass(frozen=True)
class Item(Generic[T]):
    """A value that the caller gets, of a method that has several."""

    value: T


END = object()

Effect = Union[Open, ReadAll, ReadPart, Release, Sleep, Iterate, Take, AskSettings]
#: A method with one result.
Operation = Generator[Effect, Any, T]
#: A method with any number of results.
Streamed = Generator[Union[Effect, Item[T]], Any, None]


def sleep(seconds: float) -> Operation[None]:
    yield Sleep(seconds)


def settings() -> Operation[Settings]:
    result: Settings = yield AskSettings()
    return result


def read_all(answer: Opened) -> Operation[bytes]:
    result: bytes = yield ReadAll(answer)
    return result


def read_part(answer: Opened) -> Operation[Optional[bytes]]:
    result: Optional[bytes] = yield ReadPart(answer)
    return result


def release(answer: Opened) -> Operation[None]:
    yield Release(answer)
