"""What is wrong with topics, judged by Herald's guarantees and not by the plan's exact numbers. Pure.

``test`` in these functions: the operator says that the cluster is a test one, whose records may be lost.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.preflight.findings import IF_TEST, Finding, fail, ok, skipped, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from worker.kafka.cluster_state import TopicFacts
    from worker.kafka.topic_plan import TopicSpec

SAFE_REPLICAS = 3
SHORTEST_RETENTION = timedelta(days=1)
"""An outage over a night or a day must not lose a submission that nobody has read."""
FOR_EVER = -1
_DAY = timedelta(days=1)
_CREATE = "Run `herald topics create`."
_MISSING = "UnknownTopicOrPartitionError"


class Kind(Enum):
    """What a topic is for."""

    SUBMISSIONS = "submissions"
    REPLIES = "replies"
    DEAD_LETTERS = "dead letters"
    NOTIFICATIONS = "notifications"


@immutable
class Topic:
    """A topic that Herald needs: what it is for, how it should be, and how it is. ``server``: an address of Kafka's."""

    kind: Kind
    wanted: TopicSpec
    found: TopicFacts
    server: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.wanted.name

    @property
    def there(self) -> bool:
        """Whether the cluster describes it."""
        return self.found.error is None

    def setting(self, name: str) -> str | None:
        """Return one of its settings, None where it is not told."""
        return None if self.found.config is None else self.found.config.get(name)

    def number(self, name: str) -> int | None:
        """Return one of its settings as a number, None where it is not told."""
        value = self.setting(name)
        return None if value is None else int(value)

    def alter(self, setting: str) -> str:
        """Return the command that changes a setting, as the next step."""
        return (
            f"Run `kafka-configs.sh --bootstrap-server {self.server} --alter --entity-type topics"
            f" --entity-name {self.name} "
            f"--add-config {setting}`."
        )


def existence(topics: Sequence[Topic]) -> list[Finding]:
    """Judge whether the topics exist and this login may see them."""
    told = []
    for one in topics:
        if one.there:
            continue
        if one.found.error == _MISSING:
            told.append(fail("the topic does not exist", _CREATE, one.name))
        elif one.found.error == "TopicAuthorizationFailedError":
            step = "Allow Describe on it (Read and Write include it), or create it: `herald topics create`."
            told.append(fail("this login may not see the topic, or it does not exist", step, one.name))
        else:
            told.append(fail(f"Kafka reports {one.found.error}", "Look at the brokers' log.", one.name))
    return told or [ok(f"all {len(topics)} topics exist")]


def leaders(one: Topic, *, test: bool) -> Finding | None:
    """Judge whether all partitions can be read and written now."""
    del test
    if one.found.leaderless:
        step = "Start the brokers that hold its replicas."
        return fail(f"{one.found.leaderless} of its partitions have no leader", step, one.name)
    least = one.number("min.insync.replicas")
    if least is not None and one.found.in_sync < min(least, one.found.replicas):
        told = f"{one.found.in_sync} in sync, and min.insync.replicas is {least}: nothing can be written"
        return fail(told, "Start the brokers that hold its replicas.", one.name)
    if one.found.in_sync < one.found.replicas:
        told = f"only {one.found.in_sync} of {one.found.replicas} replicas are in sync"
        return warn(told, "Start the brokers that are down, or wait until they have caught up.", one.name)
    return None


def partitions(one: Topic, *, test: bool) -> Finding | None:
    """Judge the number of partitions."""
    del test
    if one.kind is Kind.SUBMISSIONS and one.found.partitions == 1:
        told = "it has 1 partition: one worker does all of its work"
        step = "Create it with more partitions before the first event: a later change moves keys to other partitions."
        return warn(told, step, one.name)
    return None


def replication(one: Topic, *, test: bool) -> Finding | None:
    """Judge the number of replicas."""
    replicas = one.found.replicas
    if replicas == 1:
        told = "it has 1 replica: a lost disk loses what Kafka has acknowledged"
        return _unsafe(told, f"Reassign its partitions to {SAFE_REPLICAS} replicas.", one, test=test)
    if replicas < SAFE_REPLICAS:
        told = f"it has {replicas} replicas: with one broker down there is no second copy, or nothing can be written"
        return warn(told, f"Reassign its partitions to {SAFE_REPLICAS} replicas.", one.name)
    return None


def min_in_sync(one: Topic, *, test: bool) -> Finding | None:
    """Judge min.insync.replicas: an acknowledged record must be on two brokers, and one broker may be down."""
    least, replicas = one.number("min.insync.replicas"), one.found.replicas
    if least is None:
        return None
    if replicas == 1 == least:
        return skipped("it has 1 replica: see kafka.topics.replication", subject=one.name)
    if least > replicas:
        # Since Kafka 3.7 the number of replicas takes its place (KAFKA-15583).
        told = (
            f"min.insync.replicas is {least}, and it has {replicas} replicas: before Kafka 3.7 nothing can be written,"
            " since then nothing while one replica is out of sync"
        )
        return fail(told, one.alter(f"min.insync.replicas={max(1, replicas - 1)}"), one.name)
    if least == 1:
        told = "min.insync.replicas is 1: a record that one broker alone holds counts as acknowledged and may be lost"
        return _unsafe(told, f"{one.alter('min.insync.replicas=2')}", one, test=test)
    if least == replicas:
        told = f"min.insync.replicas is {least} of {replicas} replicas: with one broker down nothing can be written"
        return warn(told, f"Reassign its partitions to {least + 1} replicas.", one.name)
    return None


