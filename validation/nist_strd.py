"""NIST's nonlinear regression sets, from both starts, through the fitting core.

The 27 files in ``validation/nist`` are the Statistical Reference Datasets (StRD) of the US
National Institute of Standards and Technology, https://www.itl.nist.gov/div898/strd/, with NIST's
own text: data, two starts, and values and standard errors certified to 11 digits.
Digits are the logarithmic relative error, ``-log10(|found - certified| / |certified|)``, of the
worst parameter, at most 11. Derivatives are those of NIST's models by the complex step.

One exception is to be expected: the residuals of Lanczos1 have a certified standard deviation of
8.9e-14 for responses of up to 2.5, which double precision rounds by up to 2e-16. The standard
errors scale with the residuals and so have three to four digits.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._least_squares import minimise
from validation.marks import Mark, finish

__all__ = ["DataSet", "digits", "load", "marks", "names"]

Array = NDArray[np.float64]
FOLDER = Path(__file__).parent / "nist"
VALUE_DIGITS, ERROR_DIGITS = 6.0, 4.0
CERTIFIED_DIGITS = 11.0


@dataclass(frozen=True)
class DataSet:
    """One set: ``y`` (n,), predictors ``x`` (n,) or (k, n), and what NIST certifies."""

    name: str
    y: Array
    x: Array
    starts: tuple[Array, Array]
    values: Array
    errors: Array

    def model(self, b: Any) -> Any:
        """NIST's model of the response; ``b`` holds p numbers, or columns of (k, 1)."""
        return MODELS[self.name](b, self.x)

    def jacobian(self, point: Array) -> Array:
        """d model/d parameter (n, p) by the complex step, exact to rounding."""
        steps = 1e-30 * np.where(point == 0, 1.0, np.abs(point))
        moved = point[:, None] + 1j * np.diag(steps)
        changed = np.broadcast_to(self.model(moved[:, :, None]), (point.size, self.y.size))
        return np.ascontiguousarray((changed.imag / steps[:, None]).T)

    def residuals(self, point: Array) -> tuple[Array, Array]:
        """Model less response, and its derivatives."""
        return self.model(point) - self.y, self.jacobian(point)


def _decays(b: Any, x: Array) -> Any:
    return b[0] * np.exp(-b[1] * x) + b[2] * np.exp(-b[3] * x) + b[4] * np.exp(-b[5] * x)


def _peaks(b: Any, x: Array) -> Any:
    first = b[2] * np.exp(-((x - b[3]) ** 2) / b[4] ** 2)
    second = b[5] * np.exp(-((x - b[6]) ** 2) / b[7] ** 2)
    return b[0] * np.exp(-b[1] * x) + first + second


def _cubics(b: Any, x: Array) -> Any:
    above = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3
    return above / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3)


def _ultrasonic(b: Any, x: Array) -> Any:
    return np.exp(-b[0] * x) / (b[1] + b[2] * x)


def _saturation(b: Any, x: Array) -> Any:
    return b[0] * (1 - np.exp(-b[1] * x))


def _oscillation(b: Any, x: Array) -> Any:
    turn = 2 * np.pi * x
    year = b[1] * np.cos(turn / 12) + b[2] * np.sin(turn / 12)
    long = b[4] * np.cos(turn / b[3]) + b[5] * np.sin(turn / b[3])
    return b[0] + year + long + b[7] * np.cos(turn / b[6]) + b[8] * np.sin(turn / b[6])


MODELS: dict[str, Callable[[Any, Array], Any]] = {
    "Bennett5": lambda b, x: b[0] * (b[1] + x) ** (-1 / b[2]),
    "BoxBOD": _saturation,
    "Chwirut1": _ultrasonic,
    "Chwirut2": _ultrasonic,
    "DanWood": lambda b, x: b[0] * x ** b[1],
    "ENSO": _oscillation,
    "Eckerle4": lambda b, x: b[0] / b[1] * np.exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Gauss1": _peaks,
    "Gauss2": _peaks,
    "Gauss3": _peaks,
    "Hahn1": _cubics,
    "Kirby2": lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2),
    "Lanczos1": _decays,
    "Lanczos2": _decays,
    "Lanczos3": _decays,
    "MGH09": lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "MGH10": lambda b, x: b[0] * np.exp(b[1] / (x + b[2])),
    "MGH17": lambda b, x: b[0] + b[1] * np.exp(-x * b[3]) + b[2] * np.exp(-x * b[4]),
    "Misra1a": _saturation,
    "Misra1b": lambda b, x: b[0] * (1 - (1 + b[1] * x / 2) ** -2),
    "Misra1c": lambda b, x: b[0] * (1 - (1 + 2 * b[1] * x) ** -0.5),
    "Misra1d": lambda b, x: b[0] * b[1] * x / (1 + b[1] * x),
    "Nelson": lambda b, x: b[0] - b[1] * x[0] * np.exp(-b[2] * x[1]),
    "Rat42": lambda b, x: b[0] / (1 + np.exp(b[1] - b[2] * x)),
    "Rat43": lambda b, x: b[0] / (1 + np.exp(b[1] - b[2] * x)) ** (1 / b[3]),
    "Roszman1": lambda b, x: b[0] - b[1] * x - np.arctan(b[2] / (x - b[3])) / np.pi,
    "Thurber": _cubics,
}


