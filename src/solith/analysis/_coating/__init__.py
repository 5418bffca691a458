"""What the analysis of a coating along a particle's edge stands on."""

__all__: list[str] = []
