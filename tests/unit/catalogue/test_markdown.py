"""What is written as Markdown is shown as HTML that runs nothing and fetches nothing (stored XSS)."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.catalogue.markdown import html_of

SHOWN = {"a": {"href", "title", "rel"}}
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)' onclick='alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example 'a\" onmouseover=\"alert(1)')",
    "![x](https://evil.example/who-reads.png)",
    '<https://evil.example/"onmouseover=alert(1)>',
    "[a]: javascript:alert(1)\n[a]",
    "`<script>`</code><script>alert(1)</script>",
    '```"><script>alert(1)</script>\nx\n```',
    "<style>@import 'https://evil.example/x.css'</style>",
    "<base href=https://evil.example/><form action=x><input name=csrf>",
    "<!--><script>alert(1)</script>-->",
]


class Found(HTMLParser):
    """Tags and attributes of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def check(text: str) -> None:
    for tag, attributes in Found(html_of(text)).tags:
        assert tag not in {"script", "style", "img", "iframe", "svg", "math", "form", "input", "base", "object", "link"}
        assert attributes.keys() <= SHOWN.get(tag, set()), (tag, attributes)
        href = attributes.get("href")
        assert href is None or href.startswith(("http:", "https:", "mailto:", "/", "#")), href
        assert tag != "a" or attributes.get("rel") == "noopener noreferrer nofollow"


@pytest.mark.parametrize("text", ATTACKS)
def test_no_attack_runs(text: str) -> None:
    check(text)
    check(f"> - {text}\n\n| a |\n|---|\n| {text} |")


@given(st.lists(st.sampled_from([*ATTACKS, *"<>[]()`*_\"'\n\\&:", "](", "href=", "on", "x"]), max_size=8))
def test_no_mixture_of_attacks_runs(parts: list[str]) -> None:
    check("".join(parts))


def test_what_is_meant_is_shown() -> None:
    assert html_of("**a** [b](https://example.org)").strip() == (
        '<p><strong>a</strong> <a href="https://example.org" rel="noopener noreferrer nofollow">b</a></p>'
    )
