"use strict";
/* The rows of a panel: its dataset, filtered, added up, divided. sqlOf says the same as a query on the published file, and tests hold
   both to the same rows. */

/* A panel with what the reader chose put in: by, where, ratio and chart without placeholders. */
function settle(panel) {
  const settled = { ...panel, where: { ...(panel.where || {}) }, sum: panel.sum || [], ratio: panel.ratio || {}, chart: { ...panel.chart } };
  if (!panel.choose) return settled;
  const chosen = choiceOf(panel);
  if (panel.choose.value) {
    if (chosen !== undefined) settled.where[panel.choose.value] = chosen;
    return settled;
  }
  const put = (value) => (value === "$dimension" || value === "$measure" ? chosen : value);
  settled.by = panel.by.map(put);
  for (const part of Object.keys(settled.chart)) settled.chart[part] = put(settled.chart[part]);
  return settled;
}

function hasMoney(panel) {
  return [...panel.sum, ...Object.keys(panel.ratio || {})].some((name) => unitOf(name, panel) === "amount");
}

/* Which filters act on a panel, and which of those that are set do not. */
function actingOn(panel) {
  const dimensions = board.datasets[panel.dataset].dimensions;
  const acts = FILTERS.filter((name) => name in dimensions);
  if ("month" in dimensions && panel.period !== "none") acts.unshift("period");
  const start = startView();
  const set = FILTERS.filter((name) => view[name]);
  if (view.from !== start.from || view.to !== start.to) set.unshift("period");
  return { acts, idle: set.filter((name) => !acts.includes(name)) };
}

/* The conditions of a panel: [column, how, value]. */
function conditionsOf(panel) {
  const dataset = board.datasets[panel.dataset];
  const conditions = [];
  for (const name of FILTERS) if (view[name] && name in dataset.dimensions) conditions.push([name, "=", view[name]]);
  for (const [name, value] of Object.entries(panel.where)) conditions.push([name, "=", value]);
  if (currencies().length > 1 && dataset.name !== "rejected_money" && "currency" in dataset.dimensions && hasMoney(panel)) {
    conditions.push(["currency", "=", currencyOf()]);
  }
  if ("month" in dataset.dimensions && panel.period !== "none") {
    if (panel.period === "last") {
      const last = lastMonth(dataset, conditions);
      if (last) conditions.push(["month", "=", last]);
    } else conditions.push(["month", ">=", view.from], ["month", "<=", view.to]);
  }
  return conditions;
}

function lastMonth(dataset, conditions) {
  const codes = matching(dataset, [...conditions, ["month", ">=", view.from], ["month", "<=", view.to]]);
  const months = dataset.dimensions.month;
  let last = -1;
  for (const row of codes) last = Math.max(last, months.codes[row]);
  return last < 0 ? null : months.values[last];
}

/* Numbers of the rows of a dataset that meet all conditions. */
function matching(dataset, conditions) {
  const tests = conditions.map(([name, how, value]) => {
    const measure = dataset.measures[name];
    if (measure) return (row) => measure[row] === value;
    const dimension = dataset.dimensions[name];
    if (!dimension) return () => false;
    const fits = dimension.values.map((each) => (how === "=" ? each === value : how === ">=" ? each >= value : each <= value));
    return (row) => dimension.codes[row] >= 0 && fits[dimension.codes[row]];
  });
  const rows = [];
  for (let row = 0; row < dataset.rows; row++) if (tests.every((test) => test(row))) rows.push(row);
  return rows;
}

function rowsOf(panel) {
  const dataset = board.datasets[panel.dataset];
  const keys = panel.by.map((name) => dataset.dimensions[name]);
  if (!dataset.rows || keys.includes(undefined)) return [];
  const groups = new Map();
  for (const row of matching(dataset, conditionsOf(panel))) {
    const key = keys.map((dimension) => dimension.codes[row]).join(",");
    let group = groups.get(key);
    if (!group) {
      group = {};
      panel.by.forEach((name, place) => { group[name] = keys[place].codes[row] < 0 ? null : keys[place].values[keys[place].codes[row]]; });
      panel.sum.forEach((name) => { group[name] = null; });
      groups.set(key, group);
    }
    for (const name of panel.sum) {
      const value = dataset.measures[name] ? dataset.measures[name][row] : null;
      if (value === null) continue;
      if (name === "is_mature") group[name] = group[name] === null ? value : Math.min(group[name], value);
      else group[name] = (group[name] || 0) + value;
    }
  }
  let rows = [...groups.values()];
  for (const row of rows) {
    for (const [name, [above, below, unit, known]] of Object.entries(panel.ratio)) {
      row[name] = row[above] === null || !row[below] || (known && !row[above]) ? null : (unit === "points" ? 100 : 1) * row[above] / row[below];
    }
    if (panel.bounds) Object.assign(row, boundsOf(panel.bounds, row));
  }
  if (panel.positive) rows = rows.filter((row) => row[panel.positive] > 0);
  rows.sort((one, other) => compareKeys(panel.by, one, other));
  if (panel.top) {
    rows.sort((one, other) => (other[panel.top.by] ?? -Infinity) - (one[panel.top.by] ?? -Infinity));
    rows = rows.slice(0, panel.top.rows);
  }
  return rows;
}

