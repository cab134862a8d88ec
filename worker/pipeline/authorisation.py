"""Which source may publish on which topic, name which signer, and ask for which operation. Policy only.

A source is what an event says of itself: any producer of a topic can write any source. Only a topic that is bound to
sources, and to which Kafka's own ACLs let these sources alone write, proves whose an event is.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.plain_pattern import fits_any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.plain_pattern import PlainPattern


@immutable
class Authorisation:
    """Sources that may use these signers for these operations, on these topics; ``topics`` None: on any."""

    sources: tuple[PlainPattern, ...]
    signers: tuple[PlainPattern, ...]
    operations: tuple[PlainPattern, ...]
    topics: tuple[PlainPattern, ...] | None = None

    def concerns(self, source: str, topic: str) -> bool:
        """Whether it is about this source on this topic."""
        return fits_any(self.sources, source) and (self.topics is None or fits_any(self.topics, topic))


class Authorisations:
    """What the sources of one system may do.

    ``rules``: None where the settings have none at all, and then all is allowed; with any, what no rule allows is
    refused. ``bound``: by submission topic, the sources that it is bound to; a topic that is bound to none is left out.
    """

    def __init__(
        self,
        rules: tuple[Authorisation, ...] | None = None,
        bound: Mapping[str, tuple[PlainPattern, ...]] = MappingProxyType({}),
    ) -> None:
        self._rules = rules
        self._bound = bound

    def takes(self, source: str, topic: str) -> bool:
        """Whether events of this source may come on this topic: else another producer has written its name.

        A source that is bound to topics comes on these alone, and a source whose rules all name topics on those alone.
        """
        return self._is_bound_here(source, topic) and self._has_rule_here(source, topic)

    def _is_bound_here(self, source: str, topic: str) -> bool:
        if here := self._bound.get(topic):
            return fits_any(here, source)
        return not any(fits_any(sources, source) for sources in self._bound.values())

    def _has_rule_here(self, source: str, topic: str) -> bool:
        about = [rule for rule in self._rules or () if fits_any(rule.sources, source)]
        return not about or any(rule.concerns(source, topic) for rule in about)

    def may_name(self, source: str, topic: str, signer: str) -> bool:
        """Whether this signer is allowed for any operation."""
        return self._rules is None or any(
            rule.concerns(source, topic) and fits_any(rule.signers, signer) for rule in self._rules
        )

    def allows(self, source: str, topic: str, signer: str, operation: str) -> bool:
        """Whether one rule allows the source both the signer and the operation, on this topic."""
        return self._rules is None or any(
            rule.concerns(source, topic)
            and fits_any(rule.signers, signer)
            and fits_any(rule.operations, operation)
            for rule in self._rules
        )
