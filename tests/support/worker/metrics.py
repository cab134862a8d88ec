"""A worker's metrics, as Prometheus scrapes and reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from tests.support.worker.plain_http import plain_client

PLAIN = "text/plain;version=0.0.4"
EVERY_SECOND = {"metrics": {"interval": 1}}
"""The settings under which what is asked at intervals is fresh in every scrape."""
OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5"


@dataclass(frozen=True, slots=True)
class Scrape:
    """What a scrape showed: the text, and every sample by its name and labels."""

    content_type: str
    text: str = field(repr=False)
    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float] = field(repr=False)

    def value(self, name: str, **labels: str) -> float | None:
        """Return the value of one series, or None where it is absent."""
        return self.samples.get((name, frozenset(labels.items())))

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of all series of a name that have these labels among theirs."""
        wanted = set(labels.items())
        return sum(
            value for (found, having), value in self.samples.items() if found == name and wanted <= having
        )

    @property
    def names(self) -> set[str]:
        """The names of all samples."""
        return {name for name, _ in self.samples}


async def scrape(address: tuple[str, int], accept: str = PLAIN) -> Scrape:
    """Scrape a worker. Raises httpx.HTTPError where nobody listens, AssertionError for another status than 200."""
    async with plain_client(10) as client:
        answer = await client.get(f"http://{address[0]}:{address[1]}/metrics", headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    return Scrape(
        answer.headers["content-type"], answer.text, _samples(answer.text, answer.headers["content-type"])
    )


def _samples(text: str, content_type: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    if "openmetrics" in content_type:
        return {}
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