def cleanup(one: Topic, *, test: bool) -> Finding | None:
    """Judge cleanup.policy: a key is a patient, so compaction deletes all but a patient's last event."""
    del test
    policy = one.setting("cleanup.policy")
    if policy is None or "compact" not in policy:
        return None
    told = f"cleanup.policy is {policy}: Kafka keeps only the last record of each patient"
    return fail(told, one.alter("cleanup.policy=delete"), one.name)


def leader_election(one: Topic, *, test: bool) -> Finding | None:
    """Judge unclean.leader.election.enable."""
    if one.setting("unclean.leader.election.enable") != "true":
        return None
    told = "unclean.leader.election.enable is true: a broker that lacks acknowledged records may become the leader"
    return _unsafe(told, f"{one.alter('unclean.leader.election.enable=false')}", one, test=test)


def retention(one: Topic, *, test: bool) -> Finding | None:
    """Judge for how long records stay."""
    kept, planned = one.number("retention.ms"), int(one.wanted.config["retention.ms"])
    if kept is not None and kept != FOR_EVER and kept < planned:
        span, told = timedelta(milliseconds=kept), f"records stay for {_days(kept)}, not for {_days(planned)}"
        step = one.alter(f"retention.ms={planned}")
        if one.kind is Kind.SUBMISSIONS and span < SHORTEST_RETENTION:
            lost = f"{told}: what is not read in this time is lost"
            return _unsafe(lost, f"{step}", one, test=test)
        return warn(told, step, one.name)
    size = one.number("retention.bytes")
    if one.kind is Kind.SUBMISSIONS and size is not None and size != FOR_EVER:
        told = f"retention.bytes is {size}: after many events Kafka deletes some that were not read"
        return warn(told, one.alter("retention.bytes=-1"), one.name)
    return None


def timestamps(one: Topic, *, test: bool) -> Finding | None:
    """Judge message.timestamp.type of submissions: by a sender's wrong clock records are deleted at once or never."""
    del test
    wanted, found = one.wanted.config.get("message.timestamp.type"), one.setting("message.timestamp.type")
    if wanted is None or found in {None, wanted}:
        return None
    told = (
        f"message.timestamp.type is {found}: a sender with a wrong clock decides when its records are deleted"
    )
    return warn(told, one.alter(f"message.timestamp.type={wanted}"), one.name)


def largest(one: Topic, *, test: bool) -> Finding | None:
    """Judge max.message.bytes: a reply or dead letter that Kafka refuses keeps its patient's later events waiting."""
    del test
    found, needed = one.number("max.message.bytes"), int(one.wanted.config["max.message.bytes"])
    if found is None or found >= needed:
        return None
    told, step = (
        f"max.message.bytes is {found}, and Herald needs {needed}",
        one.alter(f"max.message.bytes={needed}"),
    )
    if one.kind is Kind.SUBMISSIONS:
        return warn(f"{told} for the largest event that kafka.max_event_bytes allows", step, one.name)
    return fail(f"{told}: a larger record could not be published", step, one.name)


def judged(
    topics: Sequence[Topic],
    rule: Callable[..., Finding | None],
    all_well: str,
    *,
    test: bool,
    needs_settings: bool = True,
) -> list[Finding]:
    """Return what a rule finds of the topics that exist; one line where all is well, or nothing can be said."""
    there = [one for one in topics if one.there]
    hidden = [one.name for one in there if one.found.config is None] if needs_settings else []
    seen = [one for one in there if one.name not in hidden]
    told = [finding for one in seen if (finding := rule(one, test=test))]
    if hidden:
        told.append(_hidden(hidden, len(there)))
    if not there:
        told.append(skipped("not asked, because no topic exists"))
    return told or [ok(all_well)]


def _hidden(names: Iterable[str], of: int) -> Finding:
    count = len(list(names))
    return skipped(
        f"the settings of {count} of {of} topics are not shown to this login",
        "Run it once with a login that has DescribeConfigs on the topics, as for `herald topics create`.",
    )


def _unsafe(detail: str, next_step: str, one: Topic, *, test: bool) -> Finding:
    """Say that a guarantee is broken: a failure, but of a test installation a warning."""
    if test:
        return warn(detail, next_step, one.name)
    return fail(detail, f"{next_step} {IF_TEST}", one.name)


def _days(milliseconds: int) -> str:
    span = timedelta(milliseconds=milliseconds)
    return f"{span / _DAY:g} days" if span >= _DAY else f"{span / timedelta(hours=1):.3g} hours"
