"use strict";
/* One function for each kind of chart: rows in, options of ECharts out. Colours are told apart by colour-blind readers (Tol's muted
   palette for series, one hue from pale to dark for maps); immature values are pale. */

const SERIES = { light: ["#332288", "#2f8fb5", "#117733", "#b07d00", "#cc6677", "#882255", "#44aa99", "#aa4499", "#5b7a1d", "#777f8c"],
  dark: ["#9d94f0", "#88ccee", "#4fbf78", "#ddcc77", "#e08f9c", "#d16a9a", "#5fd0bd", "#d58ccb", "#b5d46a", "#b0b8c4"] };
const STAGE_COLOURS = { light: { discovery: "#88ccee", engagement: "#2f8fb5", conversion: "#ddcc77", retention: "#44aa99", loyalty: "#117733",
  advocacy: "#332288", reactivated: "#aa4499", dormant: "#bbc1ca", churned: "#cc6677" },
dark: { discovery: "#88ccee", engagement: "#4a9fd0", conversion: "#ddcc77", retention: "#5fd0bd", loyalty: "#2f9e5b",
  advocacy: "#9d94f0", reactivated: "#d58ccb", dormant: "#76808e", churned: "#e08f9c" } };
const PALE = 0.45;

function mixed(low, high, share) {
  const part = (colour, at) => parseInt(colour.slice(at, at + 2), 16);
  return [1, 3, 5].map((at) => part(low, at) + (part(high, at) - part(low, at)) * share);
}

/* Black or white, whichever is easier to read on this colour. */
function readableOn(rgb) {
  const light = rgb.map((part) => (part / 255 <= 0.04 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.18 ? "#0c1219" : "#ffffff";
}

function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue("--" + name).trim();
  const mode = document.documentElement.dataset.theme;
  return { mode, ink: colour("ink"), soft: colour("soft"), line: colour("line"), paper: colour("paper"), strong: colour("strong"),
    low: colour("low"), high: colour("high"), series: SERIES[mode] };
}

function narrow() {
  return window.innerWidth < 560;
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (letter) => "&#" + letter.charCodeAt(0) + ";");
}

function shortened(text, most) {
  return text.length > most ? text.slice(0, most - 1) + "…" : text;
}

const ruler = document.createElement("canvas").getContext("2d");

/* How many pixels the longest of these labels takes. */
function widthOf(labels, size = 12) {
  ruler.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return Math.ceil(Math.max(0, ...labels.map((label) => ruler.measureText(label).width)));
}

function distinct(rows, name) {
  const values = [...new Set(rows.map((row) => row[name]))];
  const keyed = values.map((value) => ({ [name]: value }));
  return keyed.sort((one, other) => compareKeys([name], one, other)).map((each) => each[name]);
}

function base(colours) {
  return {
    animation: false,
    textStyle: { color: colours.ink, fontFamily: getComputedStyle(document.body).fontFamily },
    color: colours.series,
    tooltip: { confine: true, backgroundColor: colours.paper, borderColor: colours.line, textStyle: { color: colours.ink, fontSize: 13 } },
    grid: { left: 8, right: 16, top: 18, bottom: 8, containLabel: true },
  };
}

function categoryAxis(colours, labels, options = {}) {
  return { type: "category", data: labels, axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false },
    axisLabel: { color: colours.soft, hideOverlap: true, fontSize: 12, margin: 10, ...options } };
}

function valueAxis(colours, unit, options = {}) {
  return { type: "value", axisLabel: { color: colours.soft, fontSize: 12, hideOverlap: true, formatter: (value) => numberWord(value, unit, { compact: 1000 }) },
    splitLine: { lineStyle: { color: colours.line } }, splitNumber: narrow() ? 3 : 5, minInterval: unit === "count" ? 1 : 0, ...options };
}

/* No axis goes where no value can be: shares end at 100 % or, evenly divided, at what they reach; scores at 100. */
function endsOf(unit, values) {
  if (unit === "points") return { min: -100, max: 100, interval: 50 };
  const known = values.filter((value) => value !== null && value !== undefined);
  const most = Math.max(0, ...known);
  if (unit !== "rate" || most > 1 || Math.min(0, ...known) < 0) return {};
  const end = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1].find((each) => most <= each);
  const parts = { 0.15: 3, 0.3: 3, 0.6: 3, 0.2: 4, 0.4: 4, 0.8: 4 }[end] || 5;
  return { min: 0, max: end, interval: narrow() && parts > 3 && end > 0.1 ? end / 2 : end / parts };
}

