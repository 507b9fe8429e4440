"""What both clients know of HTTP."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional

import httpx

from ._effects import Request
from .errors import ConnectionError

DEFAULT_URL = "http://127.0.0.1:8080"
CONNECT_SEC = 10.0
#: A slow line takes this long for a byte of an upload (seconds).
UPLOAD_SEC_PER_BYTE = 0.00002


class Address:
    """Where the service is, and how it is asked."""

    def __init__(
        self,
        url: Optional[str],
        api_key: Optional[str],
        headers: Optional[Mapping[str, str]],
        timeout_sec: float,
    ) -> None:
        self.url = (url or os.environ.get("EVERFETCH_URL") or DEFAULT_URL).rstrip("/")
        self._api_key = api_key or os.environ.get("EVERFETCH_API_KEY")
        self._headers = dict(headers or {})
        self._timeout_sec = timeout_sec

    def arguments(self, request: Request) -> dict[str, Any]:
        """The arguments of ``build_request``."""
        key = {} if self._api_key is None else {"x-api-key": self._api_key}
        limit = self._timeout_sec + request.extra_sec + len(request.content or b"") * UPLOAD_SEC_PER_BYTE
        return {
            "method": request.method,
            "url": self.url + request.path,
            "params": {name: value for name, value in request.query.items() if value is not None},
            "content": request.content,
            "headers": {**self._headers, **key, **request.headers},
            "timeout": httpx.Timeout(limit, connect=CONNECT_SEC),
        }

    def no_answer(self, request: Request, error: Exception) -> ConnectionError:
        return ConnectionError(f"{request.what}: no answer from {self.url} ({_reason(error)}).")


def cut_off(error: Exception) -> ConnectionError:
    return ConnectionError(f"The answer was cut off ({_reason(error)}).")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


#: What httpx raises when there is no answer, or half of one.
FAILURES = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL)
