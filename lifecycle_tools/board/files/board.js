"use strict";
/* The page itself: header, filters, tiles and panels of the page that is open. */

let drawn = [];

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function fill(id, ...children) {
  const holder = document.getElementById(id);
  holder.replaceChildren(...children.filter(Boolean));
  return holder;
}

/* Whether other thresholds have been tried, and their comparison can be read. */
function isCompared() {
  return Boolean(board.whatif && !board.whatif.unreadable);
}

function howToCompare() {
  const [before, after] = word("whatif_how").split("{command}");
  return el("section", { class: "panel wide", id: "whatif-how" },
    el("p", { class: "empty" }, before, el("code", {}, "make whatif THRESHOLDS=thresholds.csv"), after));
}

/* Above the page of the what-if: with which run it compared, and that this is an older one if it is. */
function drawNote() {
  const note = document.getElementById("note");
  note.hidden = view.page !== "whatif" || !board.whatif;
  if (note.hidden) return;
  const { run_id: run, as_of_date: day, compared_at: when, thresholds_file: file, unreadable } = board.whatif;
  const isOld = unreadable || run !== board.meta.run_id;
  note.className = isOld ? "note" : "hint";
  const key = unreadable ? "whatif_unreadable" : !run ? "whatif_unpublished" : isOld ? "whatif_older" : "whatif_current";
  note.textContent = word(key, { file: file || unreadable, day: day ? dayWord(day) : "", when: when ? dayWord(when) : "" });
}

function setTheme() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = view.theme || (dark ? "dark" : "light");
  document.documentElement.lang = view.lang;
}

function drawHeader() {
  const meta = board.meta;
  document.title = `${word("title")} · ${word("page." + view.page)}`;
  document.getElementById("title").textContent = word("title");
  document.getElementById("skip").textContent = word("skip");
  const dark = document.documentElement.dataset.theme === "dark";
  fill("switches",
    el("button", { type: "button", onclick: () => go({ lang: view.lang === "en" ? "fr" : "en" }), lang: view.lang === "en" ? "fr" : "en", id: "language" }, view.lang === "en" ? "Français" : "English"),
    el("button", { type: "button", onclick: () => go({ theme: dark ? "light" : "dark" }), id: "theme" }, word(dark ? "light" : "dark")),
    el("button", { type: "button", onclick: () => window.print(), id: "print" }, word("print")));
  const raw = board.datasets.raw_rows;
  const rows = (outcome) => matching(raw, outcome ? [["outcome", "=", outcome]] : []).reduce((sum, row) => sum + raw.measures.row_count[row], 0);
  const months = allMonths();
  const facts = {
    business: filterValues("brand").map((brand) => valueWord("brand", brand)).join(", "),
    currency: currencies().length ? currencies().join(", ") : meta.reporting_currency,
    period: months.length ? `${monthWord(months[0])} – ${monthWord(months[months.length - 1])}` + (meta.first_month ? ` (${word("months_left_out")})` : "") : word("none"),
    as_of: dayWord(meta.as_of_date),
    read: raw.rows ? numberWord(rows(), "count") : null,
    rejected: raw.rows ? numberWord(rows("rejected"), "count") + rejectedMoney() : null,
    tests: word("tests_passed", { n: numberWord(meta.tests_passed, "count"), k: numberWord(meta.warning_count, "count") }),
    fresh: freshWord(),
  };
  fill("facts", ...Object.entries(facts).filter(([, value]) => value).map(([name, value]) => el("div", { id: "fact-" + name }, el("dt", {}, word("fact." + name)), el("dd", {}, value))));
  fill("footer", el("p", {}, word("footer", { run: meta.run_id, version: meta.project_version })));
}

/* The money in rejected orders, in each currency as it came. */
function rejectedMoney() {
  const dataset = board.datasets.rejected_money;
  if (!dataset.rows) return "";
  const sums = new Map();
  for (const row of matching(dataset, [["entity", "=", "orders"]])) {
    const code = dataset.dimensions.currency.codes[row];
    const amount = dataset.measures.amount[row];
    const name = code < 0 ? "" : dataset.dimensions.currency.values[code];
    if (amount !== null) sums.set(name, (sums.get(name) || 0) + amount);
  }
  if (!sums.size) return "";
  const largest = [...sums].sort((one, other) => other[1] - one[1]);
  const texts = largest.slice(0, 2).map(([name, amount]) => `${numberWord(Math.round(amount), "count")} ${name}`.trim());
  return ` (${word("money_in_orders", { amount: texts.join(" + ") + (largest.length > 2 ? " + …" : "") })})`;
}

