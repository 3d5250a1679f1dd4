"""The peer of benchmarks/book.py: the same layers and page as a QGIS 3 layout. Run by the system's Python.

    QT_QPA_PLATFORM=offscreen python3 benchmarks/book_qgis.py LAYERS.gpkg TERRAIN.tif EPSG:9216 book|sheet OUT.pdf

Prints one line of JSON: seconds of start, seconds of drawing, MB, peak MB, pages.
"""

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()

from qgis.core import (  # noqa: E402 - the start of the libraries is part of what is measured
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsHillshadeRenderer,
    QgsLayoutExporter,
    QgsLayoutFrame,
    QgsLayoutItemAttributeTable,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLineSymbol,
    QgsPalLayerSettings,
    QgsPrintLayout,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsScaleBarSettings,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import QRectF  # noqa: E402

MM = QgsUnitTypes.LayoutMillimeters
SCALES = [n * step for n in (1_000, 10_000, 100_000) for step in (10, 12.5, 15, 20, 25, 30, 40, 50, 60, 80)]
POINTS = (
    "water_supply",
    "waste_point",
    "school",
    "health_station",
    "culture_house",
    "market",
    "irrigation",
    "power",
    "production_zone",
    "telecom",
    "post_point",
    "wastewater",
    "pollution_site",
    "cemetery",
)
TIERS = {"not_yet": "#f4cd72", "ntm": "#7ebba2", "advanced": "#2b7d9b", "model": "#25437d", "": "#e9ebef"}
ROADS = {
    "national": 0.75,
    "provincial": 0.6,
    "district": 0.45,
    "commune": 0.32,
    "village": 0.22,
    "lane": 0.15,
    "field": 0.15,
}


def vector(path: str, name: str) -> Any:
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    return layer if layer.isValid() else None


def labelled(layer: Any, field: str, size: float) -> None:
    form = QgsTextFormat()
    form.setSize(size)
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.45)
    form.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = field
    settings.setFormat(form)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def project_of(layers: str, terrain: str, crs: str) -> tuple[Any, dict[str, Any], Any]:
    """Layers from the ground up, as on our page, and the table of criteria."""
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem(crs))
    names = ("commune", "river", "lake", "road", "district", *POINTS, "village")
    made = {name: layer for name in names if (layer := vector(layers, name)) is not None}
    if terrain:
        relief = QgsRasterLayer(terrain, "relief")
        relief.setRenderer(QgsHillshadeRenderer(relief.dataProvider(), 1, 315, 45))
        made = {"relief": relief, **made}
    dress(made)
    for layer in made.values():
        project.addMapLayer(layer)
    criteria = vector(layers, "criteria")
    project.addMapLayer(criteria, addToLegend=False)
    return project, made, criteria


def dress(made: dict[str, Any]) -> None:
    """Symbols and labels."""
    categories = []
    for tier, color in TIERS.items():
        symbol = QgsFillSymbol.createSimple({"color": color, "outline_color": "#6b7280", "outline_width": "0.2"})
        categories.append(QgsRendererCategory(tier, symbol, tier or "other"))
    made["commune"].setRenderer(QgsCategorizedSymbolRenderer("tier", categories))
    made["commune"].setOpacity(0.7)
    labelled(made["commune"], "name", 8)
    made["river"].renderer().setSymbol(QgsLineSymbol.createSimple({"color": "#9ec5e3", "width": "0.4"}))
    categories = []
    for name, wide in ROADS.items():
        symbol = QgsLineSymbol.createSimple({"color": "#ffffff", "width": str(wide + 0.3)})
        core = QgsLineSymbol.createSimple({"color": "#7a3e1d", "width": str(wide)})
        symbol.appendSymbolLayer(core.symbolLayer(0).clone())
        categories.append(QgsRendererCategory(name, symbol, name))
    made["road"].setRenderer(QgsCategorizedSymbolRenderer("class", categories))
    if "district" in made:
        plain = {"style": "no", "outline_color": "#374151", "outline_width": "0.6"}
        made["district"].renderer().setSymbol(QgsFillSymbol.createSimple(plain))
    for name in POINTS:
        if name in made:
            made[name].renderer().symbol().setSize(2.2)
    made["village"].renderer().symbol().setSize(0.9)
    labelled(made["village"], "name", 6.5)


def placed(layout: Any, item: Any, x: float, y: float, wide: float, tall: float) -> Any:
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(x, y, MM))
    item.attemptResize(QgsLayoutSize(wide, tall, MM))
    return item


