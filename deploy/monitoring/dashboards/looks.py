"""What the panels have in common: the source of their data, colours, words for numbers, links, queries."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import common, dashboard
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder

DATASOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, YELLOW, RED, BLUE = "green", "yellow", "red", "blue"
LABEL_OF_SERIES, LABEL_OF_ROW = "${__field.labels.system}", "${__data.fields.System}"


@dataclass(frozen=True, slots=True)
class Query:
    """A query, and what names its series in the legend."""

    expr: str
    legend: str = ""

    def target(self, number: int = 0) -> Dataquery:
        """Return the panel's query of this number."""
        made = Dataquery().ref_id(ascii_uppercase[number]).datasource(DATASOURCE).expr(self.expr)
        return made.legend_format(self.legend) if self.legend else made


def thresholds(*above: tuple[float, str], base: str = GREEN) -> Builder[models.ThresholdsConfig]:
    """Return a colour from each value on; `base` is that below them all."""
    steps = [models.Threshold(value=None, color=base)]
    steps += [models.Threshold(value=value, color=color) for value, color in above]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


# The colours change where the alerts fire (deploy/monitoring/alerts), so that both say the same.
NONE_IS_WELL = thresholds((1, RED))
"""One is an outage or a loss."""
LOOK_AT_ONE = thresholds((1, YELLOW))
"""One waits for a person."""
OVERDUE = thresholds((3600, YELLOW))
UNANSWERED = thresholds((3600, YELLOW), (12 * 3600, RED))
"""Seconds that a submission waits: HeraldSubmissionsStuck."""
HELD = thresholds((900, YELLOW), (86_400, RED))
"""Seconds that a person is waited for: HeraldSubmissionsHeld."""
FIGURES = thresholds((300, YELLOW))
"""Seconds since the journal was read: HeraldJournalFiguresOld."""
CODE_LISTS = thresholds((172_800, YELLOW))
"""Seconds since a code list was pulled: HeraldNomenclaturesOld."""
DAYS_LEFT = thresholds((7, YELLOW), (61, GREEN), base=RED)
"""Days until a certificate ends: HeraldSignerCertificateExpiring."""
SHARE = thresholds((0.8, YELLOW), (0.95, RED))
"""A share of what there is."""
ANY = thresholds(base=BLUE)
"""No value is better than another."""


def words(zero: tuple[str, str], one: tuple[str, str]) -> list[models.ValueMap]:
    """Return the words, and their colours, for 0 and 1."""
    results = {
        value: models.ValueMappingResult(text=word, color=color)
        for value, (word, color) in (("0", zero), ("1", one))
    }
    return [models.ValueMap(options=results)]


def to_system(system: str) -> dashboard.DashboardLink:
    """Return a link to the dashboard of a system, with the time and the installations that are chosen here."""
    kept = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}"
    return dashboard.DashboardLink("Open the system").url(f"/d/herald-system?{kept}&var-system={system}")


def legend() -> common.VizLegendOptions:
    """Return a legend of names only, below the graph."""
    made = common.VizLegendOptions().display_mode(options.LegendDisplayMode.LIST)
    return made.placement(options.LegendPlacement.BOTTOM).show_legend(True)  # noqa: FBT003 - the builder's own


def tooltip() -> common.VizTooltipOptions:
    """Return what shows all series at once, the largest first."""
    return (
        common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING)
    )
