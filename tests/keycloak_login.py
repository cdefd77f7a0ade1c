"""Signs in at Keycloak as a browser does, without one: follows addresses and sends its forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import httpx

from tests.keycloak_server import PASSWORDS

_ACTION = re.compile(r'<form[^>]*\baction="([^"]+)"', re.IGNORECASE)
_HIDDEN = re.compile(r'<input[^>]*name="(SAMLResponse|RelayState)"[^>]*value="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """Where Keycloak sends the browser back to, with the form that it posts there, if it does.

    `cookies` are those of the session at Keycloak.
    """

    url: str
    form: dict[str, str]
    cookies: str = ""


def answer_of_keycloak(url: str, user: str) -> Answer:
    """Sign in at an address that we sent the browser to."""
    with httpx.Client(timeout=60) as browser:
        page = browser.get(url, follow_redirects=True)
        action = _ACTION.search(page.raise_for_status().text)
        assert action, page.text
        given = {"username": user, "password": PASSWORDS[user], "credentialId": ""}
        came = browser.post(unescape(action[1]), data=given, headers={"Cookie": _cookies(page)})
    if came.is_redirect:
        return Answer(came.headers["location"], {}, _cookies(came))
    action = _ACTION.search(came.text)
    assert action, came.text
    return Answer(unescape(action[1]), {name: unescape(value) for name, value in _HIDDEN.findall(came.text)})


def _cookies(page: httpx.Response) -> str:
    """Cookies as a browser keeps them, to which a loopback address is secure enough; Python's keep none of those."""
    given = [each for answer in (*page.history, page) for each in answer.headers.get_list("set-cookie")]
    return "; ".join(each.partition(";")[0] for each in given)
