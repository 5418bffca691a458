"""High-resolution images: spots and rings of a lattice, and how much of the field has one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from solith.analysis._crystallinity.image import image_of
from solith.analysis._crystallinity.spots import (
    Spots,
    find_rings,
    find_spots,
    largest_crystal,
    shows_ring,
)
from solith.analysis._crystallinity.windows import Windows, windows_of
from solith.analysis._options import positive
from solith.core.errors import InputError
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["CRYSTALLINITY_CLASSES", "analyse_crystallinity"]

CRYSTALLINITY_CLASSES = ("amorphous", "nanocrystalline", "crystalline", "undetermined")
"""What a field is called: the last where no other has a confidence of 95 %."""

_WINDOW = 3.2e-9
_FEWEST_PIXELS = 64
_AMORPHOUS = 0.1
"""Share of the field that a lattice may have in what is called amorphous."""
_CRYSTALLINE = 0.5
"""Share of the field that one crystal has at least in what is called crystalline."""
_SURE = 0.95
_RINGS = 6


def analyse_crystallinity(
    image: Record | ArrayLike,
    pixel_size: float | str | None = None,
    *,
    channel: str | None = None,
    window: float | str | None = None,
    spacings: tuple[float | str, float | str] = (1.0e-10, 6.0e-10),
    false_alarm: float = 0.01,
) -> Result:
    """Whether and where a high-resolution image shows a lattice, and its spacings.

    ``image`` is an array (y, x) with the side of a pixel [m], or a map, whose ``channel`` is named
    where it has several. The image is cut into windows of ``window`` [m] (3.2 nm or 64 pixels,
    whichever is more) that overlap by half; in the Fourier transform of each, under a Hann
    window, spots between the two ``spacings`` [m] are looked for. A spot stands above the noise of
    its neighbours on the ring as an image without a lattice would have one anywhere, in any
    window, with the probability ``false_alarm``. Where a ring or a crystal is known from several
    windows, a weaker spot at the same place counts as well (1 % of windows without a lattice).

    Values: ``crystallinity_index``: share of windows that show a lattice, with its uncertainty by
    the number of windows that do not overlap; ``largest_crystal``: share of windows that show the
    commonest spot; ``class_confidence``; ``spacing`` [m] of the clearest ring, and
    ``detection``: the probability that fringes as strong as the image's own contrast would
    be seen in a window. ``details["class"]`` is one of :data:`CRYSTALLINITY_CLASSES`: amorphous
    (a lattice in less than a tenth of the field), crystalline (one crystal in more than half of
    it), nanocrystalline (all else). Each has a probability, from the windows counted (Jeffreys'
    prior) and, for amorphous, from what would have been seen; the one above 95 % is taken,
    otherwise the field is called undetermined, and a flag says what it most likely is. A crystal
    that is not near a zone axis shows no fringes: the index is a lower bound of what is
    crystalline.

    Details: ``rings``: spacings with uncertainty (that of the pixel size is not in it),
    windows, and directions [deg] of spots that windows share; ``map`` of the windows that show a
    lattice, with their ``corners`` [pixel].

    Raises :class:`InputError` for what is no image with a known pixel size.
    """
    picture = image_of(image, pixel_size, channel)
    pixel = picture.pixel_size
    side = max(_WINDOW, _FEWEST_PIXELS * pixel)
    side = min(side, min(picture.values.shape) * pixel)
    if window is not None:
        side = positive(window, "m", "window")
    if not 0 < positive(false_alarm, "", "false_alarm") < 0.5:
        raise InputError(f"{false_alarm!r} is no probability below 0.5", where="false_alarm")
    windows = windows_of(picture, side, _ends(spacings))
    spots = find_spots(windows, float(false_alarm))
    rings = find_rings(windows, spots)
    shown = shows_ring(windows, rings)
    shown[spots.window] = True
    crystal_shown = largest_crystal(windows, spots)
    shown |= crystal_shown
    share, crystal = float(shown.mean()), float(crystal_shown.mean())
    detection = _detection(windows, spots)
    odds = _odds(share, crystal, windows.apart, detection)
    likely = max(odds, key=lambda name: odds[name]) if share else "amorphous"
    sure = odds[likely] >= _SURE
    flags = [] if sure else [f"most likely {likely}, but not with 95 % confidence"]
    if not share and not sure:
        flags = ["no lattice is seen, which does not make the field amorphous here"]
        flags.append(_too_little(windows.apart, detection))
    spread = _spread(share, windows.apart)
    values = [
        Value("crystallinity_index", share, "", spread, method="windows that show a lattice"),
        Value("largest_crystal", crystal, "", _spread(crystal, windows.apart)),
        Value("class_confidence", odds[likely], flags=tuple(flags)),
        Value("detection", detection, method="fringes as strong as the image's contrast"),
    ]
    if rings:
        values.append(Value("spacing", rings[0].spacing, "m", rings[0].uncertainty))
    else:
        values.append(Value("spacing", None, "m", flags=("no ring or spot stands out",)))
    called = likely if sure else "undetermined"
    details = {
        "class": called,
        "labels": {"class_confidence": {"meaning": called if sure else f"perhaps {likely}"}},
        "odds": odds,
        "rings": [dict(ring.__dict__) | {"angles": list(ring.angles)} for ring in rings],
        "spots": len(spots.window),
        "windows": len(shown),
        "windows_apart": windows.apart,
        "window_metre": windows.side,
        "pixel_size_metre": pixel,
        "map": shown.tolist(),
        "corners": windows.corners.tolist(),
        **_averaged(windows),
    }
    return Result(f"crystallinity: {called}", tuple(values), details)


def _ends(spacings: Any) -> tuple[float, float]:
    if not isinstance(spacings, (tuple, list)) or len(spacings) != 2:
        raise InputError(f"{spacings!r} is no pair (smallest, largest)", where="spacings")
    low, high = (positive(one, "m", "spacings") for one in spacings)
    if not low < high:
        raise InputError(f"{spacings!r}: the first is not below the second", where="spacings")
    return low, high


def _detection(windows: Windows, spots: Spots) -> float:
    """The probability that fringes of the image's contrast show, at the noisiest frequency.

    Contrast is what the image has more than white noise, whose power is the lowest in any ring, 3 %
    more being taken off for its own uncertainty. Two waves share it, as a lattice seen along an
    axis has at least: each has half of the variance, and of a wave of amplitude A a Hann window of
    n x n pixels makes the power A^2 / 4 (1/4)^2 / (3/8)^2 n^2. The power of a wave in noise is a
    noncentral chi-squared.
    """
    from scipy.special import chndtr

    radius = np.hypot(windows.place[:, 0], windows.place[:, 1])
    ring = np.floor((radius - radius.min()) / (np.ptp(radius) + 1e-9) * _RINGS)
    white = min(float(np.median(windows.expected[ring == number])) for number in range(_RINGS))
    contrast = max(1.0 - 1.03 * white, 0.0)
    hann = (0.25 / 0.375) ** 2 * windows.size**2  # of weights whose squares add up to one
    ratio = contrast / 4 * hann / float(np.max(windows.expected))
    return float(1 - chndtr(2 * spots.threshold, 2, 2 * ratio))


def _odds(share: float, crystal: float, apart: float, detection: float) -> dict[str, float]:
    """The probability of each class, from shares of as many windows as lie apart."""
    from scipy.special import betainc

    seen = apart * (detection if share == 0 else max(detection, share))
    amorphous = float(betainc(share * seen + 0.5, (1 - share) * seen + 0.5, _AMORPHOUS))
    one = 1 - float(betainc(crystal * apart + 0.5, (1 - crystal) * apart + 0.5, _CRYSTALLINE))
    return {
        "amorphous": amorphous,
        "nanocrystalline": max(1 - amorphous - one, 0.0),
        "crystalline": one,
    }


def _spread(share: float, apart: float) -> float:
    """Standard deviation of a share by Jeffreys' posterior."""
    a, b = share * apart + 0.5, (1 - share) * apart + 0.5
    return math.sqrt(a * b / (a + b + 1)) / (a + b)


def _too_little(apart: float, detection: float) -> str:
    if detection < 0.5:
        return "too noisy: fringes of the image's own contrast would hardly be seen"
    return f"the field has room for {apart:.0f} windows only: take a larger one, or more of them"


def _averaged(windows: Windows) -> dict[str, Any]:
    """The mean power of all windows about the middle, for a figure."""
    mean = np.fft.fftshift(np.mean(np.abs(windows.transform) ** 2, axis=0))
    return {"mean_power": np.log10(np.maximum(mean, 1e-12)).round(4).tolist()}