function compareKeys(by, one, other) {
  for (const name of by) {
    if (one[name] === other[name]) continue;
    if (STAGE_COLUMNS.has(name)) return stagePlace(one[name]) - stagePlace(other[name]);
    if (one[name] === null) return 1;
    if (other[name] === null) return -1;
    if (rank(one[name]) !== rank(other[name])) return rank(one[name]) - rank(other[name]);
    if (/^\d+\+?$/.test(one[name]) && /^\d+\+?$/.test(other[name])) return parseInt(one[name]) - parseInt(other[name]);
    return one[name] < other[name] ? -1 : 1;
  }
  return 0;
}

function stagePlace(stage) {
  const place = STAGES.indexOf(stage);
  return place < 0 ? STAGES.length : place;
}

const Z = 1.959963984540054;

/* The 95 % intervals that the marts have (macros/metrics), of sums. */
function boundsOf(bounds, row) {
  if (bounds.wilson) {
    const [hits, trials] = bounds.wilson.map((name) => row[name]);
    if (!trials) return { low: null, high: null };
    const lower = (successes) => successes === 0 ? 0
      : (successes + Z * Z / 2 - Math.sqrt(Z * Z * (Z * Z / 4 + successes * (trials - successes) / trials))) / (trials + Z * Z);
    return { low: lower(hits || 0), high: 1 - lower(trials - (hits || 0)) };
  }
  if (bounds.nps) {
    const [gained, lost, count] = bounds.nps.map((name) => row[name]);
    if (!count) return { low: null, high: null };
    const net = gained - lost;
    const reach = Z * Math.sqrt(gained + lost + 1.5 - net * net / (count + 3));
    return { low: 100 * Math.max(Math.min((net - reach) / (count + 3), net / count), -1),
      high: 100 * Math.min(Math.max((net + reach) / (count + 3), net / count), 1) };
  }
  const [middle, variance] = bounds.normal.map((name) => row[name]);
  if (middle === null || variance === null) return { low: null, high: null };
  const reach = Z * Math.sqrt(variance);
  return { low: Math.max(0, middle - reach), high: middle + reach };
}

function boundsSql(bounds) {
  if (bounds.wilson) {
    const [hits, trials] = bounds.wilson.map((name) => `sum(${name})`);
    const lower = (successes) => `case when ${trials} > 0 and ${successes} = 0 then 0 when ${trials} > 0 then (${successes} + ${Z * Z} / 2 ` +
      `- sqrt(${Z * Z} * (${Z * Z} / 4 + ${successes}::double * (${trials} - ${successes}) / ${trials}))) / (${trials} + ${Z * Z}) end`;
    return [lower(hits) + " as low", `1 - (${lower(`(${trials} - ${hits})`)}) as high`];
  }
  if (bounds.nps) {
    const [gained, lost, count] = bounds.nps.map((name) => `sum(${name})::double`);
    const net = `(${gained} - ${lost})`;
    const reach = `${Z} * sqrt(${gained} + ${lost} + 1.5 - ${net} * ${net} / (${count} + 3))`;
    return [`100 * greatest(least((${net} - ${reach}) / (${count} + 3), ${net} / nullif(${count}, 0)), -1) as low`,
      `100 * least(greatest((${net} + ${reach}) / (${count} + 3), ${net} / nullif(${count}, 0)), 1) as high`];
  }
  const [middle, variance] = bounds.normal;
  return [`case when sum(${variance}) is not null then greatest(0, sum(${middle}) - ${Z} * sqrt(sum(${variance}))) end as low`,
    `sum(${middle}) + ${Z} * sqrt(sum(${variance})) as high`];
}

/* The columns of a panel's rows, in order. */
function columnsOf(panel) {
  return [...panel.by, ...panel.sum, ...Object.keys(panel.ratio), ...(panel.bounds ? ["low", "high"] : [])];
}

function quoted(value) {
  return typeof value === "number" ? String(value) : "'" + String(value).replace(/'/g, "''") + "'";
}

function sqlOf(panel) {
  const dataset = board.datasets[panel.dataset];
  const measures = panel.sum.map((name) => (name === "is_mature" ? "bool_and(is_mature) as is_mature" : `sum(${name}) as ${name}`));
  const ratios = Object.entries(panel.ratio).map(([name, [above, below, unit, known]]) =>
    `${unit === "points" ? "100 * " : ""}${known ? `nullif(sum(${above}), 0)` : `sum(${above})`}::double / nullif(sum(${below}), 0) as ${name}`);
  const selected = [...panel.by, ...measures, ...ratios, ...(panel.bounds ? boundsSql(panel.bounds) : [])];
  const conditions = conditionsOf(panel).map(([name, how, value]) =>
    name in dataset.measures ? name : name === "month" ? `month ${how} date ${quoted(value)}` : `${name} ${how} ${quoted(value)}`);
  const lines = ["with data as (", dataset.query.replace(/^/gm, "    "), ")", "select", "    " + selected.join(",\n    "), "from data"];
  if (conditions.length) lines.push("where " + conditions.join("\n    and "));
  lines.push(`group by ${panel.by.join(", ")}`);
  if (panel.positive) lines.push(`having sum(${panel.positive}) > 0`);
  lines.push(panel.top ? `order by ${panel.top.by} desc nulls last, ${panel.by.join(", ")} limit ${panel.top.rows}` : `order by ${panel.by.join(", ")}`);
  return lines.join("\n");
}

function csvOf(panel, rows) {
  const columns = columnsOf(panel);
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    let text = String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text; // a spreadsheet would compute it
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  return [columns.join(","), ...rows.map((row) => columns.map((name) => cell(row[name])).join(","))].join("\r\n") + "\r\n";
}