function freshWord() {
  const dataset = board.datasets.freshness;
  if (!dataset.rows) return word("published", { when: dayWord(board.meta.published_at) });
  const loaded = dataset.dimensions.loaded_on.values;
  return word("loaded", { day: loaded.length ? dayWord(loaded[loaded.length - 1]) : word("none"), when: dayWord(board.meta.published_at) });
}

function drawPages() {
  const links = board.pages.map((page) => el("li", {}, el("a", { href: location.href.split("#")[0] + addressOf({ page }), "aria-current": page === view.page ? "page" : null }, word("page." + page))));
  fill("pages", el("ul", {}, ...links)).setAttribute("aria-label", word("pages"));
  const current = document.querySelector("nav [aria-current]");
  if (current && narrow()) current.parentElement.parentElement.scrollLeft = current.offsetLeft - 20;
}

function select(name, label, options, value, changed) {
  return el("label", {}, label, el("select", { id: "filter-" + name, class: value ? "active" : null, onchange: (event) => changed(event.target.value) },
    ...options.map(([each, text]) => el("option", { value: each, selected: each === value }, text))));
}

function drawFilters() {
  const months = allMonths();
  const list = months.map((month) => [month, monthWord(month)]);
  const start = startView();
  const parts = [
    select("from", word("from"), list, view.from, (from) => go({ from, to: from > view.to ? from : view.to })),
    select("to", word("to"), list, view.to, (to) => go({ to, from: to < view.from ? to : view.from })),
    ...FILTERS.map((name) => select(name, columnWord(name), [["", word("all")], ...filterValues(name).map((value) => [value, valueWord(name, value)])], view[name], (value) => go({ [name]: value }))),
  ];
  if (currencies().length > 1) parts.push(select("currency", word("fact.currency"), currencies().map((each) => [each, each]), currencyOf(), (currency) => go({ currency })));
  for (const [name, first] of [["from", start.from], ["to", start.to]]) if (view[name] === first) parts[name === "from" ? 0 : 1].querySelector("select").removeAttribute("class");
  const reset = el("button", { type: "button", id: "reset", onclick: () => go({ ...startView(), page: view.page, lang: view.lang, theme: view.theme, choices: {} }) }, word("reset"));
  const form = fill("filters", ...parts, reset);
  form.setAttribute("aria-label", word("filters"));
  form.onsubmit = () => false;
  const chosen = [`${monthWord(view.from)} – ${monthWord(view.to)}`, ...FILTERS.filter((name) => view[name]).map((name) => word("pair", { name: columnWord(name), value: valueWord(name, view[name]) }))];
  document.getElementById("chosen").textContent = chosen.join(" · "); // on paper there are no filters to see
}

function titleOf(panel) {
  const metric = panel.chart.metric && metricOf(panel.chart.metric);
  return metric ? metric["name_" + view.lang] : word("panel." + panel.id);
}

function aboutOf(panel) {
  const name = panel.chart.metric || (panel.id === "metric_over_time" ? choiceOf(panel) : null);
  const metric = name && metricOf(name);
  return metric ? metric["definition_" + view.lang] : word("panel." + panel.id + ".about");
}

function chooser(panel) {
  if (!panel.choose) return null;
  const kind = panel.choose.dimension ? "dimension" : panel.choose.measure ? "measure" : "value";
  const label = (option) => (panel.choose.value === "period_number" ? word("months", { n: option }) : kind === "value" ? valueWord(panel.choose.value, option) : columnWord(option));
  const options = optionsOf(panel);
  if (!options.length) return null;
  return el("select", { id: "choose-" + panel.id, "aria-label": `${titleOf(panel)}: ${word("choose")}`,
    onchange: (event) => go({ choices: { ...view.choices, [panel.id]: event.target.value } }) },
  ...options.map((option) => el("option", { value: option, selected: option === choiceOf(panel) }, label(option))));
}

function notesOf(panel, rows) {
  const { idle } = actingOn(panel);
  const notes = [];
  if (idle.length) notes.push(el("p", { class: "note idle" }, word("idle", { filters: idle.map((name) => word("filter." + name)).join(", "), mart: panel.schema === "whatif" ? `whatif.${panel.mart}` : panel.mart })));
  if (panel.chart.type !== "tile" && rows.some((row) => row.is_mature === 0)) notes.push(el("p", { class: "hint" }, word("immature_hint")));
  return notes;
}

