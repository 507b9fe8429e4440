"""Client of everfetch, a self-hosted service that fetches web pages until it succeeds."""

from .client import AsyncEverfetch, Everfetch
from .errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ConnectionError,
    EverfetchError,
    ExpiredError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    UnavailableError,
    WebhookError,
)
from .webhooks import verify_webhook

__all__ = [
    "ApiError",
    "AsyncEverfetch",
    "AuthenticationError",
    "ConflictError",
    "ConnectionError",
    "Everfetch",
    "EverfetchError",
    "ExpiredError",
    "ForbiddenError",
    "InvalidRequestError",
    "NotFoundError",
    "RateLimitError",
    "UnavailableError",
    "WebhookError",
    "verify_webhook",
]
