"""Errors as RFC 9457 problems: the one table of HTTP statuses."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from nexus_core.api.schemas import Problem
from nexus_core.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    ForgottenError,
    InvalidInputError,
    LockedOutError,
    MissingDriverError,
    NexusError,
    NotFoundError,
    OverloadedError,
    SourceError,
    TooLargeError,
    UnavailableError,
    json_path,
)

_LOG = structlog.get_logger()
_MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER = 5  # seconds

STATUSES: dict[type[NexusError], HTTPStatus] = {
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AuthenticationError: HTTPStatus.UNAUTHORIZED,
    LockedOutError: HTTPStatus.TOO_MANY_REQUESTS,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ForgottenError: HTTPStatus.GONE,
    ConflictError: HTTPStatus.PRECONDITION_FAILED,
    MissingDriverError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SourceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OverloadedError: HTTPStatus.SERVICE_UNAVAILABLE,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    ConfigurationError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""The nearest class in an error's ancestry decides; what is not here is 500."""

LEFT = 499
"""A request whose client went before its answer, by the number that proxies log for it; nobody receives it."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "content": {_MEDIA_TYPE: {}}, "description": "What was asked cannot be done."},
    "503": {"model": Problem, "content": {_MEDIA_TYPE: {}}, "description": "Try again after `Retry-After` seconds."},
}
"""What every route may answer beside its own."""


def problem_of(error: NexusError) -> Problem:
    """Describe an error."""
    status = next(
        (STATUSES[each] for each in type(error).__mro__ if each in STATUSES), HTTPStatus.INTERNAL_SERVER_ERROR
    )
    facts = {name: getattr(error, name, None) for name in ("path", "kept_from", "step_up")}
    return Problem(title=status.phrase, status=status, detail=str(error), **facts)


def response_of(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """Answer a problem."""
    body = orjson.dumps(problem.model_dump(exclude_none=True))
    return Response(body, problem.status, headers, _MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make the application answer every failure as a problem."""
    app.add_exception_handler(NexusError, _explained)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _routing)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _unexplained)


def _explained(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NexusError)  # noqa: S101 — as registered
    problem = problem_of(error)
    headers = {}
    if problem.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        headers["Retry-After"] = str(getattr(error, "retry_after", _RETRY_AFTER))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return response_of(problem, headers)


def _invalid(_request: Request, error: Exception) -> Response:
    """Answer a parameter or body of the wrong shape; the values are not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 — as registered
    first = error.errors()[0]
    return response_of(problem_of(InvalidInputError(first["msg"], json_path(first["loc"]))))


def _routing(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 — as registered
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    return response_of(Problem(title=status.phrase, status=status, detail=status.description or status.phrase), headers)


def _left(_request: Request, _error: Exception) -> Response:
    """End a request whose body will not come: no failure of ours, and nothing to log."""
    return Response(status_code=LEFT)


def _unexplained(request: Request, error: Exception) -> Response:
    """Answer a bug; its traceback is in the log, and nothing of it in the answer."""
    _LOG.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return response_of(Problem(title=status.phrase, status=status, detail="This is our fault; the log tells more."))