def names() -> list[str]:
    """The sets whose files are there, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.dat"))


def load(name: str) -> DataSet:
    """Read one of NIST's files; the response of Nelson is the logarithm, as its model says."""
    lines = (FOLDER / f"{name}.dat").read_text(encoding="ascii").splitlines()
    rows = [line.partition("=")[2].split() for line in lines[40:60] if line.startswith("  b")]
    table = np.array(rows, dtype=float)
    data = np.array([line.split() for line in lines[60:] if line.strip()], dtype=float).T
    return DataSet(
        name=name,
        y=np.log(data[0]) if name == "Nelson" else data[0],
        x=data[1] if len(data) == 2 else data[1:],
        starts=(table[:, 0], table[:, 1]),
        values=table[:, 2],
        errors=table[:, 3],
    )


def digits(found: Array | None, certified: Array) -> float:
    """The digits that the worst of the numbers has right, 0 to 11; 0 for none found."""
    if found is None or not np.all(np.isfinite(found)):
        return 0.0
    error = float(np.max(np.abs(found - certified) / np.abs(certified)))
    return float(np.clip(-np.log10(max(error, 1e-300)), 0.0, CERTIFIED_DIGITS))


def marks() -> Iterator[Mark]:
    """A mark for every set, then how many of the runs each programme carries to the digits."""
    reached, evaluations, short = 0, 0, set()
    peers = dict.fromkeys(_PEERS, 0)
    for name in names():
        data = load(name)
        told = []
        for start in data.starts:
            fit = minimise(data.residuals, start)
            found = _digits(data, fit.point, fit.covariance())
            evaluations += fit.iterations
            told.append(f"{found[0]:.1f} and {found[1]:.1f} ({fit.iterations})")
            if fit.converged and _enough(found):
                reached += 1
            else:
                short.add(name)
            for peer, options in _PEERS.items():
                peers[peer] += _enough(_digits(data, *_curve_fit(data, start, **options)))
        yield Mark(
            f"{name}{_EXCEPTED.get(name, '')}: digits of values and of standard errors "
            "(evaluations) from start 1; 2",
            "; ".join(told),
            f"converged, at least {VALUE_DIGITS:.0f} and {ERROR_DIGITS:.0f}",
            name not in short,
        )
    yield Mark(
        f"runs of {2 * len(MODELS)} that converge to these digits, and the sets that fall short",
        f"{reached} in {evaluations} evaluations; {', '.join(sorted(short)) or 'none'}",
        f"all but those of {', '.join(_EXCEPTED)}",
        short <= set(_EXCEPTED),
    )
    for peer, count in peers.items():
        yield Mark(
            f"the same runs by scipy.optimize.curve_fit, {peer}", str(count), "no mark", True
        )


_EXCEPTED = {"Lanczos1": " (its residuals are 1e-13 of the response, near rounding)"}
_PEERS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "with the same derivatives": {"derivatives": True},
    "with the same derivatives, tolerances of 1e-14 and as many evaluations": {
        "derivatives": True,
        "ftol": 1e-14,
        "xtol": 1e-14,
        "maxfev": 500,
    },
}


def _digits(data: DataSet, point: Array | None, covariance: Array | None) -> tuple[float, float]:
    errors = None if covariance is None else np.sqrt(np.diag(covariance))
    return digits(point, data.values), digits(errors, data.errors)


def _enough(found: tuple[float, float]) -> bool:
    return found[0] >= VALUE_DIGITS and found[1] >= ERROR_DIGITS


def _curve_fit(
    data: DataSet, start: Array, *, derivatives: bool = False, **options: Any
) -> tuple[Array | None, Array | None]:
    """What scipy finds, nothing where it gives up."""
    from scipy.optimize import curve_fit

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            point, covariance = curve_fit(
                lambda x, *b: data.model(np.array(b)),
                data.x,
                data.y,
                p0=start,
                jac=(lambda x, *b: data.jacobian(np.array(b))) if derivatives else None,
                **options,
            )
        except (RuntimeError, ValueError):
            return None, None
    return point, covariance


if __name__ == "__main__":
    finish(marks())