/* Whether there is a value to draw in a row. */
function isDrawn(panel, row) {
  const chart = panel.chart;
  if (chart.type === "table" || chart.type === "pivot") return true;
  return (chart.ys || [chart.value || chart.y]).some((name) => row[name] !== null) || (chart.type === "heat" && row.is_mature === 0);
}

function isDrawnUnfiltered(panel) {
  const mine = view;
  view = { ...startView(), lang: mine.lang, currency: mine.currency, choices: mine.choices };
  const found = rowsOf(panel).some((row) => isDrawn(panel, row));
  view = mine;
  return found;
}

/* What a reader with an empty panel should do: data that are filtered out are another thing than data that were never sent. */
function emptyOf(panel) {
  const dataset = board.datasets[panel.dataset];
  if (dataset.rows && isDrawnUnfiltered(panel)) return el("p", { class: "empty" }, word("empty_filtered"));
  if (dataset.leftOut) return el("p", { class: "empty" }, word("empty_left_out"));
  if (panel.fine) return el("p", { class: "empty" }, word(panel.empty || "empty_fine"));
  return el("p", { class: "empty" }, word("empty_raw", { tables: panel.raw.join(", ") }));
}

function detailsOf(panel, rows) {
  const { acts } = actingOn(panel);
  const body = el("div", {});
  const details = el("details", { id: "details-" + panel.id }, el("summary", {}, word("details"), el("span", { class: "hidden-name", hidden: true }, titleOf(panel))), body);
  details.addEventListener("toggle", () => {
    if (!details.open || body.childElementCount) return;
    body.append(
      el("p", {}, word(panel.schema === "whatif" ? "from_whatif" : "from_mart", { mart: `${panel.schema || "marts"}.${panel.mart}` }) + " " + (acts.length ? word("acts", { filters: acts.map((name) => word("filter." + name)).join(", ") }) : word("acts_none"))),
      el("pre", { tabindex: "0", "aria-label": word("query") }, sqlOf(panel)),
      el("p", {}, el("button", { type: "button", class: "csv", onclick: () => download(panel.id + ".csv", csvOf(panel, rows)) }, word("csv"))),
      el("div", { class: "table", tabindex: "0", role: "region", "aria-label": `${titleOf(panel)}: ${word("data")}` }, tableOf(panel, rows.slice(0, 200), columnsOf(panel).filter((name) => !HIDDEN.has(name)))));
  });
  return details;
}

function download(name, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv;charset=utf-8" })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function tableOf(panel, rows, columns, more = []) {
  const shown = columns.filter((name) => name !== "is_mature" || rows.some((row) => row.is_mature !== null));
  const head = shown.map((name) => el("th", { scope: "col", class: panel.by.includes(name) ? null : "number" }, columnWord(name)));
  const body = rows.map((row) => el("tr", {}, ...shown.map((name, place) => {
    const dated = name === "month" || name === "loaded_on" ? "date" : null;
    if (panel.by.includes(name)) return el(place ? "td" : "th", place ? { class: dated } : { scope: "row", class: dated }, valueWord(name, row[name]));
    const text = name === "is_mature" ? (row[name] === null ? "" : word(row[name] ? "yes" : "no")) : cellWord(name, row, panel);
    return el("td", { class: "number" }, text);
  }), ...more.map((each) => el("td", {}, each.cell(row)))));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head, ...more.map((each) => el("th", { scope: "col" }, each.head)))), el("tbody", {}, ...body));
}

function plainTable(panel, rows) {
  const more = [];
  if (panel.chart.trend) more.push({ head: word("trend"), cell: (row) => trendOf(panel, row) });
  if (panel.chart.command) more.push({ head: word("command"), cell: (row) => el("code", {}, commandOf(row[panel.chart.command])) });
  const columns = columnsOf(panel).filter((name) => name !== "is_mature" && !HIDDEN.has(name));
  return el("div", { class: "table", tabindex: "0", role: "region", "aria-label": `${titleOf(panel)}: ${word("table")}` }, tableOf(panel, rows, columns, more));
}

/* A line a year long: how many of those on a list have been on it since which month. */
function trendOf(panel, row) {
  const detail = { ...panel, by: [panel.chart.trend.by], where: { ...panel.where, [panel.by[0]]: row[panel.by[0]] }, top: null };
  const values = new Map(rowsOf(detail).map((each) => [each.month, each[panel.chart.trend.value]]));
  const points = allMonths().slice(-12).map((month) => ({ value: values.get(month) || 0, mature: 1 }));
  return sparkline(points, word("trend_label", { values: points.map((point) => point.value).join(", ") }));
}

