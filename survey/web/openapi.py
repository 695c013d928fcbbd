"""The wire's description for programs (OpenAPI 3.1); a test holds every answer against it.

Prose is in docs/api.md. Sizes and words come from the domain, so that they cannot differ.
"""

from __future__ import annotations

from typing import Any

from survey import __version__
from survey.domain import limits
from survey.domain.problems import PROBLEMS

Schema = dict[str, Any]

HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
UUID: Schema = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
INSTANT: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
}
RESULTS = ("stored", "already_stored", "conflict", "quarantined", "refused")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Schema, required: tuple[str, ...] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
    }


def _list_of(items: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": items} | ({"maxItems": most} if most else {})


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _answer(properties: Schema) -> Schema:
    return _object(
        {
            "ok": {"const": True},
            "store_id": {"type": "string"},
            "time": INSTANT,
            **properties,
        }
    )


def _schemas() -> Schema:
    return {
        "Error": _object(
            {
                "ok": {"const": False},
                "code": {"enum": sorted(PROBLEMS)},
                "message": {"type": "string"},
                "errors": _list_of(
                    _object({"field": {"type": "string"}, "message": {"type": "string"}})
                ),
                "status": {"type": "integer"},
                "store_id": _nullable({"type": "string"}),
                "time": INSTANT,
            }
        ),
        "Ping": _answer({"name": {"const": "Jejak Sinyal"}, "version": {"type": "string"}}),
        "Arrival": _answer(
            {
                "name": {"const": "Jejak Sinyal"},
                "version": {"type": "string"},
                "public_url": {"type": "string"},
                "worker_sha256": HASH,
                "request": {"type": "object"},
            }
        ),
        "Enrolment": _object(
            {
                "code": {"type": "string", "examples": ["K7MX-42QD"]},
                "device_id": UUID,
                "token": {"type": "string", "description": "256 bits in base64url"},
                "phone": _object({"model": {"type": ["string", "null"]}}, ()),
            },
            ("code", "device_id", "token"),
        ),
        "Enrolled": _answer(
            {
                "officer": _object(
                    {
                        "id": UUID,
                        "name": {"type": "string"},
                        "language": {"enum": ["id", "en"]},
                        "supervisor": {"type": ["string", "null"]},
                    }
                ),
                "device": _object({"id": UUID}),
            }
        ),
        "Record": _object(
            {
                "id": UUID,
                "kind": {"enum": list(limits.RECORD_KINDS)},
                "schema": {"type": "integer", "minimum": 1},
                "revision": {"type": "integer", "minimum": 1},
                "base": _nullable(HASH),
                "seen_review": _nullable(UUID),
                "sha256": HASH,
                "seal": _nullable(HASH),
                "payload": {"type": "string", "description": "exact JSON text frozen at Save"},
            },
            ("id", "kind", "schema", "revision", "sha256", "payload"),
        ),
        "Batch": _object(
            {
                "device_state": {"type": "object"},
                "records": _list_of(_ref("Record"), limits.BATCH_RECORDS),
            },
            ("records",),
        ),
        "Results": _answer(
            {
                "results": _list_of(
                    _object(
                        {
                            "id": {"type": ["string", "null"]},
                            "sha256": {"type": ["string", "null"]},
                            "result": {"enum": list(RESULTS)},
                            "code": {"type": ["string", "null"]},
                            "missing_files": _list_of(HASH),
                            "errors": _list_of({"type": "object"}),
                        },
                        ("id", "sha256", "result", "missing_files", "errors"),
                    )
                )
            }
        ),
        "StatusRequest": _object(
            {"records": _list_of(_object({"id": UUID, "sha256": HASH}), 1_000)}
        ),
        "Status": _answer({"records": _list_of({"type": "object"})}),
        "Changes": _answer(
            {
                "changes": _list_of(
                    _object(
                        {
                            "kind": {
                                "enum": [
                                    "area",
                                    "campaign",
                                    "assignment",
                                    "visit",
                                    "review",
                                    "comment",
                                    "rule",
                                    "operator",
                                    "notice",
                                    "file_safe",
                                ]
                            },
                            "id": {"type": "string"},
                            "deleted": {"type": "boolean"},
                            "data": {"type": ["object", "null"]},
                        }
                    )
                ),
                "cursor": {"type": "string"},
                "more": {"type": "boolean"},
            }
        ),
    }


def _json(schema: str) -> Schema:
    return {"content": {"application/json": {"schema": _ref(schema)}}}


def _operation(
    summary: str,
    responses: dict[int, str | None],
    *,
    body: str | None = None,
    parameters: list[Schema] | None = None,
    public: bool = False,
) -> Schema:
    operation: Schema = {
        "summary": summary,
        "responses": {
            str(status): {"description": summary} | (_json(schema) if schema else {})
            for status, schema in responses.items()
        }
        | {"default": {"description": "a problem of the catalogue"} | _json("Error")},
    }
    if body:
        operation["requestBody"] = {"required": True, **_json(body)}
    if parameters:
        operation["parameters"] = parameters
    if public:
        operation["security"] = []
    return operation


def _parameter(name: str, place: str, schema: Schema, required: bool = True) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _file_operations() -> Schema:
    sha256 = _parameter("sha256", "path", HASH)
    count: Schema = {"type": "integer", "minimum": 0}
    chunk_headers = [
        sha256,
        _parameter("Upload-Offset", "header", count),
        _parameter("Upload-Length", "header", count | {"maximum": limits.FILE_BYTES}),
        _parameter("X-File-Kind", "header", {"enum": list(limits.FILE_KINDS)}),
    ]
    chunk = _operation(
        "take one chunk of a file",
        {200: None, 201: None, 204: None},
        parameters=chunk_headers,
    )
    return {
        "get": _operation("read a file of one's own visits", {200: None}, parameters=[sha256]),
        "head": _operation("say how much of a file is here", {200: None}, parameters=[sha256]),
        "put": chunk,
        "post": chunk,
    }


def build_openapi() -> dict[str, Any]:
    """Return the OpenAPI document of /api/v1."""
    cursor = _parameter("cursor", "query", {"type": "string"}, required=False)
    limit = _parameter(
        "limit", "query", {"type": "integer", "minimum": 1, "maximum": 500}, required=False
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jejak Sinyal, the wire", "version": __version__},
        "servers": [{"url": "/"}],
        "security": [{"device": []}],
        "paths": {
            "/api/v1/ping": {"get": _operation("say who is here", {200: "Ping"}, public=True)},
            "/api/v1/doctor": {
                method: _operation("tell how a request arrived", {200: "Arrival"}, public=True)
                for method in ("get", "put", "post")
            },
            "/api/v1/openapi.json": {
                "get": _operation("describe the wire", {200: None}, public=True)
            },
            "/api/v1/enrol": {
                "post": _operation(
                    "bind a phone to an officer",
                    {200: "Enrolled", 201: "Enrolled"},
                    body="Enrolment",
                    public=True,
                )
            },
            "/api/v1/records": {
                "post": _operation("take a batch of records", {200: "Results"}, body="Batch")
            },
            "/api/v1/records/status": {
                "post": _operation(
                    "say what the server holds", {200: "Status"}, body="StatusRequest"
                )
            },
            "/api/v1/changes": {
                "get": _operation(
                    "read the change feed", {200: "Changes"}, parameters=[cursor, limit]
                )
            },
            "/api/v1/files/{sha256}": _file_operations(),
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
        },
    }
