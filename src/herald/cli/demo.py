"""`herald demo`."""


def demo() -> None:
    """Show it all."""
