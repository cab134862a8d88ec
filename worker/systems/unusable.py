"""What is wrong with signers that cannot sign in a system, from all who know: a live view, by the signer's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Unusable(Mapping[str, str]):
    """The plain sentence of the first of several mappings that has one."""

    def __init__(self, *told: Mapping[str, str]) -> None:
        self._told = told

    def __getitem__(self, name: str) -> str:
        """Return the sentence. Raises KeyError where nothing is wrong."""
        for one in self._told:
            if (sentence := one.get(name)) is not None:
                return sentence
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        """Yield each name once."""
        return iter(dict.fromkeys(name for one in self._told for name in one))

    def __len__(self) -> int:
        """Return how many they are."""
        return len(list(iter(self)))
