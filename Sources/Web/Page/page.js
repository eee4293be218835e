"use strict";
// Shows what /api/v1 tells, and goes on with its events. Whatever came from the wire becomes text, never markup: every node is
// made here, and the policy of the page refuses all else.

const LEVELS = ["critical", "high", "medium", "low", "info"];
const SPANS = [[6, "6 h"], [24, "24 h"], [168, "7 days"], [720, "30 days"]];
const SHOWN_ALERTS = 100;

// With ?still the page is a picture, the latest alert opened: for printing and for tests.
const isStill = new URLSearchParams(location.search).has("still");

const $ = (id) => document.getElementById(id);

function make(name, text, ...classes) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (classes.length > 0) node.classList.add(...classes);
  return node;
}

function draw(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

async function ask(path) {
  const response = await fetch("/api/v1/" + path);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function trouble(sentence) {
  $("trouble").hidden = !sentence;
  $("trouble").textContent = sentence || "";
}

// Three or four digits and the unit, as the command line has it.
function hashrate(terahashes) {
  if (terahashes === undefined) return "unknown";
  const units = [[1e6, "EH/s"], [1e3, "PH/s"], [1, "TH/s"], [1e-3, "GH/s"], [1e-6, "MH/s"]];
  const [scale, unit] = units.find(([scale]) => terahashes >= scale * 0.9995) || units[terahashes === 0 ? 2 : 4];
  const number = terahashes / scale;
  return number.toFixed(number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2) + " " + unit;
}

const clock = (time) => new Date(time).toLocaleString([], { dateStyle: "short", timeStyle: "medium" });
const count = (number) => number.toLocaleString();

// EVE writes +0000 where JavaScript wants +00:00.
const moment = (stamp) => new Date(stamp.replace(/\+0000$/, "Z"));

function fill(id, rows) {
  $(id).querySelector("tbody").replaceChildren(...rows);
  $(id).hidden = rows.length === 0;
  $(id).parentElement.querySelector(".none").hidden = rows.length > 0;
}

function row(...cells) {
  const node = make("tr");
  node.append(...cells);
  return node;
}

async function showStatus() {
  const status = await ask("status");
  document.title = (status.site ? status.site + " · " : "") + "Minewatch";
  $("site").textContent = status.site || "Minewatch";
  $("state").textContent = status.state;
  $("state").className = "badge " + status.state.split(" ")[0];
  if (status.heard) {
    const lost = status.packets + status.dropped > 0 ? (status.dropped / (status.packets + status.dropped)) * 100 : 0;
    const interfaces = Object.entries(status.interfaces).map(([name, state]) => name + " " + state).join(", ");
    $("sensor").textContent =
      [interfaces, count(status.packets) + " packets", lost.toFixed(3) + " % lost", count(status.miners) + " miners seen",
        count(status.sessions) + " mining sessions", "last heard of " + clock(moment(status.heard))].filter(Boolean).join(" · ");
  }
  const rate = status.hashrate;
  $("rate").textContent = rate ? hashrate(rate.ths) : "none yet";
  $("error").textContent =
    rate && rate.low_ths !== undefined ? "between " + hashrate(rate.low_ths) + " and " + hashrate(rate.high_ths) + ", over " + rate.minutes + " minutes" : "";
  const pools = (status.pools || []).map((pool) => ({ ...pool, ths: pool.hashrate.ths }));
  pools.sort((left, right) => (right.ths || 0) - (left.ths || 0));
  const whole = pools.reduce((sum, pool) => sum + (pool.ths || 0), 0);
  fill("pools", pools.map((pool) => row(
    make("th", pool.name),
    make("td", hashrate(pool.ths), "number"),
    make("td", whole > 0 ? (((pool.ths || 0) / whole) * 100).toFixed(1) + " %" : "", "number"),
    make("td", count(pool.workers) + (pool.unreadable ? " (" + count(pool.unreadable) + " encrypted)" : ""), "number"))));
}

let span = 24;

async function showCurve() {
  const curve = await ask("hashrate?hours=" + span);
  const points = curve.points.filter((point) => point.ths !== undefined);
  const [width, height] = [800, 220];
  const top = Math.max(...points.map((point) => Math.min(point.high_ths ?? point.ths, 2 * point.ths)), 0) * 1.05 || 1;
  const x = (time) => (((time - curve.from) / (curve.until - curve.from)) * width).toFixed(1);
  const y = (ths) => (height - (Math.min(ths, top) / top) * height).toFixed(1);
  const parts = [0.25, 0.5, 0.75].map((part) => draw("line", { class: "grid", x1: 0, x2: width, y1: height * part, y2: height * part }));
  // Where nothing was watched, the line has a gap.
  for (const piece of pieces(points, curve.minutes * 60)) {
    const upper = piece.map((point) => x(point.time) + "," + y(point.high_ths ?? point.ths));
    const lower = piece.map((point) => x(point.time) + "," + y(point.low_ths ?? point.ths)).reverse();
    parts.push(draw("polygon", { class: "band", points: upper.concat(lower).join(" ") }));
    parts.push(draw("polyline", { class: "rate", points: piece.map((point) => x(point.time) + "," + y(point.ths)).join(" ") }));
  }
  $("curve").replaceChildren(...parts);
  $("axis").replaceChildren(
    make("span", curve.until > 0 ? clock(curve.from * 1000) : ""), make("span", points.length ? "top " + hashrate(top) : "nothing watched yet"),
    make("span", curve.until > 0 ? clock(curve.until * 1000) : ""));
}

function pieces(points, seconds) {
  const pieces = [];
  points.forEach((point, index) => {
    if (index === 0 || point.time - points[index - 1].time > seconds * 1.5) pieces.push([]);
    pieces[pieces.length - 1].push(point);
  });
  return pieces;
}

async function showAttention() {
  const attention = await ask("attention");
  $("attention-count").hidden = attention.total === 0;
  $("attention-count").textContent = count(attention.total);
  fill("attention", attention.miners.map((miner) => row(
    make("th", [miner.name, miner.ip || miner.mac].filter(Boolean).join(" · ")),
    make("td", miner.reasons.map((reason) => reason.text).join("; ")),
    make("td", miner.pool || ""))));
}

const pages = new Map();

function explanation(list, title, texts) {
  if (!texts || texts.length === 0) return;
  list.append(make("dt", title), ...texts.map((text) => make("dd", text)));
}

// Fills an opened alert, once.
async function explain(alert, node) {
  if (node.children.length > 1) return;
  const body = make("div");
  node.append(body);
  const context = alert.event.alert?.context || {};
  const list = make("dl");
  explanation(list, "What happened", [context.message || alert.summary]);
  explanation(list, "What to do now", context.advice ? [context.advice] : []);
  body.append(list);
  if (!pages.has(alert.rule)) pages.set(alert.rule, ask("rules/" + encodeURIComponent(alert.rule)).catch(() => ({})));
  const page = await pages.get(alert.rule);
  explanation(list, "Why it matters", page.rationale ? [page.rationale] : []);
  explanation(list, "What else can cause it", page.other_causes);
  explanation(list, "MITRE ATT&CK", page.techniques);
  if (context.evidence) explanation(list, "Evidence", [context.evidence.file + " · SHA-256 " + context.evidence.sha256]);
  body.append(make("pre", JSON.stringify(alert.event, null, 1)));
}

function alertNode(alert) {
  const node = make("details");
  const summary = make("summary");
  const time = make("time", clock(alert.time));
  time.dateTime = alert.time;
  const who = [alert.name, alert.miner].filter(Boolean).join(" · ");
  summary.append(time, " ", make("span", alert.level, "badge", LEVELS.includes(alert.level) ? alert.level : "info"), " ",
    make("b", alert.title || alert.rule), who ? " · " + who : "", " ", make("span", alert.summary, "quiet"));
  node.append(summary);
  node.addEventListener("toggle", () => node.open && explain(alert, node));
  return node;
}

function addAlert(alert) {
  if (LEVELS.indexOf(alert.level) > LEVELS.indexOf($("level").value)) return;
  $("alerts").prepend(alertNode(alert));
  while ($("alerts").children.length > SHOWN_ALERTS) $("alerts").lastElementChild.remove();
  $("alerts").parentElement.querySelector(".none").hidden = true;
}

async function showAlerts() {
  const { alerts } = await ask("alerts?limit=" + SHOWN_ALERTS + "&level=" + $("level").value);
  $("alerts").replaceChildren(...alerts.reverse().map(alertNode));
  $("alerts").parentElement.querySelector(".none").hidden = alerts.length > 0;
  if (isStill && alerts.length > 0) {
    $("alerts").firstElementChild.open = true;
    await explain(alerts[0], $("alerts").firstElementChild);
  }
}

async function showAll(...shows) {
  try {
    await Promise.all(shows.map((show) => show()));
    trouble("");
  } catch (error) {
    trouble(error.message);
  }
}

function setUp() {
  for (const [hours, name] of SPANS) {
    const button = make("button", name);
    button.type = "button";
    button.setAttribute("aria-pressed", hours === span);
    button.addEventListener("click", () => {
      span = hours;
      for (const other of $("spans").children) other.setAttribute("aria-pressed", other === button);
      showAll(showCurve);
    });
    $("spans").append(button);
  }
  $("level").append(...LEVELS.map((level) => make("option", level)));
  $("level").value = "info";
  $("level").addEventListener("change", () => showAll(showAlerts));
}

function follow() {
  const events = new EventSource("/api/v1/events");
  events.addEventListener("alert", (event) => addAlert(JSON.parse(event.data)));
  events.addEventListener("minute", () => showAll(showStatus, showCurve, showAttention));
  events.addEventListener("trouble", (event) => trouble(JSON.parse(event.data).error));
  // A sensor that fell silent sends no events: the badge has to turn all the same.
  setInterval(() => showAll(showStatus), 60_000);
}

async function start() {
  setUp();
  if (!isStill) follow();
  await showAll(showStatus, showCurve, showAttention, showAlerts);
  document.documentElement.dataset.ready = "yes";
}

start();
