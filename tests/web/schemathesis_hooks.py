"""How schemathesis sends JSON lines: text as it is, anything else as JSON on one line."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def as_json_lines(context, value):
    """Give the bytes of a body."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else f"{json.dumps(value)}\n").encode("utf-8", "replace")
