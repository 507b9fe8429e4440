"""Lists that come in pages."""

from __future__ import annotations

from typing import Any, Mapping

from ._calls import call_for_json
from ._effects import Item, Request, Streamed


def pages(path: str, query: Mapping[str, Any]) -> Streamed[Any]:
    cursor = None
    while True:
        page = yield from call_for_json(Request("GET", path, query={**query, "cursor": cursor}))
        for item in page["items"]:
            yield Item(item)
        cursor = page.get("nextCursor")
        if cursor is None:
            return
