"""What the client raises."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
import json
from typing import Any, Mapping, Optional, Sequence, TypedDict


class ErrorDetail(TypedDict):
    """One thing that is wrong with a request, and where it stands: ``urls[3]``, ``line 17``."""

    path: str
    message: str


class EverfetchError(Exception):
    """Everything that the client raises by itself."""


class ConnectionError(EverfetchError):
    """No answer came, or half of one. ``__cause__`` tells more."""


class WebhookError(EverfetchError):
    """A callback that must not be believed."""


class ApiError(EverfetchError):
    """The service answered that it did not do what was asked."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        details: Sequence[ErrorDetail] = (),
        request_id: Optional[str] = None,
        retry_after_sec: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        #: HTTP status.
        self.status = status
        #: Stable code, see docs/errors.md; ``not_everfetch`` when the answer is none of everfetch.
        self.code = code
        self.details = list(details)
        #: Finds the request in the log of the service.
        self.request_id = request_id
        #: Pause that the service asked for (seconds).
        self.retry_after_sec = retry_after_sec


class InvalidRequestError(ApiError):
    """400, 413, 415, 422: the request is wrong; ``details`` names each place."""


class AuthenticationError(ApiError):
    """401: the API key is missing, unknown or revoked."""


class ForbiddenError(ApiError):
    """403: the key may not do this, or has not enough credits."""


class NotFoundError(ApiError):
    """404: there is no such thing, or it is another key's."""


class ConflictError(ApiError):
    """409: not in the state that it is in."""


class ExpiredError(ApiError):
    """410: it has been removed by retention or on request."""


class RateLimitError(ApiError):
    """429: a limit of the key."""


class UnavailableError(ApiError):
    """5xx: the service cannot do it now."""


_CLASSES: Mapping[int, type[ApiError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: ExpiredError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
}


def api_error_of(what: str, status: int, headers: Mapping[str, str], text: str) -> ApiError:
    """Makes the error of an answer that is no success. ``what`` is method and path, for answers that say nothing themselves."""
    body = _object_in(text)
    fields: dict[str, Any] = {"status": status, "request_id": headers.get("x-request-id")}
    if 300 <= status < 400:
        return ApiError(
            f"{what} was answered with a redirect; give the address that it leads to.", code="not_everfetch", **fields
        )
    message = next((body[name] for name in ("detail", "error") if isinstance(body.get(name), str)), None)
    code = body.get("code")
    details = next((body[name] for name in ("errors", "details") if isinstance(body.get(name), list)), [])
    error_class = _CLASSES.get(status, UnavailableError if status >= 500 else ApiError)
    return error_class(
        message or f"{what} answered {status}.",
        code=code if isinstance(code, str) else "not_everfetch",
        details=details,
        retry_after_sec=retry_after_sec(headers.get("retry-after"), datetime.now(timezone.utc)),
        **fields,
    )


def not_json(what: str, status: int, headers: Mapping[str, str]) -> ApiError:
    """Makes the error of an answer that should be JSON and is not."""
    return ApiError(
        f"{what} answered with something that is not JSON: is this the address of everfetch?",
        status=status,
        code="not_everfetch",
        request_id=headers.get("x-request-id"),
    )


def _object_in(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def retry_after_sec(header: Optional[str], now: datetime) -> Optional[float]:
    """Reads ``Retry-After``, which is a number of seconds or a date (RFC 9110 §10.2.3)."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max((parsedate_to_datetime(header) - now).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
