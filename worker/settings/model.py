"""All settings of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from worker.files.settings import FilesSettings
from worker.inbound.looking.settings import LookingSettings
from worker.inbound.settings import ReceiverSettings
from worker.journal.settings import JournalSettings
from worker.kafka.intake_settings import IntakeSettings
from worker.kafka.settings import KafkaSettings
from worker.observability.settings import HealthSettings, LogSettings, MetricsSettings, TracingSettings
from worker.pipeline.asking.settings import AskingSettings
from worker.pipeline.authorisation import Authorisation, Authorisations
from worker.pipeline.authorisation_settings import AuthorisationSettings, SubmissionTopic
from worker.pipeline.routing import Inlet, Route, Routing
from worker.pipeline.settings import CircuitSettings, FloodSettings, LimitSettings, ReplyRoute, RetrySettings
from worker.plain_pattern import compiled
from worker.setting_types import must_be
from worker.settings.systems import SystemsSettings
from worker.settings.variables import DELIMITER, PREFIX
from worker.signing.gate.settings import SigningSettings
from worker.signing.settings import SignerSettings
from worker.systems.esb.settings import EsbSettings

if TYPE_CHECKING:
    from collections.abc import Collection

SignerName = Annotated[
    str, must_be(r"[A-Za-z0-9._-]{1,100}", "a name of at most 100 letters a-z, digits and . _ -")
]


class Settings(BaseSettings):
    """The complete configuration of a worker."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    kafka: KafkaSettings
    """Kafka."""
    intake: IntakeSettings = IntakeSettings()
    """How the worker reads events from Kafka."""
    submission_topics: tuple[SubmissionTopic, ...] = ()
    """The topics of submissions of some systems. A system that is named here has only these; each other one has
    `<prefix><system>.submissions`.
    """
    authorisations: tuple[AuthorisationSettings, ...] = ()
    """Which sources may use which signers and operations. With any entry, what no entry allows is refused; without
    one, each source may use every signer.
    """
    reply_routes: tuple[ReplyRoute, ...] = ()
    """Separate reply topics for some sources; others read `<prefix><system>.results` and `.errors`."""
    journal: JournalSettings
    """The journal's database."""
    signers: dict[SignerName, SignerSettings] = Field(default_factory=dict)
    """The signing keys, by the name that an event gives as `signer`. Some systems use passwords instead."""
    signing: SigningSettings = SigningSettings()
    """What all signing keys have in common: which certificates may sign, and how changed files are noticed."""
    systems: SystemsSettings
    """The national systems."""
    esb: EsbSettings | None = None
    """The Bulgarian state's ESB, through which some systems are reached; without this section none of them is."""
    receiver: ReceiverSettings | None = None
    """The receiver of calls that national systems make to Herald; without this section nothing is received."""
    files: FilesSettings | None = None
    """Where files are kept that are too large for Kafka; without this section they are left out of replies."""
    retry: RetrySettings = RetrySettings()
    """The schedule of retries."""
    asking: AskingSettings = AskingSettings()
    """How answers are asked for that a system has only later."""
    looking: LookingSettings = LookingSettings()
    """How workers look for what arrived at a system."""
    limits: LimitSettings = LimitSettings()
    """The load that one worker may put on a system."""
    circuit: CircuitSettings = CircuitSettings()
    """When requests to a system pause."""
    flood_guard: FloodSettings = FloodSettings()
    """When dead letters stop intake."""
    health: HealthSettings = HealthSettings()
    """The probes."""
    metrics: MetricsSettings = MetricsSettings()
    """The metrics."""
    tracing: TracingSettings = TracingSettings()
    """The traces."""
    log: LogSettings = LogSettings()
    """The log."""

    def routing_of(self, system: str) -> Routing:
        """Return the topics of a system."""
        routes = tuple(Route(route.source, route.results, route.errors) for route in self.reply_routes)
        inlets = tuple(
            Inlet(one.topic, compiled(one.sources or ()))
            for one in self.submission_topics
            if one.system == system
        )
        return Routing.of(self.kafka.topic_prefix, system, routes, inlets)

    def authorisations_of(self, system: str) -> Authorisations:
        """Return what sources may do in a system."""
        rules = tuple(
            Authorisation(
                compiled(one.sources),
                compiled(one.signers),
                compiled(one.operations),
                None if one.topics is None else compiled(one.topics),
            )
            for one in self.authorisations
            if one.systems is None or system in one.systems
        )
        bound = {inlet.topic: inlet.sources for inlet in self.routing_of(system).inlets if inlet.sources}
        return Authorisations(rules if self.authorisations else None, bound)

    def serving(self, systems: Collection[str]) -> Self:
        """Return the same settings for a worker that serves these systems alone."""
        return self.model_copy(update={"systems": self.systems.only(systems)})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what the loader passes, which has read the file and the variables itself."""
        return (init_settings,)