/* Names of months and periods along an axis: as many as fit, evenly, the last one always. */
function shownAlong(labels, width) {
  const step = Math.max(1, Math.ceil((labels.length * (1.4 * widthOf(labels) + 10)) / Math.max(width, 100)));
  return (place) => (labels.length - 1 - place) % step === 0;
}

/* All columns of a row, for the tip on a point: the denominator stands beside each percentage. */
function tipOf(panel, row) {
  const named = panel.by.map((name) => escaped(valueWord(name, row[name]))).join(" · ");
  const values = columnsOf(panel).filter((name) => !panel.by.includes(name) && name !== "is_mature" && !HIDDEN.has(name) && name in row)
    .map((name) => `<div style="display:flex;justify-content:space-between;gap:14px"><span>${escaped(columnWord(name))}</span>` +
      `<b>${escaped(cellWord(name, row, panel))}</b></div>`);
  const immature = row.is_mature === 0 ? `<div>${escaped(word("immature"))}</div>` : "";
  return `<b>${named}</b>${values.join("")}${immature}`;
}

function seriesOf(panel, rows) {
  const chart = panel.chart;
  const ofValue = (value) => rows.filter((row) => row[chart.series] === value);
  if (chart.ys && chart.series) { // a line for each of both
    const values = distinct(rows, chart.series);
    return values.flatMap((value, group) => chart.ys.map((name, dash) => ({ key: name, group, dash, y: name, rows: ofValue(value),
      label: values.length > 1 ? word("pair", { name: valueWord(chart.series, value), value: columnWord(name) }) : columnWord(name) })));
  }
  if (chart.ys) return chart.ys.map((name) => ({ key: name, label: columnWord(name), y: name, rows }));
  if (!chart.series) return [{ key: chart.y, label: columnWord(chart.y), y: chart.y, rows }];
  return distinct(rows, chart.series).map((value) => ({ key: value, label: valueWord(chart.series, value), y: chart.y, rows: ofValue(value) }));
}

/* At most eight lines or layers: the smaller ones are one, "other", as long as their values may be added. */
function mostSeries(panel, rows, most) {
  const name = panel.chart.series;
  const values = name ? distinct(rows, name) : [];
  if (STAGE_COLUMNS.has(name) || values.length <= most) return rows;
  const size = (value) => rows.reduce((total, row) => total + (row[name] === value ? Math.abs(row[panel.top ? panel.top.by : panel.sum[0]] || 0) : 0), 0);
  const kept = new Set([...values].sort((one, other) => size(other) - size(one)).slice(0, panel.chart.type === "line" ? most : most - 1));
  if (panel.chart.type === "line") return rows.filter((row) => kept.has(row[name]));
  const added = new Map();
  for (const row of rows) {
    const value = kept.has(row[name]) ? row[name] : "(other)";
    const key = row[panel.chart.x] + "|" + value;
    const sum = added.get(key);
    if (!sum) added.set(key, { ...row, [name]: value });
    else for (const each of panel.sum) sum[each] = each === "is_mature" ? Math.min(sum[each] ?? 1, row[each] ?? 1) : (sum[each] || 0) + (row[each] || 0);
  }
  return [...added.values()];
}

function colourOf(panel, key, place, colours) {
  if (STAGE_COLUMNS.has(panel.chart.series || panel.chart.x) && STAGE_COLOURS[colours.mode][key]) return STAGE_COLOURS[colours.mode][key];
  return key === "(other)" ? colours.soft : colours.series[place % colours.series.length];
}

function legendOf(colours, several) {
  return several ? { type: "plain", top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: colours.ink, fontSize: 12 }, } : { show: false };
}