function commandOf(audience) {
  if (board.canExport) return `make export AUDIENCE=${audience} FORMAT=csv`;
  return `duckdb -readonly serving/current.duckdb "copy (from marts.lifecycle_audiences where audience = '${audience}') to '${audience}.csv'"`;
}

function pivotOf(panel, rows) {
  const chart = panel.chart;
  const columns = distinct(rows, chart.columns);
  const lines = distinct(rows, chart.rows).map((name) => {
    const line = { [chart.rows]: name, is_mature: null };
    for (const column of columns) line[column] = total(rows.filter((row) => row[chart.rows] === name && row[chart.columns] === column), chart.value);
    return line;
  });
  const head = [columnWord(chart.rows), ...columns.map((column) => valueWord(chart.columns, column)), word("rejected_share")];
  const body = lines.map((line) => {
    const all = columns.reduce((sum, column) => sum + (line[column] || 0), 0);
    return el("tr", {}, el("th", { scope: "row" }, line[chart.rows]), ...columns.map((column) => el("td", { class: "number" }, numberWord(line[column] || 0, "count"))),
      el("td", { class: "number" }, numberWord(all ? (line.rejected || 0) / all : null, "rate")));
  });
  return el("div", { class: "table", tabindex: "0", role: "region", "aria-label": `${titleOf(panel)}: ${word("table")}` },
    el("table", {}, el("thead", {}, el("tr", {}, ...head.map((text, place) => el("th", { scope: "col", class: place ? "number" : null }, text)))), el("tbody", {}, ...body)));
}

function sparkline(points, label) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 100 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const values = points.map((point) => point.value).filter((value) => value !== null);
  const most = Math.max(...values, 0), least = Math.min(...values, 0);
  const height = (value) => 27 - (24 * (value - least)) / (most - least || 1);
  let path = "", pen = "M";
  points.forEach((point, place) => {
    if (point.value === null) { pen = "M"; return; }
    path += `${pen}${((100 * place) / Math.max(1, points.length - 1)).toFixed(1)} ${height(point.value).toFixed(1)} `;
    pen = "L";
  });
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", "var(--strong)");
  line.setAttribute("stroke-width", "2");
  line.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(line);
  return svg;
}

function tile(panel) {
  const rows = rowsOf(panel);
  const holder = el("section", { class: "panel tile", id: "panel-" + panel.id, "aria-labelledby": "title-" + panel.id }, el("h3", { id: "title-" + panel.id }, titleOf(panel)));
  const name = panel.chart.value;
  const { last, value, previous } = lastAndBefore(panel.id);
  if (!last) {
    holder.append(emptyOf(panel), ...notesOf(panel, rows), detailsOf(panel, rows));
    return holder;
  }
  const unit = unitOf(name, panel);
  holder.append(el("p", { class: "value" }, numberWord(value, unit)));
  const ratio = panel.ratio[name];
  const of = ratio && ratio[2] !== "amount" ? " · " + word("of_n", { n: numberWord(last[ratio[1]], unitOf(ratio[1], panel)) }) : "";
  holder.append(el("p", { class: "month" }, monthWord(last.month) + of + (last.is_mature === 0 ? " · " + word("immature") : "")));
  if (previous !== null && previous !== undefined) {
    const change = value - previous;
    const metric = panel.chart.metric && metricOf(panel.chart.metric);
    const better = panel.chart.better || (metric && metric.better_when);
    const mood = !better || !change ? null : (change > 0) === (better === "higher") ? "good" : "bad";
    const text = unit === "rate" ? word("points", { n: signed(Math.round(1000 * change) / 10, "points") })
      : unit === "points" ? signed(Math.round(10 * change) / 10, "points") : previous ? `${change > 0 ? "+" : change < 0 ? "−" : "±"}${numberWord(Math.abs(change / previous), "rate")}` : signed(change, unit);
    holder.append(el("p", { class: "change " + (mood || "") }, `${change > 0 ? "▲" : change < 0 ? "▼" : "■"} ${text} ${word("on_month_before")}` + (mood ? ` (${word(mood)})` : "")));
  }
  const target = targetOf(panel, last.month);
  if (target !== null) holder.append(el("p", { class: "month" }, word("pair", { name: word("target"), value: numberWord(target, unit) })));
  if (rows.length > 2) holder.append(sparkline(rows.map((row) => ({ value: row[name] })), word("line_label", { title: titleOf(panel), from: monthWord(rows[0].month), to: monthWord(rows[rows.length - 1].month) })));
  holder.append(el("p", { class: "about" }, aboutOf(panel)), ...notesOf(panel, rows), detailsOf(panel, rows));
  return holder;
}

