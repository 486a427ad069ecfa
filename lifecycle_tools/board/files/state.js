"use strict";
/* The view: page, filters, choices, language and theme. All of it is in the address, so that a view can be sent to another reader. */

const FILTERS = ["brand", "channel", "country", "segment"];
let board = null;
let view = null;

async function readBoard() {
  const packed = document.getElementById("data").textContent;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  board = JSON.parse(await new Response(stream).text());
  for (const name of Object.keys(board.datasets)) board.datasets[name].name = name;
}

/* Every value of a filter, over all datasets that have it. */
function filterValues(name) {
  const values = new Set();
  for (const dataset of Object.values(board.datasets)) {
    if (dataset.dimensions[name]) dataset.dimensions[name].values.forEach((value) => values.add(value));
  }
  return [...values].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

function rank(value) {
  return value === "(other)" ? 2 : value === "unknown" ? 1 : 0;
}

function allMonths() {
  const last = board.meta.as_of_date.slice(0, 8) + "01";
  return filterValues("month").filter((month) => month <= last && month >= (board.meta.first_month || ""));
}

/* The months that a new reader sees: the last 24, or all if there are fewer. */
function startView() {
  const months = allMonths();
  return { page: board.pages[0], from: months[Math.max(0, months.length - 24)] || "", to: months[months.length - 1] || "",
    brand: "", channel: "", country: "", segment: "", currency: "", lang: startLanguage(), theme: "", choices: {} };
}

function startLanguage() {
  return (navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en";
}

function readAddress() {
  const start = startView();
  const [page, query] = decodeHash().split("?");
  const said = new URLSearchParams(query || "");
  const read = { ...start, choices: {} };
  if (board.pages.includes(page)) read.page = page;
  const months = allMonths();
  for (const name of ["from", "to"]) {
    const month = said.get(name) + "-01";
    if (months.includes(month)) read[name] = month;
  }
  if (read.from > read.to) read.from = read.to;
  for (const name of FILTERS) if (filterValues(name).includes(said.get(name))) read[name] = said.get(name);
  if (currencies().includes(said.get("currency"))) read.currency = said.get("currency");
  if (["en", "fr"].includes(said.get("lang"))) read.lang = said.get("lang");
  if (["light", "dark"].includes(said.get("theme"))) read.theme = said.get("theme");
  for (const [name, value] of said) if (name.startsWith("choose.")) read.choices[name.slice(7)] = value;
  return read;
}

function decodeHash() {
  return location.hash.replace(/^#/, "");
}

function addressOf(changes) {
  const wanted = { ...view, ...changes };
  const start = startView();
  const said = new URLSearchParams();
  for (const name of ["from", "to"]) if (wanted[name] !== start[name]) said.set(name, wanted[name].slice(0, 7));
  for (const name of [...FILTERS, "currency", "theme"]) if (wanted[name]) said.set(name, wanted[name]);
  said.set("lang", wanted.lang);
  for (const [name, value] of Object.entries(wanted.choices)) said.set("choose." + name, value);
  return "#" + wanted.page + "?" + said.toString();
}

function go(changes) {
  const address = addressOf(changes);
  if (location.hash === address) draw();
  else location.hash = address;
}

/* Amounts of two currencies are never added: with several in the data the reader sees one at a time. */
function currencies() {
  const found = new Set();
  for (const dataset of Object.values(board.datasets)) {
    const dimension = dataset.name !== "rejected_money" && dataset.dimensions.currency;
    if (dimension) dimension.values.forEach((value) => found.add(value));
  }
  return [...found].sort();
}

function currencyOf() {
  if (view.currency) return view.currency;
  const known = currencies();
  const main = board.meta.reporting_currency || "EUR";
  return known.length && !known.includes(main) ? known[0] : main;
}

function choiceOf(panel) {
  const chosen = view.choices[panel.id];
  const options = optionsOf(panel);
  if (options.includes(chosen)) return chosen;
  return options.includes(panel.choose.default) ? panel.choose.default : options[0];
}

function optionsOf(panel) {
  const choose = panel.choose;
  if (choose.dimension) return choose.dimension;
  if (choose.measure) return choose.measure;
  const dimension = board.datasets[panel.dataset].dimensions[choose.value];
  if (!dimension) return [];
  const values = [...dimension.values];
  if (choose.value === "stage") values.sort((one, other) => STAGES.indexOf(one) - STAGES.indexOf(other));
  if (values.every((value) => /^\d+$/.test(value))) values.sort((one, other) => one - other);
  return values;
}
