"""Markdown as HTML that is safe to show: rendered without HTML of its own, then cleaned by an allow-list."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto"}
_RENDERER = MarkdownIt("commonmark", {"html": False}).enable("table")


def html_of(text: str) -> str:
    """Give the HTML of a text; links are http, https or mailto and tell nobody where they were followed from.

    Images are left out: showing one would tell its server who reads.
    """
    return nh3.clean(
        _RENDERER.render(text),
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
