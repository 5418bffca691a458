"""Tasks of virtual experiments: synthetic spectra and images that stand where files would."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from solith.core.errors import InputError
from solith.core.record import Record
from solith.study.tasks._registry import task_kind

__all__: list[str] = []

_WHOLE = 0.999
"""Part of the charge's time at which the last spectrum is taken."""


def _check_absorption(inputs: Mapping[str, Any]) -> None:
    _species(inputs["species"])


@task_kind("virtual_absorption", gives="record", check=_check_absorption)
def _absorption(
    *,
    species: Mapping[str, Any],
    fractions: Mapping[str, float],
    noise: float = 0.003,
    seed: int = 0,
    sample: str = "",
) -> Record:
    """A synthetic spectrum of X-ray absorption of species in ``fractions``."""
    from solith.virtual import simulate_absorption

    return simulate_absorption(
        _species(species), fractions, noise=noise, seed=_own(seed, sample), name=sample or "mixture"
    )


@task_kind("virtual_absorption_series", gives="record", check=_check_absorption)
def _absorption_series(
    *,
    species: Mapping[str, Any],
    history: Record,
    host: str,
    product: str,
    amount: Any,
    electrons: float = 1.0,
    spectra: int = 12,
    noise: float = 0.003,
    seed: int = 0,
    sample: str = "",
) -> Record:
    """Synthetic spectra through the first charge of a cell, whose oxidation they follow.

    ``history`` is the cell's record. Of the ``amount`` [mol] of absorbing atoms that are looked at,
    the ``product`` has one for every ``electrons`` that the cell's own oxidation took
    (``oxidation_charge_ah``; none where the cell oxidises nothing), the ``host`` all others. The
    ``spectra`` are spread evenly over the time of the charge.
    """
    import numpy as np

    from solith.core.constants import FARADAY
    from solith.core.quantities import to_si
    from solith.virtual import simulate_absorption_series

    if not isinstance(history, Record) or history.kind != "cycling":
        raise InputError("is not the cycling record of a cell", where="history")
    if isinstance(spectra, bool) or not isinstance(spectra, int) or not 4 <= spectra <= 500:
        raise InputError(f"{spectra!r} is no whole number from 4 to 500", where="spectra")
    atoms = to_si(amount, "mol")
    if not atoms > 0 or not float(electrons) > 0:
        raise InputError("amount and electrons are above 0", where="amount")
    time, current = history.array("test_time_second"), history.array("current_ampere")
    stops = np.flatnonzero(current <= 0)
    last = int(stops[0]) if len(stops) and stops[0] > 0 else len(time)
    # Where a step ends, the record has one time with two currents.
    times = np.linspace(time[0], time[0] + _WHOLE * (time[last - 1] - time[0]), spectra)
    taken = np.zeros(len(time))
    if "oxidation_charge_ah" in history.data.variables:
        taken = history.array("oxidation_charge_ah")
    share = 3600.0 * np.interp(times, time, taken - taken[0]) / (FARADAY * electrons * atoms)
    if share.max() > 1:
        raise InputError(
            f"the cell's oxidation takes {share.max():.3g} times the atoms there are",
            where="amount",
        )
    return simulate_absorption_series(
        _species(species),
        [{host: 1.0 - float(one), product: float(one)} for one in np.maximum(share, 0.0)],
        times.tolist(),
        noise=noise,
        seed=_own(seed, sample),
        name=f"{sample} absorption".strip(),
    )


@task_kind("virtual_photoelectrons", gives="record")
def _photoelectrons(
    *,
    line: Mapping[str, Any],
    states: Mapping[str, Any],
    shift: float = 0.0,
    seed: int = 0,
    sample: str = "",
) -> Record:
    """Synthetic photoelectron spectra of states of the sample.

    ``states`` by the sample's name, each with areas [counts eV] of species by state; or by state
    alone, where all samples are alike.
    """
    from solith.virtual import PhotoelectronLine, simulate_photoelectrons

    own = states.get(sample, states)
    try:
        described = PhotoelectronLine(**line)
    except TypeError as error:
        raise InputError(str(error).split("()", 1)[-1].strip(), where="line") from None
    return simulate_photoelectrons(
        described, own, shift=shift, seed=_own(seed, sample), name=f"{sample} {described.region}"
    )


