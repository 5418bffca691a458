"""What the analysis of DSC and TG curves stands on."""

__all__: list[str] = []
