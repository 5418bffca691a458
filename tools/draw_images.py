"""Draw the figures that README and docs show, with solith itself.

    python tools/draw_images.py

needs Chromium on the path, which turns plotly's page into a PNG.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import solith
from solith.figures import plot_losses

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH, HEIGHT = 900, 520


def main() -> None:
    """Write every image."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("draw_images: Chromium is not on the path; install it to draw the images")
    cell = solith.load_study("first-cell").samples["450-half-contact"].cell
    protocol = solith.Cycling(
        ["charge at 0.1 C until 3.8 V vs Li-In", "discharge at 1 C until 2.1 V vs Li-In"]
    )
    record = solith.simulate(cell, protocol, sample="450-half-contact")
    _draw(browser, plot_losses(record, highest=300.0), IMAGES / "loss-budget.png")


def _draw(browser: str, figure, path: Path) -> None:  # type: ignore[no-untyped-def]
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.update_layout(width=WIDTH, height=HEIGHT)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "figure.html"
        figure.write_html(page, include_plotlyjs=True, config={"displayModeBar": False})
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--virtual-time-budget=4000",
                f"--user-data-dir={folder}/profile",
                f"--window-size={WIDTH + 16},{HEIGHT + 16}",
                f"--screenshot={path}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