@task_kind("virtual_coated_map", gives="record")
def _coated_map(
    *,
    coverage: float | Mapping[str, float],
    counts: float = 30.0,
    pixel_size: Any = "10 nm",
    coating: str = "nb",
    element: str = "co",
    seed: int = 0,
    sample: str = "",
) -> Record:
    """A synthetic element map of particles; ``coverage`` is a number, or one for each sample."""
    from solith.virtual import simulate_coated_map

    return simulate_coated_map(
        _of_sample(coverage, sample, "coverage"),
        counts=counts,
        pixel_size=pixel_size,
        coating=coating,
        element=element,
        seed=_own(seed, sample),
        name=f"{sample} map".strip(),
    )


@task_kind("virtual_couple_map", gives="record")
def _couple_map(
    *,
    width: Any,
    counts: float = 40.0,
    slant: float = 0.0,
    pixel_size: Any = "2 nm",
    element: str = "co",
    seed: int = 0,
    sample: str = "",
) -> Record:
    """A synthetic element map across an interface; ``width`` is one, or one for each sample."""
    from solith.virtual import simulate_couple_map

    return simulate_couple_map(
        _of_sample(width, sample, "width"),
        counts=counts,
        slant=slant,
        pixel_size=pixel_size,
        element=element,
        seed=_own(seed, sample),
        name=f"{sample} interface".strip(),
    )


@task_kind("virtual_coating_image", gives="record")
def _coating_image(
    *,
    thickness: Any,
    deviation: Any = 0.0,
    noise: float = 0.5,
    size: Sequence[int] = (512, 512),
    pixel_size: Any = "0.1 nm",
    seed: int = 0,
    sample: str = "",
) -> Record:
    """A synthetic image of a coated edge; ``thickness`` is one, or one for each sample."""
    from solith.virtual import simulate_coating_image

    return simulate_coating_image(
        _of_sample(thickness, sample, "thickness"),
        deviation=deviation,
        noise=noise,
        size=(size[0], size[1]),
        pixel_size=pixel_size,
        seed=_own(seed, sample),
        name=f"{sample} edge".strip(),
    )


@task_kind("virtual_lattice_image", gives="record")
def _lattice_image(
    *,
    lattice: str | Mapping[str, str],
    spacing: Any = "0.244 nm",
    noise: float = 1.0,
    size: Sequence[int] = (512, 512),
    pixel_size: Any = "0.05 nm",
    seed: int = 0,
    sample: str = "",
) -> Record:
    """A synthetic high-resolution image; ``lattice`` is one, or one for each sample."""
    from solith.virtual import simulate_lattice_image

    return simulate_lattice_image(
        _of_sample(lattice, sample, "lattice"),
        spacing=spacing,
        noise=noise,
        size=(size[0], size[1]),
        pixel_size=pixel_size,
        seed=_own(seed, sample),
        name=f"{sample} field".strip(),
    )


def _species(written: Any) -> dict[str, Any]:
    from solith.virtual import AbsorptionSpecies

    if not isinstance(written, Mapping) or not written:
        raise InputError("expected species by name, each with steps and lines", where="species")
    found = {}
    for name, one in written.items():
        try:
            found[str(name)] = AbsorptionSpecies.from_mapping(one)
        except InputError as error:
            raise error.inside(f"species.{name}") from None
    return found


def _of_sample(given: Any, sample: str, where: str) -> Any:
    """What is written for the sample, or for all."""
    if not isinstance(given, Mapping):
        return given
    if sample not in given:
        raise InputError(f"has none for sample {sample!r}", where=where)
    return given[sample]


def _own(seed: Any, sample: str) -> int:
    """A seed of the sample's own, so that samples do not share their noise."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**31:
        raise InputError(f"{seed!r} is no whole number from 0", where="seed")
    return (seed + zlib.crc32(sample.encode())) % 2**31
