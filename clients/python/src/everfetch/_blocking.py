"""Operations as methods that block."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, Generator, Iterator, TypeVar

import httpx

from ._effects import (
    END,
    AskSettings,
    Item,
    Iterate,
    Open,
    Opened,
    Operation,
    ReadAll,
    ReadPart,
    Release,
    Settings,
    Sleep,
    Streamed,
    Take,
)
from ._machine import Machine, as_method_of
from ._transport import FAILURES, Address, cut_off
from .errors import EverfetchError

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec

    P = ParamSpec("P")

T = TypeVar("T")


class Blocking:
    """Runs operations with ``httpx.Client``."""

    def __init__(self, http: httpx.Client, address: Address, settings: Settings) -> None:
        self._http = http
        self._address = address
        self._settings = settings

    def _run(self, operation: Generator[Any, Any, T]) -> Generator[Any, None, T]:
        """Yields the items of an operation, and returns its result."""
        answers: list[Opened] = []
        machine = Machine(operation)
        try:
            while not machine.is_done:
                if isinstance(machine.effect, Item):
                    yield machine.effect.value
                    machine.proceed(None)
                    continue
                try:
                    value = self._perform(machine.effect, answers)
                except EverfetchError as error:
                    machine.fail(error)
                else:
                    machine.proceed(value)
            return machine.taken()
        finally:
            machine.close()
            for answer in answers:
                answer.response.close()

    def _perform(self, effect: Any, answers: list[Opened]) -> Any:
        if isinstance(effect, Open):
            return self._open(effect, answers)
        if isinstance(effect, ReadAll):
            content = _or_cut_off(effect.answer.response.read)
            answers.remove(effect.answer)
            return content
        if isinstance(effect, ReadPart):
            parts = effect.answer.parts = effect.answer.parts or effect.answer.response.iter_bytes()
            return _or_cut_off(lambda: next(parts, None))
        if isinstance(effect, Release):
            answers.remove(effect.answer)
            return None if effect.is_callers else effect.answer.response.close()
        if isinstance(effect, Sleep):
            return time.sleep(effect.seconds)
        if isinstance(effect, Iterate):
            return iter(effect.source)
        if isinstance(effect, Take):
            return next(effect.iterator, END)
        if isinstance(effect, AskSettings):
            return self._settings
        raise TypeError(f"{effect!r} is no effect")

    def _open(self, effect: Open, answers: list[Opened]) -> Opened:
        try:
            request = self._http.build_request(**self._address.arguments(effect.request))
            answer = Opened(self._http.send(request, stream=True))
        except FAILURES as error:
            raise self._address.no_answer(effect.request, error) from error
        answers.append(answer)
        return answer


def _or_cut_off(read: Callable[[], T]) -> T:
    try:
        return read()
    except FAILURES as error:
        raise cut_off(error) from error


def blocking(operation: Callable[P, Operation[T]]) -> Callable[Concatenate[Blocking, P], T]:
    """Makes a method that returns the result of an operation."""

    def method(self: Blocking, *args: P.args, **kwargs: P.kwargs) -> T:
        run = self._run(operation(*args, **kwargs))
        try:
            next(run)
        except StopIteration as end:
            result: T = end.value
            return result
        raise TypeError(f"{operation.__name__} has several results")

    return as_method_of(operation, method)


def iterating(operation: Callable[P, Streamed[T]]) -> Callable[Concatenate[Blocking, P], Iterator[T]]:
    """Makes a method that returns an iterator over what an operation yields."""

    def method(self: Blocking, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self._run(operation(*args, **kwargs))

    return as_method_of(operation, method)