/* The target of the month, when it is the same for every brand in view; targets are set for whole brands. */
function targetOf(panel, month) {
  const dataset = board.datasets.metrics;
  if (!panel.chart.metric || !dataset.rows || FILTERS.some((name) => name !== "brand" && view[name])) return null;
  const conditions = [["metric_id", "=", panel.chart.metric], ["month", "=", month]];
  if (view.brand) conditions.push(["brand", "=", view.brand]);
  const targets = new Set(matching(dataset, conditions).map((row) => dataset.measures.target_value[row]));
  const [target] = targets;
  return targets.size === 1 && target !== undefined ? target : null;
}

function drawPanel(panel) {
  const rows = rowsOf(panel);
  const holder = el("section", { class: "panel" + (panel.wide ? " wide" : ""), id: "panel-" + panel.id, "aria-labelledby": "title-" + panel.id },
    el("header", {}, el("h3", { id: "title-" + panel.id }, titleOf(panel)), chooser(panel)), el("p", { class: "about" }, aboutOf(panel)));
  const shows = rows.filter((row) => isDrawn(panel, row));
  if (!shows.length) holder.append(emptyOf(panel));
  else if (panel.chart.type === "table") holder.append(plainTable(panel, rows));
  else if (panel.chart.type === "pivot") holder.append(pivotOf(panel, rows));
  else {
    const size = sizeOf(panel, rows);
    const chart = el("div", { class: "chart" + (size.height > 420 ? " long" : ""), role: "img", "aria-label": `${titleOf(panel)}. ${aboutOf(panel)} ${word("see_table")}`, style: `height:${size.height}px` + (size.width ? `;min-width:${size.width}px` : "") });
    holder.append(size.width ? el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${titleOf(panel)}: ${word("chart")}` }, chart) : chart);
    drawn.push({ panel, rows: shows, chart });
  }
  holder.append(...notesOf(panel, rows), detailsOf(panel, rows));
  return holder;
}

function draw() {
  for (const each of drawn) if (each.instance) each.instance.dispose();
  drawn = [];
  const opened = new Set([...document.querySelectorAll("details[open]")].map((details) => details.id));
  const focused = document.activeElement && document.activeElement.id;
  view = readAddress();
  setTheme();
  drawHeader();
  drawPages();
  drawFilters();
  document.getElementById("heading").textContent = word("page." + view.page);
  document.getElementById("sentence").textContent = sentenceOf(view.page);
  drawNote();
  const hasNothing = view.page === "whatif" && !isCompared();
  const panels = hasNothing ? [] : board.panels.filter((panel) => panel.page === view.page).map(settle);
  fill("tiles", ...panels.filter((panel) => panel.chart.type === "tile").map(tile));
  fill("panels", hasNothing ? howToCompare() : null, ...panels.filter((panel) => panel.chart.type !== "tile").map(drawPanel));
  for (const id of opened) { const details = document.getElementById(id); if (details) details.open = true; }
  if (focused && document.getElementById(focused)) document.getElementById(focused).focus({ preventScroll: true });
  drawCharts();
  document.body.dataset.ready = location.hash + "|" + Math.round(performance.now());
}

function drawCharts() {
  for (const each of drawn) {
    const colours = theme();
    colours.width = each.chart.clientWidth;
    if (each.instance) each.instance.dispose();
    each.instance = echarts.init(each.chart, null, { renderer: "svg" });
    each.instance.setOption(CHARTS[each.panel.chart.type](each.panel, each.rows, colours));
  }
}

/* Paper is light and narrow: charts are drawn for it, wider ones made smaller. */
function setPaper(printing) {
  document.body.classList.toggle("printing", printing);
  if (printing) document.documentElement.dataset.theme = "light";
  else setTheme();
  drawCharts();
  for (const { chart } of drawn) chart.style.zoom = printing ? Math.min(1, 650 / chart.clientWidth) : "";
}

let waiting = null;
function redrawSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(drawCharts, 120);
}

async function start() {
  await readBoard();
  draw();
  let width = window.innerWidth;
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address holds the view
    document.getElementById("main").focus();
  });
  window.addEventListener("hashchange", draw);
  window.addEventListener("resize", () => { if (window.innerWidth !== width) { width = window.innerWidth; redrawSoon(); } });
  window.addEventListener("beforeprint", () => setPaper(true));
  window.addEventListener("afterprint", () => setPaper(false));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

start();