def label(layout: Any, text: str, size: float, place: tuple[float, float, float, float]) -> Any:
    item = QgsLayoutItemLabel(layout)
    item.setText(text)
    font = item.font()
    font.setPointSizeF(size)
    item.setFont(font)
    return placed(layout, item, *place)


def table(layout: Any, layer: Any, fields: list[str], condition: str, place: tuple[float, float, float, float]) -> None:
    held = QgsLayoutItemAttributeTable.create(layout)
    layout.addMultiFrame(held)
    held.setVectorLayer(layer)
    held.setDisplayedFields(fields)
    held.setMaximumNumberOfFeatures(80)
    held.setFilterFeatures(True)
    held.setFeatureFilter(condition)
    frame = QgsLayoutFrame(layout, held)
    frame.attemptSetSceneRect(QRectF(*place))
    held.addFrame(frame)


def page(project: Any, made: dict[str, Any], criteria: Any, *, book: bool) -> Any:
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.renderContext().setPredefinedScales(SCALES)
    wide, tall = (210.0, 297.0) if book else (297.0, 420.0)
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(wide, tall, MM))
    stack = list(reversed(list(made.values())))
    view = QgsLayoutItemMap(layout)
    placed(layout, view, 9, 37, 136 if book else 200, 136 if book else 360)
    view.setLayers(stack)
    view.setKeepLayerSet(True)
    view.setFrameEnabled(True)
    view.grid().setEnabled(True)
    view.grid().setIntervalX(10000)
    view.grid().setIntervalY(10000)
    view.setExtent(made["commune"].extent())
    if book:
        view.setAtlasDriven(True)
        view.setAtlasScalingMode(QgsLayoutItemMap.Predefined)
        small = QgsLayoutItemMap(layout)
        placed(layout, small, 150, 37, 50, 40)
        small.setLayers([made.get("district") or made["commune"]])
        small.setKeepLayerSet(True)
        small.setExtent(made["commune"].extent())
        small.overview().setLinkedMap(view)
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(view)
    legend.setLegendFilterByMapEnabled(True)
    legend.setLegendFilterOutAtlas(book)
    placed(layout, legend, 150 if book else 215, 80, 50, 90)
    bar = QgsLayoutItemScaleBar(layout)
    bar.setStyle("Single Box")
    bar.setSegmentSizeMode(QgsScaleBarSettings.SegmentSizeFitWidth)
    bar.setLinkedMap(view)
    bar.applyDefaultSize()
    placed(layout, bar, 10, 175 if book else 400, 60, 10)
    title = '[% "name" %]: [% "tier" %]' if book else "Kết quả nông thôn mới"
    label(layout, title, 20, (9, 9, 190, 12))
    label(layout, "Nguồn số liệu: số liệu minh hoạ do ntmgis tạo", 7, (9, 280, 190, 6))
    if book:
        label(layout, "Trang [% @atlas_featurenumber %]/[% @atlas_totalfeatures %]", 7, (170, 288, 30, 5))
        table(
            layout, criteria, ["criterion", "state"], "\"code\" = attribute(@atlas_feature, 'code')", (9, 186, 90, 90)
        )
        condition = "\"commune_code\" = attribute(@atlas_feature, 'code')"
        table(layout, made["village"], ["name", "households"], condition, (105, 186, 90, 90))
        layout.atlas().setCoverageLayer(made["commune"])
        layout.atlas().setSortFeatures(True)
        layout.atlas().setSortExpression('"code"')
        layout.atlas().setEnabled(True)
    return layout


def main() -> None:
    layers, terrain, crs, job, out = sys.argv[1:6]
    application = QgsApplication([], GUIenabled=False)
    application.initQgis()
    start = time.perf_counter() - BEGAN
    began = time.perf_counter()
    project, made, criteria = project_of(layers, terrain, crs)
    layout = page(project, made, criteria, book=job == "book")
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = 300
    if job == "book":
        done, fault = QgsLayoutExporter.exportToPdf(layout.atlas(), out, settings)
        pages = made["commune"].featureCount()
    else:
        done, fault, pages = QgsLayoutExporter(layout).exportToPdf(out, settings), "", 1
    if done != QgsLayoutExporter.Success:
        raise SystemExit(f"QGIS could not export: {done} {fault}")
    draw = time.perf_counter() - began
    told = re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    peak = int(told[0]) / 1024
    print(json.dumps([start, draw, Path(out).stat().st_size / 1e6, peak, pages]), flush=True)
    os._exit(0)  # leaving QGIS tidily can take longer than the job and tells nothing


if __name__ == "__main__":
    main()
