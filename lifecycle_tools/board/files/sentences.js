"use strict";
/* The sentence on top of each page: what happened, computed from the same rows as the panels. A part whose numbers are wanting is left out. */

function rowsOfId(id, changes = {}) {
  const panel = board.panels.find((each) => each.id === id);
  return rowsOf(settle({ ...panel, ...changes }));
}

function panelOf(id) {
  return board.panels.find((each) => each.id === id);
}

/* The last month whose value is mature, and the one before it. */
function lastAndBefore(id) {
  const panel = panelOf(id);
  const value = panel.chart.value;
  const rows = rowsOfId(id).filter((row) => row[value] !== null);
  let place = rows.length - 1;
  while (place > 0 && rows[place].is_mature === 0) place--;
  return { last: rows[place], before: rows[place - 1], value: rows[place] ? rows[place][value] : null, previous: rows[place - 1] ? rows[place - 1][value] : null, rows };
}

function total(rows, name) {
  const values = rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined);
  return values.length ? values.reduce((sum, value) => sum + value, 0) : null;
}

function largest(rows, name) {
  return rows.filter((row) => row[name] !== null).reduce((most, row) => (!most || row[name] > most[name] ? row : most), null);
}

function quotient(above, below) {
  return above === null || !below ? null : above / below;
}

function clause(key, values) {
  if (Object.values(values).some((value) => value === null || value === undefined)) return "";
  const single = values.n === "1" && hasWord(`sentence.${key}.one`);
  return word("sentence." + key + (single ? ".one" : ""), values);
}

const count = (value) => (value === null || value === undefined ? null : numberWord(value, "count"));
const money = (value) => (value === null || value === undefined ? null : numberWord(value, "amount"));
const percent = (value) => (value === null || value === undefined ? null : numberWord(value, "rate"));
const rowMonth = (row) => (row ? monthWord(row.month, "long") : null);

