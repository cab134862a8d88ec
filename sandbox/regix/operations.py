"""The operations of RegiX by their full names: `operations.txt`, one a line, as the public source declares them."""

from __future__ import annotations

from pathlib import Path

OPERATIONS = frozenset(
    Path(__file__).with_name("operations.txt").read_text(encoding="utf-8").split(),
)
_CONTRACTS = frozenset(name.rpartition(".")[0] for name in OPERATIONS)


def is_contract_known(operation: str) -> bool:
    """Whether the part before the last dot names a service of RegiX."""
    return operation.rpartition(".")[0] in _CONTRACTS


def method_of(operation: str) -> str:
    """Return the part after the last dot."""
    return operation.rpartition(".")[2]


def writes(operation: str) -> bool:
    """Whether the operation changes a register: inferred from its name, which begins with `Send`."""
    return method_of(operation).startswith("Send")
