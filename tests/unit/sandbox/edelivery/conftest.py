from tests.support.sandbox.edelivery.fixtures import shown, world

__all__ = ["shown", "world"]
