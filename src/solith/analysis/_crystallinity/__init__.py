"""What the analysis of high-resolution images stands on."""

__all__: list[str] = []
