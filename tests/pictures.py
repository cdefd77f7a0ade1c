"""Comparing pictures of pages with those that were approved, up to how letters are smoothed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

APPROVED = Path("tests/golden/ui")
_HALF = 2
_CHANGED_LEVELS = 40
_MOST_CHANGED = 0.004


def approve(name: str, taken: bytes) -> None:
    """Keep a picture as the one to compare with; 128 colours do, and keep the repository small."""
    APPROVED.mkdir(parents=True, exist_ok=True)
    few = Image.open(BytesIO(taken)).convert("RGB").quantize(128, Image.Quantize.FASTOCTREE)
    few.save(APPROVED / f"{name}.png", optimize=True)


def share_changed(name: str, taken: bytes) -> float:
    """The share of pixels that differ clearly from the approved picture, at half their size; 1 if the size does."""
    new = Image.open(BytesIO(taken)).convert("RGB")
    old = Image.open(APPROVED / f"{name}.png").convert("RGB")
    if new.size != old.size:
        return 1.0
    changed = ImageChops.difference(new.reduce(_HALF), old.reduce(_HALF)).convert("L").histogram()
    return sum(changed[_CHANGED_LEVELS:]) / sum(changed)


def assert_as_approved(name: str, taken: bytes, folder: Path, *, update: bool) -> None:
    """Compare, or with `update` approve. A picture that differs is written to `folder` to look at."""
    if update:
        approve(name, taken)
        return
    share = share_changed(name, taken)
    if share > _MOST_CHANGED:
        (folder / f"{name}.png").write_bytes(taken)
    assert share <= _MOST_CHANGED, (
        f"{share:.1%} of {name} changed: compare {folder / name}.png with {APPROVED / name}.png. If it is meant, run "
        "`pytest --update-golden tests/e2e/test_ui_pictures.py` and look at the new pictures."
    )
