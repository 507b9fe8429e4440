"""Operations on callbacks and their receivers."""

from __future__ import annotations

import json
from typing import Any, List, Mapping, Optional, Union

from ._calls import call_for_json
from ._effects import Operation, Request, Streamed
from ._fields import Time, named
from ._jobs import JSON_TYPE
from ._pages import pages
from ._segment import segment
from .types import Delivery, Receiver, Replayed, WebhookSecret


def deliveries(
    *,
    job: Optional[str] = None,
    batch: Optional[str] = None,
    endpoint: Optional[str] = None,
    status: Union[str, List[str], None] = None,
    since: Optional[Time] = None,
    until: Optional[Time] = None,
    limit: Optional[int] = None,
) -> Streamed[Delivery]:
    """Lists callbacks and what became of them, newest first, page after page; ``limit`` is the size of a page."""
    yield from pages("/webhooks/deliveries", named(locals()))


def delivery(id: str) -> Operation[Delivery]:
    """Reads one callback with its calls."""
    found: Delivery = yield from call_for_json(Request("GET", f"/webhooks/deliveries/{segment(id)}"))
    return found


def replay(id: str) -> Operation[Delivery]:
    """Makes a callback once more, whatever became of it."""
    replayed: Delivery = yield from _posted(f"/webhooks/deliveries/{segment(id)}/replay")
    return replayed


def replay_many(
    *,
    since: Time,
    until: Optional[Time] = None,
    status: Union[str, List[str], None] = None,
    endpoint: Optional[str] = None,
) -> Operation[Replayed]:
    """Makes the callbacks of a range once more: those that failed or were stopped, or those of ``status``."""
    replayed: Replayed = yield from _posted("/webhooks/replay", named(locals()))
    return replayed


def test_webhook(url: str) -> Operation[Delivery]:
    """Makes a test call; ``delivery(id)`` tells what became of it."""
    made: Delivery = yield from _posted("/webhooks/test", {"url": url})
    return made


def webhook_secret() -> Operation[WebhookSecret]:
    """Reads what callbacks are signed with."""
    secret: WebhookSecret = yield from call_for_json(Request("GET", "/webhooks/secret"))
    return secret


def rotate_webhook_secret() -> Operation[WebhookSecret]:
    """Makes a new secret. For 24 hours calls are signed with the one before as well."""
    secret: WebhookSecret = yield from _posted("/webhooks/secret/rotate")
    return secret


def receivers(*, health: Optional[str] = None, limit: Optional[int] = None) -> Streamed[Receiver]:
    """Lists where callbacks go, and how these receivers do."""
    yield from pages("/webhooks/receivers", named(locals()))


def receiver(id: str) -> Operation[Receiver]:
    """Reads one receiver with its URLs in trouble."""
    found: Receiver = yield from call_for_json(Request("GET", f"/webhooks/receivers/{segment(id)}"))
    return found


def _posted(path: str, asked: Optional[Mapping[str, Any]] = None) -> Operation[Any]:
    content = None if asked is None else json.dumps(asked).encode()
    return (
        yield from call_for_json(Request("POST", path, content=content, headers={} if content is None else JSON_TYPE))
    )