const SENTENCES = {
  overview() {
    const active = lastAndBefore("tile_active"), won = lastAndBefore("tile_new_customers"), revenue = lastAndBefore("tile_revenue"), churn = lastAndBefore("tile_churn_rate");
    const change = active.before ? active.value - active.previous : null;
    return [clause("overview_active", { month: rowMonth(active.last), n: count(active.value), change: change === null ? null : signed(change, "count") }),
      clause("overview_new", { n: count(won.value), amount: money(revenue.value) }),
      clause("overview_churn", { share: percent(churn.value), n: churn.last ? count(churn.last.active_at_start_count) : null })];
  },
  journey() {
    const rows = rowsOfId("reached"), first = largest(rows, "customer_count"), bought = rows.find((row) => row.stage === "conversion");
    const leaks = rowsOfId("leaks").filter((row) => row.advanced_rate !== null && ["discovery", "engagement", "conversion", "retention", "loyalty"].includes(row.stage));
    const worst = leaks.reduce((least, row) => (!least || row.advanced_rate < least.advanced_rate ? row : least), null);
    return [clause("journey_bought", { n: first ? count(first.customer_count) : null, k: bought ? count(bought.reached_count) : null, share: bought ? percent(bought.reached_rate) : null }),
      clause("journey_leak", { stage: worst ? valueWord("stage", worst.stage) : null, share: worst ? percent(1 - worst.advanced_rate) : null, n: worst ? count(worst.eligible_count) : null })];
  },
  retention() {
    const kept = lastAndBefore("tile_retention_rate"), back = lastAndBefore("tile_reactivation"), risk = lastAndBefore("tile_at_risk");
    return [clause("retention_kept", { month: rowMonth(kept.last), share: percent(kept.value), n: kept.last ? count(kept.last.active_at_start_count) : null }),
      clause("retention_back", { n: back.last ? count(back.last.won_back_count) : null }), clause("retention_risk", { n: count(risk.value) })];
  },
  acquisition() {
    const rows = rowsOfId("channels"), spend = total(rows, "spend_amount"), won = total(rows, "new_customer_count");
    const best = largest(rows.filter((row) => row.channel !== null && rank(row.channel) === 0 && row.channel !== "unattributed"), "new_customer_count");
    const returns = largest(rowsOfId("ltv_to_cac").filter((row) => rank(row.channel || "unknown") === 0), "ltv_to_cac");
    const months = panelOf("ltv_to_cac") ? choiceOf(panelOf("ltv_to_cac")) : null;
    return [spend ? "" : clause("acquisition_unpaid", { n: count(won) }), clause("acquisition_spend", { amount: money(spend), n: count(won), cost: money(quotient(spend || null, won)) }),
      clause("acquisition_best", { channel: best ? valueWord("channel", best.channel) : null, n: best ? count(best.new_customer_count) : null }),
      clause("acquisition_returns", { channel: returns ? valueWord("channel", returns.channel) : null, ratio: returns ? numberWord(returns.ltv_to_cac, "number") : null, months: months ?? null })];
  },
  value() {
    const rows = rowsOfId("value_by"), share = lastAndBefore("tile_concentration");
    const future = rowsOfId("forecast"), middle = total(future, "predicted_clv_365d_amount"), variance = total(future, "variance");
    const bounds = middle === null || variance === null ? { low: null, high: null } : boundsOf({ normal: ["middle", "variance"] }, { middle, variance });
    return [clause("value_brought", { n: count(total(rows, "customer_count")), amount: money(total(rows, "net_revenue_amount")) }), clause("value_share", { share: percent(share.value) }),
      clause("value_future", { n: count(total(future, "predicted_customer_count")), amount: money(middle), low: money(bounds.low), high: money(bounds.high) })];
  },
  advocacy() {
    const rows = rowsOfId("programs"), rate = quotient(total(rows, "converted_within_90d_count"), total(rows, "eligible_count"));
    const advocates = lastAndBefore("tile_advocates"), affiliates = rowsOfId("affiliates", { top: null });
    return [clause("advocacy_invites", { n: count(total(rows, "invite_count")), k: count(total(rows, "converted_count")), share: percent(rate), of: count(total(rows, "eligible_count")) }),
      clause("advocacy_advocates", { n: count(advocates.value), month: rowMonth(advocates.last) }), clause("advocacy_affiliates", { amount: money(total(affiliates, "net_revenue_amount")) })];
  },
  experience() {
    const nps = rowsOfId("nps_over_time").filter((row) => row.nps !== null).pop() || {}, carts = rowsOfId("carts_by_step"), tickets = rowsOfId("tickets");
    const points = (value) => (value === undefined ? null : numberWord(value, "points"));
    return [clause("experience_nps", { month: nps.month ? rowMonth(nps) : null, nps: points(nps.nps), low: points(nps.low), high: points(nps.high), n: count(nps.respondent_count ?? null) }),
      clause("experience_carts", { share: percent(quotient(total(carts, "abandoned_count"), total(carts, "cart_count"))), n: count(total(carts, "cart_count")) }),
      clause("experience_tickets", { n: count(total(tickets, "ticket_count")) })];
  },
  actions() {
    const rows = rowsOfId("audiences"), most = largest(rows, "customer_count");
    return [clause("actions_people", { n: count(total(rows, "first_count")), k: count(rows.length || null) }),
      clause("actions_largest", { list: most ? valueWord("audience", most.audience) : null, n: most ? count(most.customer_count) : null })];
  },
  whatif() {
    if (!isCompared()) return [word(board.whatif ? "sentence.whatif_unreadable" : "sentence.whatif_none")];
    const rows = matching(board.datasets.whatif_moves, conditionsOf(settle(panelOf("whatif_matrix"))));
    const sum = (name) => rows.reduce((all, row) => all + board.datasets.whatif_moves.measures[name][row], 0);
    const moves = rowsOfId("whatif_who", { by: ["stage", "new_stage"], top: null }), most = largest(moves, "customer_count");
    const moved = total(moves, "customer_count") || 0, all = sum("customer_count"), before = sum("at_risk_count"), after = sum("new_at_risk_count");
    const metrics = rowsOfId("whatif_metrics"), changed = metrics.filter((row) => row.relative_size > 0);
    const names = (list) => String(new Set(list.map((row) => row.metric_id)).size);
    const values = { file: board.whatif.thresholds_file, day: dayWord(board.whatif.as_of_date), n: count(moved), total: count(all), share: percent(quotient(moved, all)) };
    return [clause(moved ? "whatif_moved" : "whatif_none_moves", values),
      clause("whatif_most", { from: most ? valueWord("stage", most.stage) : null, to: most ? valueWord("stage", most.new_stage) : null, n: most ? count(most.customer_count) : null }),
      before === after ? "" : clause("whatif_risk", { before: count(before), after: count(after) }),
      metrics.length ? clause("whatif_metrics", { n: names(changed), total: names(metrics) }) : ""];
  },
  health() {
    const rows = rowsOfId("raw_rows"), of = (outcome) => total(rows.filter((row) => row.outcome === outcome), "row_count") || 0;
    const read = total(rows, "row_count");
    return [clause("health_rows", { n: count(read), rejected: count(of("rejected")), share: percent(quotient(of("rejected"), read)), held: count(of("held_back")) }),
      clause("health_tests", { tests: count(board.meta.tests_passed ?? null), gates: count(board.meta.gates_passed ?? null), warnings: count(board.meta.warning_count ?? null) })];
  },
};

function signed(value, unit) {
  return (value > 0 ? "+" : value < 0 ? "−" : "±") + numberWord(Math.abs(value), unit);
}

function sentenceOf(page) {
  return SENTENCES[page]().filter(Boolean).join(" ") || word("sentence.nothing");
}
