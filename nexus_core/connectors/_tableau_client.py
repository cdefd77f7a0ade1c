"""The settings of a Tableau site, a signed-in session on it, and the driver's errors as ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from nexus_core.connectors.protocol import ConnectorSettings
from nexus_core.errors import PasswordNeededError, SourceError, SourceUnavailableError

if TYPE_CHECKING:
    import requests

NODE_LIMIT = "NODE_LIMIT_EXCEEDED"
HIDDEN = "PERMISSIONS_MODE_SWITCHED"
_SIGN_IN = {"401000", "401001", "401002", "401003"}
_LATER = {"429", "500", "502", "503", "504"}


class TableauSettings(ConnectorSettings):
    """A site of Tableau Server or Cloud; `database` is the site's name in its URL, without one the default site."""

    port: int = Field(443, description="Port.")
    https: bool = Field(True, description="Whether to encrypt the connection.")
    ca_file: Path | None = Field(None, description="File of the certificate authority, if not a public one.")
    auth: Literal["token", "password"] = Field("token", description="What user and password are.")
    page_size: int = Field(100, ge=1, le=1000, description="Objects asked for at once.")
    timeout_s: int = Field(60, ge=1, description="Seconds that an answer may take.")
    query_log: bool = Field(True, description="Whether to read refreshes and view counts.")
    query_log_days: int = Field(7, ge=1, description="How far back a first harvest reads refreshes.")


class RefusedError(Exception):
    """The Metadata API answered with an error; `code` is its own."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class Session:
    """A signed-in session; raises RefusedError, and the driver's errors."""

    def __init__(self, server: Any, page_size: int) -> None:
        self.server, self._page_size = server, page_size

    def ask(self, query: str, **variables: Any) -> tuple[dict[str, Any], list[RefusedError]]:
        """Ask the Metadata API; gives the data, and warnings that came with it."""
        answer = self.server.metadata.query(query, variables)
        said = [RefusedError(_code(each), str(each.get("message", ""))) for each in answer.get("errors") or ()]
        if said and not answer.get("data"):
            raise said[0]
        return answer["data"], said

    def pages(self, query: str) -> Iterator[tuple[list[dict[str, Any]], list[RefusedError]]]:
        """Page through a connection; a page with more nodes than the server allows is asked for in halves."""
        size, after, more = self._page_size, None, True
        while more:
            try:
                data, said = self.ask(query, first=size, after=after)
            except RefusedError as refused:
                if refused.code != NODE_LIMIT or size == 1:
                    raise
                size //= 2
                continue
            page = data["page"]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
            yield page["nodes"], said


def address(settings: TableauSettings) -> str:
    """Give the server's URL."""
    usual = 443 if settings.https else 80
    port = "" if settings.port == usual else f":{settings.port}"
    return f"{'https' if settings.https else 'http'}://{settings.host}{port}"


@contextmanager
def session(settings: TableauSettings, source: str) -> Iterator[Session]:
    """Sign in, and out in the end; translates the driver's errors."""
    import requests
    import tableauserverclient
    from tableauserverclient.server.endpoint.exceptions import TableauError

    driver: Any = tableauserverclient
    opened: list[requests.Session] = []
    try:
        try:
            server = driver.Server(address(settings), http_options=_options(settings), session_factory=_opening(opened))
            server.version = server.server_info.get().rest_api_version
            if settings.password is None:
                raise PasswordNeededError(source)
            with server.auth.sign_in(_login(driver, settings)):
                try:
                    yield Session(server, settings.page_size)
                finally:
                    for (
                        each
                    ) in opened:  # a closed session keeps its socket until Python frees it; so the server ends it
                        each.headers["Connection"] = "close"
        finally:
            for each in opened:
                each.close()
    except (RefusedError, TableauError, requests.RequestException, ValueError) as error:
        raise translated(error, source) from _without_secret(error, settings)


def _opening(opened: list[requests.Session]) -> Callable[[], requests.Session]:
    """Make the client's sessions, and remember all: it opens another when it signs out, and closes none."""
    import requests

    def make() -> requests.Session:
        made = requests.Session()
        made.max_redirects = 0  # only the host that was checked is talked to
        opened.append(made)
        return made

    return make


def _options(settings: TableauSettings) -> dict[str, Any]:
    return {"timeout": settings.timeout_s, "verify": str(settings.ca_file) if settings.ca_file else True}


def _login(driver: Any, settings: TableauSettings) -> Any:
    secret = settings.password.get_secret_value() if settings.password else ""
    kind = driver.PersonalAccessTokenAuth if settings.auth == "token" else driver.TableauAuth
    return kind(settings.user or "", secret, site_id=settings.database or "")


def _without_secret(error: Exception, settings: TableauSettings) -> Exception | None:
    """Leave out a cause that quotes the secret."""
    secret = settings.password.get_secret_value() if settings.password else ""
    return None if secret and secret in str(error) else error


def _code(error: dict[str, Any]) -> str:
    extensions = error.get("extensions") or {}
    return str(extensions.get("code") or error.get("errorType") or "")


def sentence(error: Exception) -> str:
    """Give what an error says, in one line."""
    said = [str(getattr(error, name, "") or "").strip() for name in ("summary", "detail")]
    text = ": ".join(each for each in said if each) or str(error)
    return text.strip().split("\n", 1)[0].removesuffix(".") or type(error).__name__


def translated(error: Exception, source: str) -> SourceError:
    """Give our error for the driver's."""
    names = {each.__name__ for each in type(error).__mro__}
    code = str(getattr(error, "code", "") or "")
    if "SSLError" in names:
        return SourceError(source, "its certificate is not trusted", "Give ca_file, or https=false for plain HTTP.")
    if not names.isdisjoint({"Timeout", "ReadTimeout", "ConnectTimeout"}):
        return SourceUnavailableError(source, "no answer in time", "Raise timeout_s, or retry.")
    if "RequestException" in names or "InternalServerError" in names or code[:3] in _LATER:
        return SourceUnavailableError(source, _reach(error), "Check that the server runs and is reachable from here.")
    if code in _SIGN_IN or not names.isdisjoint({"FailedSignInError", "NotSignedInError"}):
        advice = "Check the token's name, secret and site; tokens expire unused. docs/sources/tableau.md"
        return SourceError(source, f"signing in was refused ({sentence(error)})", advice)
    if "NonXMLResponseError" in names or isinstance(error, ValueError):
        return SourceError(source, "its answer is none of Tableau's", "Check host and port; docs/sources/tableau.md")
    return SourceError(source, sentence(error), "Check rights and settings; docs/sources/tableau.md")


def _reach(error: Exception) -> str:
    """Say shortly why a server was not reached; the library's text quotes our objects."""
    text = sentence(error)
    return "the connection was refused" if "refused" in text else "the connection broke" if "ection" in text else text
