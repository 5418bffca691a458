"""What the analysis of diffraction patterns stands on."""

__all__: list[str] = []
