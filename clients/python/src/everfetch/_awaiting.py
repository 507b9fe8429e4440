"""Operations as methods for asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, AsyncIterator, Awaitable, Callable, Coroutine, Generator, TypeVar

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


class Awaiting:
    """Runs operations with ``httpx.AsyncClient``."""

    def __init__(self, http: httpx.AsyncClient, address: Address, settings: Settings) -> None:
        self._http = http
        self._address = address
        self._settings = settings

    async def _run(self, machine: Machine[T]) -> AsyncIterator[Any]:
        """Yields the items of an operation; its result is in the machine then."""
        answers: list[Opened] = []
        try:
            while not machine.is_done:
                if isinstance(machine.effect, Item):
                    yield machine.effect.value
                    machine.proceed(None)
                    continue
                try:
                    value = await self._perform(machine.effect, answers)
                except EverfetchError as error:
                    machine.fail(error)
                else:
                    machine.proceed(value)
        finally:
            machine.close()
            for answer in answers:
                await answer.response.aclose()

    async def _perform(self, effect: Any, answers: list[Opened]) -> Any:
        if isinstance(effect, Open):
            return await self._open(effect, answers)
        if isinstance(effect, ReadAll):
            content = await _or_cut_off(effect.answer.response.aread())
            answers.remove(effect.answer)
            return content
        if isinstance(effect, ReadPart):
            parts = effect.answer.parts = effect.answer.parts or effect.answer.response.aiter_bytes()
            return await _or_cut_off(_next(parts, None))
        if isinstance(effect, Release):
            answers.remove(effect.answer)
            return None if effect.is_callers else await effect.answer.response.aclose()
        if isinstance(effect, Sleep):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Iterate):
            return effect.source.__aiter__() if hasattr(effect.source, "__aiter__") else iter(effect.source)
        if isinstance(effect, Take):
            is_plain = not hasattr(effect.iterator, "__anext__")
            return next(effect.iterator, END) if is_plain else await _next(effect.iterator, END)
        if isinstance(effect, AskSettings):
            return self._settings
        raise TypeError(f"{effect!r} is no effect")

    async def _open(self, effect: Open, answers: list[Opened]) -> Opened:
        try:
            request = self._http.build_request(**self._address.arguments(effect.request))
            answer = Opened(await self._http.send(request, stream=True))
        except FAILURES as error:
            raise self._address.no_answer(effect.request, error) from error
        answers.append(answer)
        return answer


async def _next(iterator: Any, otherwise: Any) -> Any:
    try:
        return await iterator.__anext__()
    except StopAsyncIteration:
        return otherwise


async def _or_cut_off(reading: Awaitable[T]) -> T:
    try:
        return await reading
    except FAILURES as error:
        raise cut_off(error) from error


def awaiting(operation: Callable[P, Operation[T]]) -> Callable[Concatenate[Awaiting, P], Coroutine[Any, Any, T]]:
    """Makes a coroutine that returns the result of an operation."""

    async def method(self: Awaiting, *args: P.args, **kwargs: P.kwargs) -> T:
        machine: Machine[T] = Machine(operation(*args, **kwargs))
        async for _item in self._run(machine):
            raise TypeError(f"{operation.__name__} has several results")
        return machine.taken()

    return as_method_of(operation, method)


def iterating(operation: Callable[P, Streamed[T]]) -> Callable[Concatenate[Awaiting, P], AsyncIterator[T]]:
    """Makes a method that returns an asynchronous iterator over what an operation yields."""

    def method(self: Awaiting, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return self._run(Machine(operation(*args, **kwargs)))

    return as_method_of(operation, method)
