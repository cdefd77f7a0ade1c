"""The lineage explorer's drawing in Chromium without a graphics card, beside React Flow and Cytoscape.

All pages show the same graph in the places that our layout gives; ours also draws the columns of cards and their links
close up, the others tables and one line a pair. CPU is that of all of Chromium's processes, by frame.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.explorer.graph import graph_of

_PAGES = Path(__file__).parent / "pages"
_WEB = Path(__file__).parents[2] / "ui_plugin" / "web" / "src"
_ENTRIES = {"own": "own.ts", "React Flow": "flow.tsx", "Cytoscape": "cytoscape.ts"}
_FRAMES = 60
_SIZES = {"own": (1000, 5000, 10_000), "React Flow": (1000, 5000), "Cytoscape": (1000, 5000)}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--js-flags=--expose-gc",
]


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    folder = _build()
    with _served(folder) as url, sync_playwright() as playwright:
        for tables in (1000, 5000, 10_000):
            places = None
            for name in (each for each, sizes in _SIZES.items() if tables in sizes):
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
                rows, placed = _measure_page(browser, f"{url}/{_file(name)}.html", tables, places)
                places = places or placed
                browser.close()
                yield from ((f"{tables:,} tables, {name}: {what}", figure) for what, figure in rows)


def _measure_page(browser: Browser, url: str, tables: int, places: Any) -> tuple[list[tuple[str, str]], Any]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(300_000)
    page.goto(url)
    page.wait_for_function("window.measured !== undefined")
    opened = page.evaluate("([graph, places]) => measured.open(graph, places)", [graph_of(tables), places])
    rows = [("first frame once the layout is there", f"{opened['paint']:.0f} ms")]
    if opened["layout"]:
        rows.insert(0, ("layout in the worker", f"{opened['layout']:.0f} ms"))
    rows += [
        (what, _frames(page, look, script))
        for what, look, script in (
            ("overview pan", "overview", "measured.panBy(frame % 40 < 20 ? 9 : -9, frame % 40 < 20 ? 6 : -6)"),
            ("zoom sweep", "overview", "measured.zoomBy(frame < 30 ? 1.08 : 1 / 1.08)"),
            ("detail pan", "detail", "measured.panBy(-9, frame % 40 < 20 ? 6 : -6)"),
        )
    ]
    page.evaluate("measured.look('overview')")
    page.wait_for_timeout(500)
    clicked = min(page.evaluate("id => highlight(id)", f"t{tables // 2 + at}") for at in range(3))
    page.evaluate("gc()")
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
    return [*rows, ("click to highlight painted", f"{clicked:.0f} ms"), ("heap", f"{heap:.0f} MiB")], opened["places"]


def _frames(page: Page, look: str, script: str) -> str:
    page.evaluate(f"measured.look('{look}')")
    page.wait_for_timeout(500)
    page.evaluate(f"eachFrame(5, frame => {script})")
    before = _chromium_seconds()
    took = page.evaluate(f"eachFrame({_FRAMES}, frame => {script})")
    cpu = (_chromium_seconds() - before) * 1000 / _FRAMES
    return f"{cpu:.1f} ms CPU a frame ({_FRAMES * 1000 / took:.0f} frames/s)"


def _chromium_seconds() -> float:
    mine = psutil.Process().children(recursive=True)
    return sum(sum(each.cpu_times()[:2]) for each in mine if "chrom" in each.name())


def _file(name: str) -> str:
    return _ENTRIES[name].split(".", maxsplit=1)[0]


def _build() -> Path:
    """Bundle the pages in a folder of their own, with the others' packages, which are no part of the project."""
    cache = Path(os.environ.get("NEXUS_CACHE_DIR") or Path.home() / ".cache" / "lineage-nexus") / "explorer-peers"
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copy(_PAGES / "package.json", cache)
    scripts = Path(sysconfig.get_path("scripts"))
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "NODE_PATH": str(cache / "node_modules"),
    }
    run = partial(subprocess.run, cwd=cache, env=environment, check=True, stdout=sys.stderr)
    run([scripts / "npm", "install", "--loglevel=error", "--no-audit", "--no-fund"])
    entries = [str(_PAGES / file) for file in _ENTRIES.values()] + [str(_WEB / "graph/layout/layout.worker.ts")]
    bundle = [
        cache / "node_modules/.bin/esbuild",
        *entries,
        "--bundle",
        "--minify",
        "--format=esm",
        "--entry-names=[name]",
    ]
    run([*bundle, "--jsx=automatic", '--define:process.env.NODE_ENV="production"', "--outdir=built"])
    for name in _ENTRIES:
        (cache / "built" / f"{_file(name)}.html").write_text(_html(_file(name), cache), "utf-8")
    return cache / "built"


def _html(script: str, cache: Path) -> str:
    tokens = (_WEB / "app/tokens.css").read_text("utf-8")
    flow = (cache / "node_modules/@xyflow/react/dist/style.css").read_text("utf-8") if script == "flow" else ""
    card = ".card{box-sizing:border-box;width:100%;height:100%;padding:8px;border:1px solid #d3d9e2;background:#fff}"
    style = f"{tokens}{flow}{card}body{{margin:0;height:100vh}}body>div{{height:100vh}}"
    return (
        f'<!doctype html><html data-mantine-color-scheme="light"><meta charset="utf-8"><title>{script}</title>'
        f'<style>{style}</style><body><script type="module" src="{script}.js"></script></body></html>'
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the name is the base class's
        """Say nothing of requests."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
