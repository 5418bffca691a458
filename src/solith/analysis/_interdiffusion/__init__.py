"""What the analyses of a composition profile share."""

__all__: list[str] = []
