"""Runs an operation step by step; the two clients differ in how they perform its effects."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Generator, Generic, Optional, TypeVar, cast

from .errors import EverfetchError

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])


class Machine(Generic[T]):
    """An operation under way. ``effect`` is the next one to perform, unless it ``is_done``."""

    def __init__(self, operation: Generator[Any, Any, T]) -> None:
        self._operation = operation
        self._result: Optional[T] = None
        self.is_done = False
        self.effect: Any = None
        self.proceed(None)

    def proceed(self, value: Any) -> None:
        """Goes on with the result of the effect."""
        self._step(lambda: self._operation.send(value))

    def fail(self, error: EverfetchError) -> None:
        """Goes on with the failure of the effect, which the operation may take care of."""
        self._step(lambda: self._operation.throw(error))

    def close(self) -> None:
        self._operation.close()

    def taken(self) -> T:
        """The result of an operation that is done."""
        return cast(T, self._result)

    def _step(self, step: Callable[[], Any]) -> None:
        try:
            self.effect = step()
        except StopIteration as end:
            self.is_done = True
            self._result = end.value


def as_method_of(operation: Callable[..., Any], method: Method) -> Method:
    """Gives a method the name, documentation and parameters of its operation."""
    shown: Any = method
    shown.__name__ = operation.__name__
    shown.__qualname__ = operation.__name__
    shown.__doc__ = operation.__doc__
    signature = inspect.signature(operation)
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    shown.__signature__ = signature.replace(
        parameters=[itself, *signature.parameters.values()], return_annotation=inspect.Signature.empty
    )
    return method
