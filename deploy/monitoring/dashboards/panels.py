"""The kinds of panel that the dashboards are made of, each with the look that all of its kind share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    heatmap,
    stat,
    statetimeline,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.text import TextMode

from deploy.monitoring.dashboards import looks
from deploy.monitoring.dashboards.looks import DATASOURCE, LABEL_OF_SERIES, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.cog.builder import Builder


Panel: TypeAlias = (
    stat.Panel | timeseries.Panel | heatmap.Panel | statetimeline.Panel | table.Panel | text.Panel
)
"""A panel in the making; the frame gives it its number, height and width."""


def number(
    title: str,
    expr: str,
    *,
    description: str,
    thresholds: Builder[models.ThresholdsConfig],
    unit: str = "short",
    decimals: int | None = None,
    mappings: Sequence[models.ValueMap] = (),
) -> stat.Panel:
    """Return one value in large print, whose background says whether it is well."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .no_value("no data")
        .thresholds(thresholds)
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
        .mappings(list(mappings))
        .color_mode(options.BigValueColorMode.BACKGROUND)
        .graph_mode(options.BigValueGraphMode.NONE)
        .text_mode(options.BigValueTextMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(Query(expr).target().instant())
    )
    return panel if decimals is None else panel.decimals(decimals)


def graph(
    title: str,
    *queries: Query,
    description: str,
    unit: str = "short",
    thresholds: Builder[models.ThresholdsConfig] | None = None,
    maximum: float | None = None,
    stacked: bool = False,
    linked: bool = False,
) -> timeseries.Panel:
    """Return lines over time, from 0 on. ``linked``: a series leads to the dashboard of its system."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .line_width(1)
        .fill_opacity(30 if stacked else 8)
        .show_points(options.VisibilityMode.AUTO)
        .legend(looks.legend())
        .tooltip(looks.tooltip())
        .targets([query.target(number).range() for number, query in enumerate(queries)])
    )
    if maximum is not None:
        panel.max(maximum)
    if thresholds is not None:
        dashed = common.GraphThresholdsStyleConfig().mode(options.GraphThresholdsStyleMode.DASHED)
        panel.thresholds(thresholds).thresholds_style(dashed)
    if stacked:
        panel.stacking(common.StackingConfig().mode(options.StackingMode.NORMAL).group("A"))
    return panel.data_links([looks.to_system(LABEL_OF_SERIES)]) if linked else panel


def heat(title: str, buckets: str, *, description: str, unit: str = "s") -> heatmap.Panel:
    """Return the distribution of a histogram over time; `buckets` has the label `le`."""
    colors = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    target = Query(buckets, "{{le}}").target().range().format(PromQueryFormat.HEATMAP)
    return (
        heatmap.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .calculate(False)  # noqa: FBT003 - the builder's own
        .color(colors)
        .y_axis(heatmap.YAxisConfig().unit(unit))
        .cell_values(heatmap.CellValues().unit("reqps"))
        .show_legend()
        .with_target(target)
    )


def timeline(
    title: str, *queries: Query, description: str, mappings: Sequence[models.ValueMap], linked: bool = False
) -> statetimeline.Panel:
    """Return a band for each series, in the words and colours of its value of 0 or 1."""
    panel = (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .mappings(list(mappings))
        .thresholds(looks.NONE_IS_WELL)
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
        .show_value(options.VisibilityMode.NEVER)
        .fill_opacity(70)
        .line_width(0)
        .row_height(0.8)
        .legend(looks.legend())
        .targets([query.target(number).range() for number, query in enumerate(queries)])
    )
    return panel.data_links([looks.to_system(LABEL_OF_SERIES)]) if linked else panel


def prose(title: str, markdown: str) -> text.Panel:
    """Return a text, for what a person does next."""
    return text.Panel().title(title).mode(TextMode.MARKDOWN).content(markdown)
