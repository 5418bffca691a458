"""Contact in patches: the reduced law against two-dimensional solutions.

Every figure compares the patch's concentration (less the initial one) and its part above
one-dimensional diffusion, delta, at all times from 1e-4 a²/D on. The two-dimensional
solutions are extrapolated from two meshes; their own order and error come first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erfc

from solith.interface import PatchContact
from validation._axisymmetric import Domain, answer, cone, cylinder, step_times
from validation.marks import Mark, finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PATCH = PatchContact(1.0)
FRACTIONS = (0.02, 0.1, 0.2, 0.4, 0.8)
MESH = 18
"""Cells on either side of the patch's edge on the coarser of two meshes."""
EARLIEST = 1e-4


@dataclass(frozen=True)
class Case:
    """Times, the patch's concentration and delta of a solution, and delta of the law."""

    name: str
    times: Array
    patch: Array
    delta: Array
    law: Array

    def errors(self) -> tuple[Array, Array]:
        """Of concentration and of delta at each time, delta's over the largest in a pulse."""
        off = np.abs(self.law - self.delta)
        return off / np.abs(self.patch), off / np.maximum.accumulate(np.abs(self.delta))


def reduced_step(theta: float, times: Array, sphere: float | None = None) -> Array:
    """Delta of the reduced law after a step of flux at time 0, 0 before."""
    poles, residues = np.array(PATCH.modes(theta, sphere)).T
    grown = -np.expm1(-np.outer(np.maximum(times, 0), poles)) / poles
    return np.asarray(grown @ residues)


def slab_step(theta: float, depth: float, times: Array) -> Array:
    """Surface value of a slab that takes the flux theta on one side from time 0 (exact)."""
    passed = np.maximum(times, 0)[:, None] / depth**2
    number = np.arange(1, 30)
    late = passed[:, 0] + 1 / 3
    late -= 2 * (np.exp(-((number * np.pi) ** 2) * passed) / (number * np.pi) ** 2).sum(axis=1)
    root = np.sqrt(np.maximum(passed, 1e-30))
    mirrored = np.exp(-((number / root) ** 2)) / np.sqrt(np.pi) - number / root * erfc(
        number / root
    )
    early = 2 * np.sqrt(passed[:, 0] / np.pi) + 4 * (root * mirrored).sum(axis=1)
    return np.asarray(theta * depth * np.where(passed[:, 0] < 0.3, early, late))


