"""Every error once: a Problem, an HTTP error or a mistake of ours becomes JSON or a page."""

from __future__ import annotations

import errno
import logging
import sqlite3

from flask import Flask, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from survey.domain.problems import Problem
from survey.web.context import survey
from survey.web.language import gettext
from survey.web.store_identity import find_store_id

log = logging.getLogger("survey")

HTTP_CODES = {
    400: "request.malformed",
    404: "request.not_found",
    405: "request.method",
    413: "request.too_large",
    415: "request.wrong_type",
}
BUSY_SECONDS = 5
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def answer_problem(problem: Problem) -> Response:
    """Return the one JSON shape under /api, else the error page, with the problem's status."""
    if request.path.startswith("/api/"):
        response: Response = jsonify(error_body(problem))
    else:
        page = render_template(
            "error.html",
            message=gettext(problem.template, **problem.params),
            status=problem.status,
            errors=problem.errors,
        )
        response = Response(page, mimetype="text/html")
    response.status_code = problem.status
    if problem.status in (429, 503):
        response.headers["Retry-After"] = str(problem.params.get("retry_after", BUSY_SECONDS))
    return response


def error_body(problem: Problem) -> dict[str, object]:
    """Return the error shape of the wire as a dict."""
    return {
        "ok": False,
        "code": problem.code,
        "message": problem.message,
        "errors": [{"field": e.field, "message": e.message} for e in problem.errors],
        "status": problem.status,
        "store_id": find_store_id(),
        "time": survey().clock(),
    }


def problem_of_store_error(error: sqlite3.OperationalError | OSError) -> Problem:
    """Return what a full disk or a held lock means to the caller."""
    text = str(error)
    if "full" in text or getattr(error, "errno", None) in NO_ROOM:
        return Problem("server.disk_full")
    if "locked" in text or "busy" in text:
        return Problem("server.busy")
    return Problem("server.error")


def _answer_http_error(error: HTTPException) -> Response:
    if error.code in (301, 302, 303, 307, 308) or error.response is not None:
        return Response(error.get_body(), status=error.code, headers=error.get_headers())
    status = error.code or 500
    code = HTTP_CODES.get(status, "request.malformed" if status < 500 else "server.error")
    problem = Problem(code)
    problem.status = status
    response = answer_problem(problem)
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


def _door() -> str:
    """Return which door was asked for, without its values: a path may hold a one-time link."""
    return f"{request.method} {request.url_rule or '(no door)'}"


def _answer_store_error(error: sqlite3.OperationalError | OSError) -> Response:
    problem = problem_of_store_error(error)
    if problem.code == "server.error":
        log.exception("store error at %s", _door())
    else:
        log.error("%s at %s: %s", problem.code, _door(), error)
    return answer_problem(problem)


def _answer_mistake(error: Exception) -> Response:
    log.exception("mistake at %s", _door(), exc_info=error)
    return answer_problem(Problem("server.error"))


def install(app: Flask) -> None:
    """Register the handlers, the narrow ones before the wide ones."""
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(CSRFError, lambda error: answer_problem(Problem("request.csrf")))
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(sqlite3.OperationalError, _answer_store_error)
    app.register_error_handler(OSError, _answer_store_error)
    app.register_error_handler(Exception, _answer_mistake)
