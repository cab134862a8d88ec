"""A table of one line for each set of labels, with a column for each query."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.monitoring.dashboards import looks
from deploy.monitoring.dashboards.looks import DATASOURCE, LABEL_OF_ROW, Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grafana_foundation_sdk.cog.builder import Builder

MERGE = models.DataTransformerConfig(id_val="merge", options={})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its query, and how its values look."""

    head: str
    expr: str
    unit: str = "short"
    thresholds: Builder[models.ThresholdsConfig] | None = None
    mappings: Sequence[models.ValueMap] = ()
    decimals: int | None = None

    def properties(self) -> list[models.DynamicConfigValue]:
        """Return what differs from the other columns."""
        found: dict[str, object] = {"unit": self.unit}
        if self.decimals is not None:
            found["decimals"] = self.decimals
        if self.mappings:
            found["mappings"] = list(self.mappings)
        if self.thresholds is not None:
            found["thresholds"] = self.thresholds.build()
            found["color"] = {"mode": "thresholds"}
        if self.mappings or self.thresholds is not None:
            found["custom.cellOptions"] = {"type": "color-background"}
        return [models.DynamicConfigValue(id_val=name, value=value) for name, value in found.items()]


def lines(
    title: str, heads: Mapping[str, str], columns: Sequence[Column], *, description: str
) -> table.Panel:
    """Return a table. ``heads``: the head of each label's column; the one of `system` leads to its dashboard."""
    panel = table.Panel().title(title).description(description).datasource(DATASOURCE)
    panel.align(options.FieldTextAlignment.AUTO)
    for number, column in enumerate(columns):
        panel.with_target(Query(column.expr).target(number).instant().format(PromQueryFormat.TABLE))
        panel.override_by_name(column.head, column.properties())
    if "system" in heads:
        link = looks.to_system(LABEL_OF_ROW).build()
        panel.override_by_name(heads["system"], [models.DynamicConfigValue(id_val="links", value=[link])])
    return panel.no_value("–").transformations([MERGE, _organized(heads, columns)])


def _organized(heads: Mapping[str, str], columns: Sequence[Column]) -> models.DataTransformerConfig:
    # A table of one query calls its values `Value`, one of several `Value #A` and so on.
    several = len(columns) > 1
    names = [f"Value #{ascii_uppercase[number]}" if several else "Value" for number in range(len(columns))]
    shown = {**heads, **dict(zip(names, (column.head for column in columns), strict=True))}
    organized = {
        "excludeByName": {"Time": True},
        "indexByName": {name: number for number, name in enumerate(shown)},
        "renameByName": shown,
    }
    return models.DataTransformerConfig(id_val="organize", options=organized)
