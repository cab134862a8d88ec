"""Options that several commands take: declared once, as the parameters of a function that makes one value of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")


def takes(parameter: str, made_by: Callable[..., object]) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Give a function the parameters of ``made_by`` in place of its own ``parameter``, which gets what that returns.

    Typer reads a command's options from its signature: this writes the signature, and no command repeats the options.
    """
    options = inspect.signature(made_by, eval_str=True).parameters

    def decorate(function: Callable[..., T]) -> Callable[..., T]:
        own = inspect.signature(function, eval_str=True)

        @wraps(function)
        def spread(**given: Any) -> T:
            made = made_by(**{name: given.pop(name) for name in options})
            return function(**given, **{parameter: made})

        kept = [one for name, one in own.parameters.items() if name != parameter]
        all_of_them = sorted([*kept, *options.values()], key=lambda one: one.kind)
        spread.__signature__ = own.replace(parameters=all_of_them)  # type: ignore[attr-defined]
        spread.__annotations__ = {one.name: one.annotation for one in all_of_them}
        return spread

    return decorate
