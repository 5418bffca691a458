"""Physical constants: the exact values that define the SI since 2019 (SI Brochure, 9th edition)."""

from __future__ import annotations

__all__ = ["FARADAY", "GAS_CONSTANT", "VACUUM_PERMITTIVITY", "ZERO_CELSIUS"]

_ELEMENTARY_CHARGE = 1.602176634e-19  # C
_AVOGADRO = 6.02214076e23  # 1/mol
_BOLTZMANN = 1.380649e-23  # J/K

FARADAY = _ELEMENTARY_CHARGE * _AVOGADRO
"""Charge of one mole of electrons [C/mol]."""

GAS_CONSTANT = _BOLTZMANN * _AVOGADRO
"""Molar gas constant [J/(mol K)]."""

VACUUM_PERMITTIVITY = 8.8541878188e-12
"""Permittivity of vacuum [F/m], CODATA 2022."""

ZERO_CELSIUS = 273.15
"""Zero of the Celsius scale [K]."""
