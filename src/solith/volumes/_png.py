"""PNG images through Pillow, grey or of numbered colours: one image, rows y, columns x.

An image with a palette gives the numbers of its colours, as a labelled map is often kept.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from solith.core.errors import InputError, StorageError
from solith.volumes._stored import IMAGES_FIRST, Asked, Stored

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "PNG (.png, with the images extra)"
_START = b"\x89PNG\r\n\x1a\n"
_GREY = ("1", "L", "P", "I;16", "I;16B", "I")
_OPACITY = {"LA": "L", "PA": "P"}


def recognises(head: bytes) -> bool:
    """Whether a file begins as PNG."""
    return head.startswith(_START)


def read(path: Path, asked: Asked) -> Stored:
    """The one image of a file, as a stack of one."""
    try:
        from PIL import Image
    except ImportError:
        raise InputError(
            "is a PNG, which needs Pillow; install the images extra: pip install 'solith[images]'",
            file=str(path),
        ) from None
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(file, formats=["PNG"])
            image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise StorageError(f"{path}: has too many pixels for an image: {error}") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise StorageError(f"{path}: is a damaged PNG: {error}") from None
    mode = _OPACITY.get(image.mode, image.mode)
    if mode not in _GREY:
        raise InputError(
            "is a colour image: make it grey, or save it with a palette, whose numbers are read "
            "as labels",
            file=str(path),
        )
    # A palette is left out, not applied; opacity says nothing of grey.
    values = np.array(image if image.mode == mode else image.getchannel(0))
    if values.dtype == bool:
        values = values.astype(np.uint8)
    if values.dtype == np.int32:
        values = values.astype(np.uint16)
    return Stored(values[np.newaxis], asked.axes or IMAGES_FIRST)
