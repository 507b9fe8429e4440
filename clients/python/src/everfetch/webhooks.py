"""Verification of callbacks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any, Mapping, Union

from .errors import WebhookError


def verify_webhook(
    *, payload: Union[str, bytes], headers: Mapping[str, str], secret: str, tolerance_sec: float = 300
) -> Any:
    """Verifies a callback, and returns its JSON.

    :param payload: the body as it came
    :param headers: headers of the request, with names in any case
    :param secret: ``whsec_…`` of the key; ``Everfetch.rotate_webhook_secret`` and ``everfetch keys secret`` show it
    :param tolerance_sec: how old a call may be, or how far ahead of this clock
    :raises WebhookError: when it is not signed with the secret, or is too old
    """
    body = payload.encode() if isinstance(payload, str) else payload
    named = {name.lower(): value for name, value in headers.items()}
    try:
        call_id, timestamp = named["webhook-id"], named["webhook-timestamp"]
        signatures = named["webhook-signature"].split(" ")
    except KeyError as error:
        raise WebhookError(f"The header {error.args[0]} is missing.") from None
    try:
        age_sec = time.time() - int(timestamp)
    except ValueError:
        raise WebhookError("The header webhook-timestamp is not a number.") from None
    expected = hmac.new(_key_of(secret), f"{call_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    if not any(_matches(signature, expected) for signature in signatures):
        raise WebhookError("The call is not signed with this secret.")
    if abs(age_sec) > tolerance_sec:
        raise WebhookError(f"The call is {round(age_sec)} s old; {tolerance_sec:g} s are allowed.")
    try:
        return json.loads(body)
    except ValueError:
        raise WebhookError("The call has no JSON in its body.") from None


def _key_of(secret: str) -> bytes:
    """The secret is the base64 of the key behind a prefix."""
    try:
        return base64.b64decode(secret[len("whsec_") :] if secret.startswith("whsec_") else secret, validate=True)
    except ValueError:
        raise WebhookError("The secret is not one of everfetch: it begins with whsec_.") from None


def _matches(signature: str, expected: bytes) -> bool:
    version, _, encoded = signature.partition(",")
    return version == "v1" and hmac.compare_digest(encoded.encode(), base64.b64encode(expected))