function overTime(panel, rows, colours, kind) {
  const stacked = kind === "stack";
  const shown = mostSeries(panel, rows, 9);
  const xs = distinct(shown, panel.chart.x);
  const list = seriesOf(panel, shown);
  const unit = unitOf(list.length ? list[0].y : panel.chart.y, panel);
  const labels = xs.map((value) => (panel.chart.x === "month" ? monthWord(value) : valueWord(panel.chart.x, value)));
  const series = list.map((each, place) => {
    const byX = new Map(each.rows.map((row) => [row[panel.chart.x], row]));
    const colour = colourOf(panel, each.key, each.group ?? place, colours);
    const data = xs.map((x) => {
      const row = byX.get(x);
      const value = row ? row[each.y] : null;
      if (value === null || value === undefined) return { value: null };
      const pale = row.is_mature === 0;
      return { value, row, symbol: pale ? "emptyCircle" : "circle", itemStyle: pale ? { opacity: kind === "line" ? 1 : PALE } : {} };
    });
    const drawn = kind === "line"
      ? { type: "line", symbolSize: 6, showSymbol: xs.length < 40, connectNulls: false, lineStyle: { width: 2.2, color: colour, type: ["solid", "dashed", "dotted"][each.dash ?? Math.floor(place / 3) % 3] } }
      : { type: "bar", stack: stacked ? "all" : undefined, barMaxWidth: 34, barCategoryGap: "22%" };
    return { name: each.label, itemStyle: { color: colour }, data, ...drawn };
  });
  if (panel.chart.bounds) series.unshift(...bandOf(xs, rows, panel, colours));
  if (panel.chart.target && rows.some((row) => row[panel.chart.target] !== null)) {
    const byX = new Map(rows.map((row) => [row[panel.chart.x], row[panel.chart.target]]));
    series.push({ name: word("target"), type: "line", data: xs.map((x) => byX.get(x) ?? null), symbol: "none", lineStyle: { type: "dotted", width: 2, color: colours.soft }, itemStyle: { color: colours.soft } });
  }
  if (panel.chart.level !== undefined && series.length) {
    series[series.length - 1].markLine = { silent: true, symbol: "none", data: [{ yAxis: panel.chart.level }], lineStyle: { color: colours.soft, type: "dashed" },
      label: { formatter: numberWord(panel.chart.level, unit), color: colours.soft, position: "insideEndTop" } };
  }
  const several = series.filter((each) => each.name && !each.name.startsWith("\u0000")).length > 1;
  const reached = [...list.flatMap((each) => each.rows.map((row) => row[each.y])), ...rows.flatMap((row) => [panel.chart.bounds ? row.high : null, row[panel.chart.target] ?? null])];
  const plot = (colours.width || 560) - widthOf(["€000K"]) - 50;
  const along = shownAlong(labels, plot);
  const ends = kind === "line" && xs.length > 2; // the outermost names stand inside of their points
  return { ...base(colours), series, legend: { ...legendOf(colours, several), data: series.map((each) => each.name).filter((name) => name && !name.startsWith("\u0000")) },
    grid: { left: 8, right: kind === "line" ? 30 : Math.max(18, (widthOf(labels.slice(-1)) - plot / xs.length) / 2 + 6), top: several ? legendRoom(series, colours) : 18, bottom: panel.chart.x === "month" ? 8 : 30, containLabel: true },
    xAxis: { ...categoryAxis(colours, labels, { interval: along, hideOverlap: false, ...(ends ? { alignMinLabel: along(0) ? "left" : "center", alignMaxLabel: "right" } : {}) }), boundaryGap: kind !== "line" || xs.length < 3, name: panel.chart.x === "month" ? "" : columnWord(panel.chart.x), nameLocation: "middle", nameGap: 26, nameTextStyle: { color: colours.soft } },
    yAxis: panel.chart.log ? { ...valueAxis(colours, unit), type: "log", min: (range) => 10 ** Math.floor(Math.log10(Math.min(range.min, panel.chart.level))) } : valueAxis(colours, unit, endsOf(unit, reached)),
    tooltip: { ...base(colours).tooltip, trigger: "item", formatter: (point) => (point.data && point.data.row ? tipOf(panel, point.data.row) : escaped(point.seriesName)) } };
}

/* Legends wrap: so many lines of them need so many pixels above the chart. */
function legendRoom(series, colours) {
  let lines = 1, used = 0;
  for (const each of series.filter((one) => !one.name.startsWith("\u0000"))) {
    const wide = 32 + widthOf([each.name]);
    if (used + wide > (colours.width || 560) - 20) { lines++; used = 0; }
    used += wide;
  }
  return 20 + 21 * lines;
}

function bandOf(xs, rows, panel, colours) {
  const byX = new Map(rows.map((row) => [row[panel.chart.x], row]));
  const at = (name) => xs.map((x) => (byX.get(x) ? byX.get(x)[name] : null));
  const low = at("low"), high = at("high");
  const line = { type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, silent: true, stackStrategy: "all" };
  return [{ ...line, name: "\u0000low", data: low }, { ...line, name: "\u0000high", data: high.map((value, place) => (value === null ? null : value - low[place])),
    areaStyle: { color: colours.strong, opacity: 0.16 } }];
}

