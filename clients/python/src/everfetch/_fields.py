"""Names and forms of arguments."""

from __future__ import annotations

from datetime import datetime, timezone
import json
from typing import Any, Iterable, Mapping, Union

#: A URL, or an object with the fields of a line: url, id, method, headers, body, meta, successWhen, apiParams.
Line = Union[str, Mapping[str, Any]]
Time = Union[str, datetime]


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def named(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that were given, as the service names and writes them."""
    return {camel_case(name): written(value) for name, value in arguments.items() if value is not None}


def written(value: Any) -> Any:
    """A time in RFC 3339; one without a zone is a local one. Everything else stays as it is."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def line_bytes(line: Line) -> bytes:
    return json.dumps({"url": line} if isinstance(line, str) else line, separators=(",", ":")).encode() + b"\n"


def lines_body(lines: Iterable[Line]) -> bytes:
    return b"".join(map(line_bytes, lines))


def batch_query(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a batch as they stand in a query: receivers as plain URLs, parameters of the fetch beside the others."""
    query = dict(fields)
    params = query.pop("apiParams", None) or {}
    for name in ("callback", "onDone"):
        receiver = query.get(name)
        if isinstance(receiver, Mapping):
            query[name] = receiver.get("url")
    return {name: _query_text(value) for name, value in {**params, **query}.items() if value is not None}


def _query_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(each, (Mapping, list)) for each in value)):
        return json.dumps(value)
    return written(value)
