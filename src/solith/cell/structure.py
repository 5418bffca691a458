"""What a cell's model is made of."""

from __future__ import annotations

from dataclasses import dataclass

from solith.core.errors import UnknownNameError

__all__ = ["ELEMENTS", "FILMS", "Structure"]

FILMS = ("coating", "interphase", "further resistance", "space charge")
"""Films that can lie in series with charge transfer on the particles' surface."""

ELEMENTS = ("charge transfer", *FILMS, "separator", "anode")
"""What can have a capacitance."""


@dataclass(frozen=True)
class Structure:
    """The parts of a :class:`SolidStateCell`; what is not named is left out.

    * ``films`` that are present, of :data:`FILMS`; a film with a capacitance needs a
      resistance above zero;
    * ``capacitances``: which of :data:`ELEMENTS` have theirs in the differential form, all
      unless given. Impedance wants all of them; in a protocol with current steps take the
      slow ones only, ``("charge transfer", "anode")``: a film's nanoseconds are below the
      resolution of time after hours;
    * ``grain_boundary``: the electrolyte layer has a second R||C;
    * ``growth`` of the interphase, ``oxidation`` of the electrolyte, ``breathing`` contact,
      ``access_loss``;
    * ``confinement``: number of modes by which lithium spreads under patches of contact;
    * ``varying_diffusivity`` in the particles, whose flux is then that of its integral over
      the lithium fraction: exact to the last digit where it varies by decades;
    * ``particle_classes``: number of sorts of particles;
    * ``anode_host``: the anode takes lithium into particles.
    """

    films: tuple[str, ...] = ("coating",)
    capacitances: tuple[str, ...] | None = None
    grain_boundary: bool = False
    growth: bool = False
    oxidation: bool = False
    breathing: bool = False
    access_loss: bool = False
    confinement: int = 0
    varying_diffusivity: bool = False
    particle_classes: int = 1
    anode_host: bool = False

    def __post_init__(self) -> None:
        for film in self.films:
            if film not in FILMS:
                raise UnknownNameError.among("film", film, FILMS)
        for element in self.capacitances or ():
            if element not in ELEMENTS:
                raise UnknownNameError.among("element", element, ELEMENTS)
        object.__setattr__(self, "films", tuple(film for film in FILMS if film in self.films))

    @property
    def thickens(self) -> bool:
        """Whether the interphase's thickness is a state."""
        return self.growth or self.oxidation