function bars(panel, rows, colours) {
  const chart = panel.chart;
  const shown = [...rows].filter((row) => row[chart.y] !== null);
  shown.sort((one, other) => (one[chart.x] === "(other)") - (other[chart.x] === "(other)"));
  if (!STAGE_COLUMNS.has(chart.x) && !panel.top) shown.sort((one, other) => other[chart.y] - one[chart.y]);
  const unit = unitOf(chart.y, panel);
  const labels = shown.map((row) => shortened(valueWord(chart.x, row[chart.x]), narrow() ? 22 : 40));
  const texts = chart.x === "path" ? shown.map((row) => valueWord(chart.x, row[chart.x])) : labels;
  const room = chart.x === "path" ? Math.min(narrow() ? 140 : 480, 1.06 * widthOf(texts)) : widthOf(labels) + 4;
  return { ...base(colours),
    xAxis: valueAxis(colours, unit, { splitNumber: 3, ...endsOf(unit, shown.map((row) => row[chart.y])) }),
    yAxis: { ...categoryAxis(colours, texts), inverse: true,
      axisLabel: { color: colours.ink, fontSize: narrow() && chart.x === "path" ? 11 : 12, lineHeight: 13, width: room, overflow: "break", interval: 0 } },
    grid: { left: room + 14, right: 14 + Math.max(52, widthOf(shown.map((row) => barLabel(panel, row)))), top: 8, bottom: 24, containLabel: false },
    tooltip: { ...base(colours).tooltip, formatter: (point) => tipOf(panel, point.data.row) },
    series: [{ type: "bar", barMaxWidth: 24,
      data: shown.map((row) => ({ value: row[chart.y], row, itemStyle: { color: STAGE_COLUMNS.has(chart.x) ? colourOf(panel, row[chart.x], 0, colours) : colours.strong } })),
      label: { show: true, position: "right", color: colours.ink, formatter: (point) => barLabel(panel, point.data.row) },
      markLine: chart.level === undefined ? undefined : { silent: true, symbol: "none", data: [{ xAxis: chart.level }], lineStyle: { color: colours.soft, type: "dashed" }, label: { show: false } } }] };
}

/* A percentage stands beside what it is a percentage of. */
function barLabel(panel, row) {
  const ratio = panel.ratio[panel.chart.y];
  const value = numberWord(row[panel.chart.y], unitOf(panel.chart.y, panel), { compact: 1e6 });
  return ratio && ratio[2] === "rate" ? `${value} ${word("of")} ${numberWord(row[ratio[1]], "count", { compact: true })}` : value;
}

function funnel(panel, rows, colours) {
  const options = bars(panel, rows, colours);
  const path = rows.filter((row) => STAGES.indexOf(row.stage) < 6);
  const shown = path.length ? path : rows;
  options.yAxis.data = shown.map((row) => valueWord("stage", row.stage));
  options.grid.left = widthOf(options.yAxis.data) + 14;
  options.grid.right = narrow() ? 96 : 150;
  options.series[0].data = shown.map((row) => ({ value: row[panel.chart.y], row, itemStyle: { color: colourOf(panel, row.stage, 0, colours) } }));
  options.series[0].label.formatter = (point) => `${numberWord(point.data.row[panel.chart.y], "count", { compact: true })} · ${numberWord(point.data.row.reached_rate, "rate", { compact: true })}`;
  return options;
}

