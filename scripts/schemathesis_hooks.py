"""What Schemathesis does not know by itself: how a body of lines is written."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """A made-up line becomes an upload of one, and an array one of several."""
    return "\n".join(json.dumps(line) for line in (value if isinstance(value, list) else [value])).encode()
