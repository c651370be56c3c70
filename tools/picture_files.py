"""Where the README's pictures are kept, and how."""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"


def keep(page: Page, name: str, *, most_bytes: int) -> None:
    """Write what the screen shows in 256 colours. Raises `RuntimeError` when it takes too many."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = FOLDER / f"{name}.png"
    taken.quantize(256).save(path, optimize=True)
    if path.stat().st_size > most_bytes:
        raise RuntimeError(f"{path} has {path.stat().st_size} bytes")
    sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}: {path.stat().st_size} bytes\n")
