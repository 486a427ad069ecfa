"use strict";
/* Texts, numbers and dates in the language of the reader. Nothing here or elsewhere makes HTML of a value. */

const PRETTY = new Set(["stage", "from_stage", "to_stage", "new_stage", "model", "churn_reason", "rejection_reason", "reason", "audience", "rfm_segment",
  "channel", "touch_type", "category", "row_kind", "move", "outcome", "platform", "status", "last_step", "plan", "cause", "published_stage", "restated_stage",
  "attribute", "referred", "source", "segment", "threshold_segment", "touchpoint", "attribute_value", "program"]);
const STAGES = ["discovery", "engagement", "conversion", "retention", "loyalty", "advocacy", "reactivated", "dormant", "churned"];
const STAGE_COLUMNS = new Set(["stage", "from_stage", "to_stage", "published_stage", "restated_stage", "new_stage"]);

function word(key, values = {}) {
  const entry = board.words[key];
  const text = entry ? entry[view.lang] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

function hasWord(key) {
  return key in board.words;
}

function spaced(text) {
  const words = text.replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/* What a column is called. */
function columnWord(name) {
  const kept = name.startsWith("$") ? name.slice(1) : name;
  return hasWord("column." + kept) ? word("column." + kept) : spaced(kept);
}

/* What a value of a dimension is called; names that businesses give (campaigns, affiliates, brands) stay as they are. */
function valueWord(dimension, value) {
  if (value === null || value === undefined || value === "none") return word("none");
  if (value === "(other)") return word("other");
  if (value === "unknown") return word("value.unknown");
  if (dimension === "month") return monthWord(value);
  if (dimension === "loaded_on") return dayWord(value);
  if (dimension === "metric_id") return metricOf(value) ? metricOf(value)["name_" + view.lang] : value;
  if (dimension === "country" && /^[A-Z]{2}$/.test(value)) {
    try { return new Intl.DisplayNames([view.lang], { type: "region" }).of(value); } catch { return value; }
  }
  if (dimension === "attribute" && hasWord("column." + value) && !hasWord("value." + value)) return word("column." + value);
  if (dimension === "threshold") return hasWord("threshold." + value) ? word("threshold." + value) : spaced(value);
  if (dimension === "path") return value.split(" > ").map((each) => valueWord("stage", each)).join(" › ");
  if (!PRETTY.has(dimension)) return value;
  if (hasWord("value." + value)) return word("value." + value);
  return /^[a-z0-9_]+$/.test(value) ? spaced(value) : value;
}

function metricOf(id) {
  return board.catalogue.find((metric) => metric.metric_id === id);
}

function monthWord(month, style = "short") {
  if (!month) return word("none");
  return new Intl.DateTimeFormat(view.lang, { year: "numeric", month: style, timeZone: "UTC" }).format(new Date(month));
}

function dayWord(day) {
  return new Intl.DateTimeFormat(view.lang, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));
}

/* What sorts rows or gives intervals, and means nothing to a reader. */
const HIDDEN = new Set(["variance", "relative_size"]);

/* A number of a row as a cell of a table or a tip has it; a metric has its own unit, a change a sign. */
function cellWord(name, row, panel) {
  const metric = row.metric_id && METRIC_VALUES.has(name) ? metricOf(row.metric_id) : null;
  const unit = metric ? metric.unit : unitOf(name, panel);
  if (name !== "difference" || row[name] === null) return numberWord(row[name], unit);
  return unit === "rate" ? word("points", { n: signed(Math.round(10000 * row[name]) / 100, "number") }) : signed(row[name], unit);
}

const METRIC_VALUES = new Set(["metric_value", "target_value", "published_value", "whatif_value", "difference"]);

function unitOf(name, panel) {
  const ratio = panel && panel.ratio && panel.ratio[name];
  if (ratio) return ratio[2];
  if (panel && panel.choose && METRIC_VALUES.has(name)) {
    const metric = metricOf(choiceOf(panel));
    return metric ? metric.unit : "number";
  }
  if (name === "low" || name === "high") return panel.bounds ? unitOf(panel.chart.y, panel) : "number";
  if (name.startsWith("lift")) return "number";
  if (name.endsWith("amount")) return name === "amount" ? "plain_amount" : "amount";
  if (name.endsWith("_rate") || name.endsWith("_share")) return "rate";
  return "count";
}

function numberWord(value, unit, options = {}) {
  if (value === null || value === undefined) return word("no_value");
  const from = options.compact === true ? 10000 : options.compact; // larger numbers are shortened: 12.3K
  const compact = from && Math.abs(value) >= from ? { notation: "compact", maximumFractionDigits: 1 } : {};
  const format = (style) => new Intl.NumberFormat(view.lang, { ...style, ...compact }).format(value);
  if (unit === "rate") return format({ style: "percent", maximumFractionDigits: options.compact ? 0 : 1 });
  if (unit === "amount") {
    const digits = Math.abs(value) >= 1000 || options.compact ? 0 : 2;
    return format({ style: "currency", currency: currencyOf(), minimumFractionDigits: digits, maximumFractionDigits: digits });
  }
  if (unit === "plain_amount") return format({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  if (unit === "points") return format({ maximumFractionDigits: 1 });
  if (unit === "number") return format({ maximumFractionDigits: Math.abs(value) < 1 ? 3 : 2 });
  return format({ maximumFractionDigits: Number.isInteger(value) ? 0 : 1 });
}
