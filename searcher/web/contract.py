"""The OpenAPI document: what FastAPI reads from the routes, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from searcher.web.schemas import Answer, ProblemModel

_TEMPLATE = "#/components/schemas/{model}"


def contract_of(app: FastAPI) -> dict[str, Any]:
    """Give the document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for model in (ProblemModel, Answer):
            schema = model.model_json_schema(ref_template=_TEMPLATE, mode="serialization")
            schemas.update(schema.pop("$defs", {}))
            schemas[model.__name__] = schema
        # What FastAPI would answer to a wrong parameter; ours is a problem.
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        components["securitySchemes"] = {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token in write.token of the library, or to read a closed one, in read.token.",
            }
        }
        app.openapi_schema = document
    return app.openapi_schema