function dots(panel, rows, colours) {
  const chart = panel.chart;
  const low = chart.low || "low", high = chart.high || "high";
  const shown = rows.filter((row) => row[chart.y] !== null).sort((one, other) => other[chart.y] - one[chart.y]).slice(0, 16);
  const unit = unitOf(chart.y, panel);
  const ratio = panel.ratio[chart.y];
  const several = filterValues("brand").length > 1 && !view.brand;
  const label = (row) => [chart.group ? valueWord(chart.group, row[chart.group]) : "", valueWord(chart.group && row[chart.group].startsWith("country") ? "country" : chart.x, row[chart.x])].filter(Boolean).reduce((name, value) => word("pair", { name, value })) +
    (chart.group && several ? ` (${row.brand})` : "") +
    (ratio ? ` (${numberWord(row[ratio[1]], "count", { compact: true })})` : "");
  const ends = shown.flatMap((row) => [row[high], row[chart.y]]).filter((value) => value !== null);
  const labels = shown.map((row) => shortened(label(row), 46));
  const room = Math.min(widthOf(labels) + 4, narrow() ? 132 : 320);
  return { ...base(colours),
    grid: { left: room + 10, right: 30, top: 8, bottom: 24, containLabel: false },
    xAxis: valueAxis(colours, unit, { splitNumber: narrow() ? 2 : 4, min: 0, ...endsOf(unit, ends) }),
    yAxis: { ...categoryAxis(colours, labels), inverse: true, axisLabel: { color: colours.ink, fontSize: narrow() ? 11 : 12, lineHeight: 13, width: room, overflow: "break", interval: 0 } },
    tooltip: { ...base(colours).tooltip, formatter: (point) => tipOf(panel, shown[point.dataIndex]) },
    series: [
      { type: "custom", data: shown.map((row, place) => [row[low], row[high], place]), encode: { x: [0, 1], y: 2 },
        renderItem: (params, api) => {
          const row = shown[params.dataIndex];
          if (row[low] === null || row[low] === undefined) return null;
          const from = api.coord([api.value(0), api.value(2)]), to = api.coord([api.value(1), api.value(2)]);
          const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colours.soft, lineWidth: 2 } });
          return { type: "group", children: [line(from[0], from[1], to[0], to[1]), line(from[0], from[1] - 5, from[0], from[1] + 5), line(to[0], to[1] - 5, to[0], to[1] + 5)] };
        } },
      { type: "scatter", symbolSize: 11, itemStyle: { color: colours.strong }, data: shown.map((row, place) => [row[chart.y], place]),
        markLine: chart.level === undefined ? undefined : { silent: true, symbol: "none", data: [{ xAxis: chart.level }], lineStyle: { color: colours.soft, type: "dashed" }, label: { show: false } } },
    ] };
}

/* Cells that are not compared with the others: they would leave all of them in one colour. */
function standsApart(panel, row) {
  return panel.chart.apart === "diagonal" ? row[panel.chart.x] === row[panel.chart.y] : row[panel.chart.y] === panel.chart.apart;
}

function heat(panel, rows, colours) {
  const chart = panel.chart;
  const xs = distinct(rows, chart.x), ys = distinct(rows, chart.y);
  if (chart.y === "frequency_score") ys.reverse();
  const unit = unitOf(chart.value, panel);
  const values = rows.filter((row) => row[chart.value] !== null && !standsApart(panel, row)).map((row) => row[chart.value]);
  const least = Math.min(0, ...values), most = Math.max(...values, least + 1e-9);
  const sizes = new Map();
  for (const row of rows) if (chart.size && row[chart.size] !== null) sizes.set(row[chart.y], Math.max(sizes.get(row[chart.y]) || 0, row[chart.size]));
  const yLabels = ys.map((y) => valueWord(chart.y, y) + (sizes.has(y) ? ` (${numberWord(sizes.get(y), "count", { compact: true })})` : ""));
  const xLabels = xs.map((x) => valueWord(chart.x, x));
  const wide = heatCell(chart);
  const text = (row) => (row[chart.value] === null ? "" : unit === "rate" ? String(Math.round(100 * row[chart.value]))
    : numberWord(unit === "amount" ? Math.round(row[chart.value]) : row[chart.value], unit === "amount" ? "count" : unit, { compact: wide < 60 ? 10000 : 1e6 }));
  const left = widthOf(yLabels) + (chart.y === "frequency_score" ? 38 : 14);
  const ground = (row) => mixed(colours.low, colours.high, (row[chart.value] - least) / (most - least));
  const paper = (rgb) => mixed(colours.paper, "#" + rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join(""), PALE);
  const shown = rows.filter((row) => row[chart.value] !== null || row.is_mature === 0);
  const coloured = shown.filter((row) => row[chart.value] !== null && row.is_mature !== 0 && !standsApart(panel, row));
  const plain = shown.filter((row) => !coloured.includes(row));
  const fill = (row) => (row[chart.value] === null || standsApart(panel, row) ? colours.paper : `rgb(${paper(ground(row)).map(Math.round).join(",")})`);
  const place = (row) => [xs.indexOf(row[chart.x]), ys.indexOf(row[chart.y])];
  return { ...base(colours), grid: { left, right: 8, top: 48, bottom: 8, containLabel: false },
    title: { text: chart.x === "model" ? "" : columnWord(chart.x), left, top: 5, padding: 0, textStyle: { color: colours.soft, fontSize: 12, fontWeight: "normal" } },
    xAxis: { ...categoryAxis(colours, xLabels), position: "top",
      axisLabel: { color: colours.soft, fontSize: 12, interval: 0, lineHeight: 14, width: wide >= 90 ? wide - 8 : undefined, overflow: "break" } },
    yAxis: { ...categoryAxis(colours, yLabels), inverse: true, name: chart.y === "frequency_score" ? columnWord(chart.y) : "", nameLocation: "middle", nameGap: 24, nameTextStyle: { color: colours.soft }, axisLabel: { color: colours.soft, fontSize: 12, interval: 0 } },
    visualMap: { show: false, min: least, max: most, inRange: { color: [colours.low, colours.high] }, dimension: 2, seriesIndex: 0 },
    tooltip: { ...base(colours).tooltip, formatter: (point) => tipOf(panel, point.data.row) },
    series: [{ type: "heatmap", data: coloured.map((row) => ({ value: [...place(row), row[chart.value]], row, itemStyle: { borderColor: colours.paper, borderWidth: 1 },
      label: { show: true, fontSize: 12, color: readableOn(ground(row)), formatter: text(row) } })) },
    { type: "custom", data: plain.map((row) => ({ value: place(row), row })),
      renderItem: (params, api) => markedCell(api, text(plain[params.dataIndex]) + (plain[params.dataIndex].is_mature === 0 ? "°" : ""), fill(plain[params.dataIndex]), colours) }] };
}