def extrapolated(solve: Callable[[int, int], Array]) -> Array:
    """The limit of ``solve(cells, steps per doubling)`` from two meshes, order 2 taken."""
    coarse, fine = solve(MESH, MESH // 3), solve(2 * MESH, 2 * (MESH // 3))[1::2]
    return (4 * fine - coarse) / 3


def step_on_tube(theta: float, depth: float) -> Case:
    """A step of flux into a flux tube of ``depth`` radii, until well in the steady regime."""
    length = depth / np.sqrt(theta)
    end = 5 * max(length, 1 / np.sqrt(theta)) ** 2
    times = np.concatenate(_blocks(end, MESH // 3))
    patch = extrapolated(lambda n, steps: answer(cylinder(theta, depth, n), _blocks(end, steps))[0])
    delta = patch - slab_step(theta, length, times)
    return _seen(f"theta {theta:g}, L/b {depth:g}", times, patch, delta, reduced_step(theta, times))


def pulse_on_tube(theta: float, depth: float, duration: float) -> Case:
    """A pulse of flux and a rest, as in an intermittent titration, to the end of a block each."""
    length = depth / np.sqrt(theta)

    def solve(n: int, steps: int) -> Array:
        domain = cylinder(theta, depth, n)
        pulse, field = answer(domain, _blocks(duration, steps))
        rest, _ = answer(domain, _blocks(2 * duration, steps), flux=0.0, start=field)
        return np.concatenate([pulse, rest])

    pulse = np.concatenate(_blocks(duration, MESH // 3))
    times = np.concatenate([pulse, pulse[-1] + np.concatenate(_blocks(2 * duration, MESH // 3))])
    patch = extrapolated(solve)
    since = times - pulse[-1]
    plain = slab_step(theta, length, times) - slab_step(theta, length, since)
    law = reduced_step(theta, times) - reduced_step(theta, since)
    name = f"theta {theta:g}, L/b {depth:g}, pulse {pulse[-1]:.3g} a²/D"
    return _seen(name, times, patch, patch - plain, law, since)


def step_on_sphere(theta: float, spacing: float) -> Case:
    """A step of flux into the cone that a patch has of a sphere."""
    end = 5 / (theta * min(spacing, 1.0) ** 2)
    times = np.concatenate(_blocks(end, MESH // 3))

    def solve(n: int, steps: int) -> Array:
        blocks = _blocks(end, steps)
        whole = cone(1.0, np.sqrt(theta) * spacing, n)  # all of the surface fed: radial only
        patch, _ = answer(cone(theta, spacing, n), blocks)
        return np.stack([patch, answer(whole, blocks, flux=theta)[0]], axis=1)

    patch, plain = extrapolated(solve).T
    name = f"theta {theta:g}, b/R {spacing:.3g}"
    sphere = PATCH.spacing(theta) / spacing
    return _seen(name, times, patch, patch - plain, reduced_step(theta, times, sphere))


def uneven_flux(theta: float, biot: float) -> Case:
    """A step into a flux tube whose flux finds its own way through a charge transfer."""
    depth, length = 3.0, 3.0 / np.sqrt(theta)
    end = 5 * length**2
    times = np.concatenate(_blocks(end, MESH // 3))
    patch = extrapolated(
        lambda n, steps: answer(cylinder(theta, depth, n), _blocks(end, steps), biot=biot)[0]
    )
    delta = patch - slab_step(theta, length, times)
    return _seen(f"theta {theta:g}", times, patch, delta, reduced_step(theta, times))


def _blocks(end: float, steps: int) -> list[Array]:
    return step_times(EARLIEST / 10, end, steps)


def _seen(
    name: str, times: Array, patch: Array, delta: Array, law: Array, since: Array | None = None
) -> Case:
    """The case at times from the earliest on after every step of the flux."""
    last = times if since is None else np.where(since > 0, since, times)
    keep = last >= EARLIEST
    return Case(name, times[keep], patch[keep], delta[keep], law[keep])


def orders(domain: Callable[[int], Domain], biot: float | None = None) -> list[float]:
    """Observed orders of the patch's concentration over all times, mesh and step halved."""
    found = [
        answer(domain(cells), _blocks(100.0, cells // 3), biot=biot)[0][stride - 1 :: stride]
        for cells, stride in ((9, 1), (18, 2), (36, 4), (72, 8))
    ]
    keep = np.concatenate(_blocks(100.0, 3)) >= EARLIEST
    apart = [np.max(np.abs(fine / coarse - 1)[keep]) for coarse, fine in itertools.pairwise(found)]
    return [float(np.log2(one / two)) for one, two in itertools.pairwise(apart)]


def apparent_diffusivity(theta: float) -> tuple[float, float, float]:
    """Ratio read from the referee's slope: early over theta², late over 1, worst off the law's."""
    depth = 10.0
    end = (depth / 4) ** 2 / theta  # before the far side is felt
    times = np.concatenate(_blocks(end, MESH // 3))
    patch = extrapolated(lambda n, steps: answer(cylinder(theta, depth, n), _blocks(end, steps))[0])
    roots = np.sqrt(times)
    slope = np.diff(patch) / np.diff(roots)
    middle = ((roots[1:] + roots[:-1]) / 2) ** 2
    seen = (2 * theta / np.sqrt(np.pi) / slope) ** 2
    keep = middle >= EARLIEST
    told = PATCH.apparent_diffusivity_ratio(theta, middle, 1.0)
    return (
        float(seen[keep][0] / theta**2),
        float(seen[-1]),
        float(np.max(np.abs(told / seen - 1)[keep])),
    )


def worst(cases: list[Case]) -> tuple[float, float, str]:
    """Largest error of the concentration and of delta, and where the former stands."""
    pairs = [case.errors() for case in cases]
    peaks = [float(pair[0].max()) for pair in pairs]
    at = int(np.argmax(peaks))
    place = f"{cases[at].name}, D t/a² = {cases[at].times[pairs[at][0].argmax()]:.2g}"
    return peaks[at], max(float(pair[1].max()) for pair in pairs), place


def _compared(what: str, cases: list[Case], both: bool) -> Mark:
    concentration, delta, place = worst(cases)
    return Mark(
        what,
        f"{100 * concentration:.2f} % of the concentration ({place}), {100 * delta:.2f} % of delta",
        "3 % of both" if both else "3 % of the concentration",
        max(concentration, delta if both else 0.0) <= 0.03,
    )


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from _referee()
    for depth in (1.0, 3.0, 10.0):
        yield _compared(
            f"step, patches on 2 to 80 % of the surface, particle {depth:g} b deep",
            [step_on_tube(theta, depth) for theta in FRACTIONS],
            both=True,
        )
    yield _compared(
        "titration pulses of 0.01, 1 and 10/theta a²/D or somewhat longer, each with a rest",
        [
            pulse_on_tube(theta, 2.0, duration)
            for theta in (0.02, 0.2, 0.8)
            for duration in (0.01, 1.0, 10 / theta)
        ],
        both=True,
    )
    for theta in (0.02, 0.5):
        early, late, off = apparent_diffusivity(theta)
        yield Mark(
            f"apparent diffusivity of the axisymmetric solution, theta {theta:g}",
            f"{early:.3f} theta² D early, {late:.3f} D late, within {100 * off:.2f} % of the law's",
            "1 theta² D and 1 D within 5 %, the law's within 3 %",
            abs(early - 1) <= 0.05 and abs(late - 1) <= 0.05 and off <= 0.03,
        )
    for spacing in (0.25, 0.5, 1.0):
        yield _compared(
            f"step, patches on 2 to 80 % of a sphere, {spacing:g} R apart",
            [step_on_sphere(theta, spacing) for theta in FRACTIONS],
            both=False,
        )
    for biot in (0.1, 1.0, 3.0):
        yield _compared(
            f"step, flux that crowds at the edge, charge transfer a k/D = {biot:g}",
            [uneven_flux(theta, biot) for theta in (0.02, 0.1, 0.8)],
            both=False,
        )


def _referee() -> Iterator[Mark]:
    """What the two-dimensional solutions are worth themselves."""
    for what, domain, biot in (
        ("flux tube, even flux", lambda cells: cylinder(0.1, 3.0, cells), None),
        ("cone of a sphere, even flux", lambda cells: cone(0.1, 0.5, cells), None),
        ("flux tube, one concentration", lambda cells: cylinder(0.1, 3.0, cells), np.inf),
    ):
        lowest = 1.9 if biot is None else 1.7
        found = orders(domain, biot)
        yield Mark(
            f"axisymmetric solution: order at each halving, {what}",
            ", ".join(f"{order:.2f}" for order in found),
            f"2, at least {lowest}" + (" (the flux has no bound at the edge)" if biot else ""),
            all(order >= lowest for order in found),
        )
    off = 0.0
    for theta in (0.02, 0.3, 0.8):
        case = step_on_tube(theta, 3.0)
        full = PATCH.step_response(theta, case.times, 1.0)
        off = max(off, float(np.max(np.abs((full - case.delta) / case.patch))))
    yield Mark(
        "axisymmetric solution, extrapolated, against the sum over all modes",
        f"{100 * off:.2g} % of the concentration",
        "0.1 %",
        off <= 1e-3,
    )
    case = uneven_flux(0.02, np.inf)
    ratio = np.sqrt(0.02)
    known = np.pi / 4 * (1 - 1.40978 * ratio + 0.34406 * ratio**3)
    found = case.delta[-1]
    yield Mark(
        "steady delta of a patch of one concentration, theta 0.02 (law for even flux: "
        f"{PATCH.spreading_resistance(0.02):.4f})",
        f"{found:.4f} q a/D",
        f"{known:.4f}, flux tube (Yovanovich's series, recalled, no source read), within 1 %",
        abs(found / known - 1) <= 0.01,
    )


if __name__ == "__main__":
    finish(marks())
