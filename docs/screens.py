"""Pictures of every page of the desk into docs/screens/, and docs/screens.md that shows them: `python -m docs.screens`.

The pages are those that `tests/desk/test_every_page*.py` find by their addresses and judge: what is in the pictures
has passed axe in both themes. Each page at 1280 and 800 pixels and at 200 % (a window of 1280 by 800 shows 640 by 400
then), some in the dark theme too. Few colours keep the files small. Needs Chromium.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest
from PIL import Image

SCREENS = Path(__file__).parent / "screens"
LIST = Path(__file__).parent / "screens.md"
PAGES = [f"tests/desk/test_every_page{of}.py" for of in ("", "_lead", "_rest")]
COLOURS = 32  # with fewer, thin letters of small scripts break
LONGEST = 1000  # pixels of a long page that are kept
WIDTHS = ((1280, "1280 pixels"), (800, "800 pixels"), (640, "200 %"))
HEAD = """# Every page of the desk

Made by `.venv/bin/python -m docs.screens` from the running desk, with the conversations, cases and services of the
tests: nobody in them is real. Each was judged by axe in both themes first, and by its sizes: nothing is cut off,
outside the window or over something else. The link behind a width is the picture.

"""


def main() -> int:
    """Make the pictures, few colours, and the page that shows them; what was there before is gone."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LANTERN_TEST_SCREENS"] = folder
        failed = pytest.main(["-q", "-m", "browser", *PAGES, "--show-capture=no"])
        if not failed:
            show(Path(folder))
    return int(failed)


def show(folder: Path) -> None:
    """Keep what is in the folder, with few colours, and write the page."""
    SCREENS.mkdir(exist_ok=True)
    for old in SCREENS.glob("*.png"):
        old.unlink()
    for made in sorted(folder.glob("*.png")):
        few_colours(made, SCREENS / made.name)
    LIST.write_text(HEAD + "\n".join(section(name) for name in names()), encoding="utf-8")
    size = sum(path.stat().st_size for path in SCREENS.glob("*.png"))
    sys.stderr.write(f"{len(list(SCREENS.glob('*.png')))} pictures, {size / 1e6:.1f} MB\n")


def few_colours(path: Path, to: Path) -> None:
    """The picture in the colours that it has most of, which are those of the desk. Of a long page the first part."""
    with Image.open(path) as picture:
        kept = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, LONGEST)))
    counted = sorted(kept.getcolors(kept.width * kept.height), reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted for part in colour])
    kept.quantize(palette=palette, dither=Image.Dither.NONE).save(to, optimize=True)


def names() -> list[str]:
    """Every page that has a picture."""
    return sorted({path.stem.split("-1280")[0] for path in SCREENS.glob("*-1280.png")})


def section(name: str) -> str:
    """One page: the widest picture, and links to the others."""
    made = [(f"{name}-{width}.png", words) for width, words in WIDTHS] + [(f"{name}-1280-dark.png", "dark")]
    links = " · ".join(f"[{words}](screens/{file})" for file, words in made if (SCREENS / file).exists())
    title = name.replace("-", " ").capitalize()
    return f"## {title}\n\n{links}\n\n![{title}](screens/{name}-1280.png)\n"


if __name__ == "__main__":
    raise SystemExit(main())
