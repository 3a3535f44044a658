"""What schemathesis has to be told: how JSON lines are sent, and which wrong questions an address cannot say."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def as_json_lines(context, value):
    """Give the bytes of a body: text as it is, anything else as JSON on one line."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else f"{json.dumps(value)}\n").encode("utf-8", "replace")


@schemathesis.hook
def filter_case(context, case):
    """
    Leave out what is wrong only until it is written: `section=7` is a list of one text, whatever it was meant to be,
    and what is null is not written at all.
    """
    lists = {
        parameter["name"]
        for parameter in case.operation.definition.raw.get("parameters", ())
        if "array" in json.dumps(parameter.get("schema", {}))
    }
    return not any(
        value is None or (name in lists and not isinstance(value, list))
        for name, value in (case.query or {}).items()
    )
