"""What the fit of photoelectron spectra stands on: profiles, backgrounds, species, the model."""

from __future__ import annotations

__all__: list[str] = []