/* A cell with a dashed edge: one that stands apart, or whose value is not final. */
function markedCell(api, text, fill, colours) {
  const [x, y] = api.coord([api.value(0), api.value(1)]), [wide, high] = api.size([1, 1]);
  return { type: "group", children: [
    { type: "rect", shape: { x: x - wide / 2 + 1, y: y - high / 2 + 1, width: wide - 2, height: high - 2 }, style: { fill, stroke: colours.soft, lineDash: [3, 3] } },
    { type: "text", style: { text, x, y, fill: colours.ink, align: "center", verticalAlign: "middle", fontSize: 12 } },
  ] };
}

/* How wide a cell is at least. */
function heatCell(chart) {
  return { model: 100, new_stage: 92 }[chart.x] || (chart.size ? 40 : 62);
}

function flow(panel, rows, colours) {
  const node = (side, stage) => ({ name: side + stage, depth: side === "a:" ? 0 : 1, itemStyle: { color: STAGE_COLOURS[colours.mode][stage] || colours.soft },
    label: { position: side === "a:" ? "right" : "left", color: colours.ink, formatter: valueWord("stage", stage) } });
  const from = distinct(rows, panel.chart.from).filter((stage) => stage !== null), to = distinct(rows, panel.chart.to).filter((stage) => stage !== null);
  return { ...base(colours),
    tooltip: { ...base(colours).tooltip, formatter: (point) => (point.data.row ? tipOf(panel, point.data.row)
      : `<b>${escaped(valueWord("stage", point.name.slice(2)))}</b> ${escaped(numberWord(point.value, "count"))}`) },
    series: [{ type: "sankey", left: 4, right: 4, top: 10, bottom: 10, nodeGap: 17, nodeWidth: 14, layoutIterations: 0, emphasis: { focus: "adjacency" },
      lineStyle: { color: "gradient", opacity: 0.35 }, data: [...from.map((stage) => node("a:", stage)), ...to.map((stage) => node("b:", stage))],
      links: rows.filter((row) => row[panel.chart.from] !== null && row[panel.chart.to] !== null).map((row) => ({ source: "a:" + row[panel.chart.from], target: "b:" + row[panel.chart.to], value: row[panel.chart.y], row })) }] };
}

const CHARTS = {
  line: (panel, rows, colours) => overTime(panel, rows, colours, "line"),
  stack: (panel, rows, colours) => overTime(panel, rows, colours, "stack"),
  columns: (panel, rows, colours) => overTime(panel, rows, colours, "columns"),
  bar: bars, funnel, dots, heat, flow,
};

/* How high a chart must be, and how wide at least, so that its labels do not touch. */
function sizeOf(panel, rows) {
  const chart = panel.chart;
  if (chart.type === "heat") {
    return { height: 64 + 24 * distinct(rows, chart.y).length + (chart.size ? 0 : 40), width: 130 + heatCell(chart) * distinct(rows, chart.x).length };
  }
  if (chart.type === "flow") return { height: narrow() ? 420 : 460, width: 0 };
  if (["bar", "dots", "funnel"].includes(chart.type)) return { height: 46 + (narrow() && chart.x === "path" ? 62 : narrow() && chart.group ? 46 : 29) * Math.min(Math.max(rows.length, 2), chart.type === "dots" ? 16 : 30), width: 0 };
  return { height: panel.wide ? 340 : 290, width: 0 };
}
