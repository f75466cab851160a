"""The answers of a UNIT3D site that are no success."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from .answers import json_answer, page, wants_json


def error_answer(
    request: web.Request,
    status: int,
    message: str,
    *,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """JSON for those who ask for it, else a page."""
    if wants_json(request):
        return json_answer({"message": message}, status, headers=headers)
    return page(title or message, status, headers=headers)


def server_error(request: web.Request) -> web.Response:
    return error_answer(request, 500, "Server Error")


def not_found(request: web.Request, model: str, key: int | str) -> web.Response:
    """No row of the model, such as `Category`, has the key."""
    message = f"No query results for model [App\\Models\\{model}] {key}"
    return error_answer(request, 404, message, title="Not Found")


def validation_error(data: str | Mapping[str, list[str]]) -> web.Response:
    """A sentence about the file, or lists of sentences by column: JSON whatever the request accepts."""
    return json_answer({"success": False, "message": "Validation Error.", "data": data}, 404)


def unauthenticated(request: web.Request, site_url: str) -> web.Response:
    """Those who do not ask for JSON are sent to the login page."""
    if wants_json(request):
        return json_answer({"message": "Unauthenticated."}, 401)
    login = f"{site_url}/login"
    return page("Redirecting", 302, text=f"Redirecting to {login}", headers={"Location": login})


def http_error(request: web.Request, error: web.HTTPException) -> web.Response:
    """What no route stands for."""
    path = request.path.strip("/")
    match error:
        case web.HTTPNotFound():
            message = f"The route {path} could not be found."
        case web.HTTPMethodNotAllowed():
            methods = ", ".join(sorted(error.allowed_methods))
            message = (
                f"The {error.method} method is not supported for route {path}. Supported methods: {methods}."
            )
        case web.HTTPRequestEntityTooLarge():
            message = "The POST data is too large."
        case _:
            message = error.reason
    allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return error_answer(request, error.status, message, title=error.reason, headers=allow)
