"""Operations on the key, and on what the installation knows."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional

from ._calls import call_for_json
from ._effects import Operation, Request
from ._fields import Time, named
from ._jobs import JSON_TYPE
from ._segment import segment
from .types import Account, ApiKey, Host, Overview, UrlCost, UsageHour


def request(
    method: str, path: str, *, query: Optional[Mapping[str, Any]] = None, json_body: Optional[Mapping[str, Any]] = None
) -> Operation[Any]:
    """Makes any other call, with key, retries and errors as all others. Returns the JSON of its answer."""
    content = None if json_body is None else json.dumps(json_body).encode()
    headers = {} if content is None else JSON_TYPE
    return (yield from call_for_json(Request(method, path, query=query or {}, content=content, headers=headers)))


def account() -> Operation[Account]:
    """Reads what the key may use and has used."""
    found: Account = yield from call_for_json(Request("GET", "/account"))
    return found


def cost(url: str, api_params: Optional[Mapping[str, Any]] = None) -> Operation[UrlCost]:
    """Computes what a URL would cost with these parameters of the fetch."""
    query = {
        name: json.dumps(value) if isinstance(value, (bool, dict, list)) else value
        for name, value in (api_params or {}).items()
    }
    found: UrlCost = yield from call_for_json(Request("GET", "/account/urlcost", query={**query, "url": url}))
    return found


def usage(*, since: Optional[Time] = None, until: Optional[Time] = None) -> Operation[List[UsageHour]]:
    """Reads what the key used, hour by hour; without a range, of the last week."""
    found: Dict[str, List[UsageHour]] = yield from call_for_json(Request("GET", "/account/usage", query=named(locals())))
    return found["items"]


def overview() -> Operation[Overview]:
    """Reads how the service does."""
    found: Overview = yield from call_for_json(Request("GET", "/overview"))
    return found


def host(name: str) -> Operation[Host]:
    """Reads what the installation knows of a target host."""
    found: Host = yield from call_for_json(Request("GET", f"/hosts/{segment(name)}"))
    return found


def list_keys() -> Operation[List[ApiKey]]:
    """Lists all keys. Only for an admin key, as everything here."""
    found: Dict[str, List[ApiKey]] = yield from call_for_json(Request("GET", "/keys"))
    return found["items"]


def create_key(key: Mapping[str, Any]) -> Operation[ApiKey]:
    """Makes a key: ``{"name": …, "isAdmin": …, "limits": {…}}``. It stands in ``key`` of the result, and cannot be shown again."""
    made: ApiKey = yield from _sent("POST", "/keys", key)
    return made


def update_key(id: str, patch: Mapping[str, Any]) -> Operation[ApiKey]:
    """Changes the limits of a key: ``{"limits": {…}}``; ``None`` takes a limit away."""
    changed: ApiKey = yield from _sent("PATCH", f"/keys/{segment(id)}", patch)
    return changed


def revoke_key(id: str) -> Operation[ApiKey]:
    """Revokes a key: it is refused from then on, and what was submitted with it runs on."""
    revoked: ApiKey = yield from call_for_json(Request("DELETE", f"/keys/{segment(id)}"))
    return revoked


def _sent(method: str, path: str, asked: Mapping[str, Any]) -> Operation[Any]:
    return (yield from call_for_json(Request(method, path, content=json.dumps(asked).encode(), headers=JSON_TYPE)))
