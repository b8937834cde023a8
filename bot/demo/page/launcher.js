// The launcher: one tab per person and place. Each tab keeps its page alive once it has been opened.
const LOOK_EVERY = 500;
const PATIENCE = 4;

const element = (id) => document.getElementById(id);
const tabs = element("tabs");
const panels = element("panels");
const notice = element("notice");
const narrow = matchMedia("(max-width: 760px)");

const places = new Map();
let selected = "";
let told = null;
let missed = 0;

function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function select(key, { focus = false } = {}) {
  if (!places.has(key)) return;
  selected = key;
  for (const [other, place] of places) {
    const chosen = other === key;
    place.tab.setAttribute("aria-selected", String(chosen));
    place.tab.tabIndex = chosen ? 0 : -1;
    place.panel.classList.toggle("shown", chosen);
    place.panel.inert = !chosen;
  }
  const { tab } = places.get(key);
  show(places.get(key));
  if (focus) tab.focus();
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  history.replaceState(null, "", `#${key}`);
}

function found(place) {
  const letter = make("span", { class: "face", "aria-hidden": "true" }, place.label.slice(0, 1));
  const name = make("span", { class: "name" }, place.label);
  const news = make("span", { class: "news" });
  const tab = make("button", { type: "button", role: "tab", id: `tab-${place.key}`, "aria-controls": `panel-${place.key}`, "aria-selected": "false" }, letter, name, news);
  const panel = make("section", { role: "tabpanel", id: `panel-${place.key}`, "aria-labelledby": `tab-${place.key}` });
  const choice = make("select", { id: `posts-${place.key}` });
  const empty = make("p", { class: "empty" }, document.body.dataset.empty);
  tab.tabIndex = -1;
  tab.addEventListener("click", () => select(place.key));
  const known = { key: place.key, label: place.label, tab, news, panel, choice, empty, rooms: place.rooms, chosen: "", frames: new Map() };
  if (place.forum) {
    panel.append(make("div", { class: "posts" }, make("label", { for: choice.id }, document.body.dataset.posts), choice), empty);
    choice.addEventListener("change", () => { known.chosen = choice.value; show(known); });
  }
  tabs.append(tab);
  panels.append(panel);
  places.set(place.key, known);
  return known;
}

/** Shows the chosen room of an opened tab, loading its page the first time and again if it was ended. */
function show(place) {
  const room = place.rooms.find((each) => each.key === place.chosen) || place.rooms[0];
  place.empty.hidden = Boolean(room);
  place.choice.parentElement?.toggleAttribute("hidden", !room);
  if (!room) return;
  for (const [key, frame] of place.frames) frame.classList.toggle("shown", key === room.key);
  const frame = place.frames.get(room.key);
  if (!frame) {
    const made = make("iframe", { src: `/place#${room.key}`, title: place.rooms.length > 1 ? `${place.label}: ${room.name}` : place.label, class: "shown" });
    made.dataset.opening = String(Math.max(1, room.opening));
    place.frames.set(room.key, made);
    place.panel.append(made);
  } else if (room.opening > Number(frame.dataset.opening)) {
    frame.dataset.opening = String(room.opening);
    frame.contentWindow.location.reload();
  }
}

function list(place, rooms) {
  if (rooms.map((room) => room.key).join() !== place.rooms.map((room) => room.key).join() || !place.choice.options.length) {
    place.choice.replaceChildren(...rooms.map((room) => make("option", { value: room.key }, room.name)));
    if (rooms.some((room) => room.key === place.chosen)) place.choice.value = place.chosen;
  }
  place.rooms = rooms;
}

function tell(words) {
  if (notice.textContent !== words) notice.textContent = words;
}

function draw(state) {
  element("day").textContent = state.day;
  element("time").textContent = state.time;
  element("running").hidden = !state.busy;
  for (const button of document.querySelectorAll("[data-ask]")) button.setAttribute("aria-disabled", String(Boolean(state.busy)));
  if (state.busy) tell(state.busy);
  else if (told === null || state.notices !== told) tell(state.notice);
  told = state.busy ? -1 : state.notices;

  for (const place of state.places) {
    const known = places.get(place.key) || found(place);
    list(known, place.rooms);
    if (known.news.textContent !== place.news) known.news.textContent = place.news;
    if (known.frames.size) show(known);
  }
  element("loading").hidden = places.size > 0;
  if (!selected && places.size) {
    const wanted = decodeURIComponent(location.hash.slice(1));
    select(places.has(wanted) ? wanted : places.keys().next().value);
  }
}

async function look() {
  try {
    const response = await fetch(`/demo/state?open=${encodeURIComponent(document.hidden ? "" : selected)}`, { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    draw(await response.json());
    missed = 0;
  } catch {
    missed += 1;
    if (missed >= PATIENCE) tell(document.body.dataset.gone);
  }
  setTimeout(look, missed >= PATIENCE ? LOOK_EVERY * 10 : LOOK_EVERY);
}

tabs.addEventListener("keydown", (event) => {
  const keys = [...places.keys()];
  const at = keys.indexOf(selected);
  const last = keys.length - 1;
  const to = { ArrowDown: at === last ? 0 : at + 1, ArrowRight: at === last ? 0 : at + 1, ArrowUp: at ? at - 1 : last, ArrowLeft: at ? at - 1 : last, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  select(keys[to], { focus: true });
});

for (const button of document.querySelectorAll("[data-ask]")) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    for (const each of document.querySelectorAll("[data-ask]")) each.setAttribute("aria-disabled", "true");
    await fetch(`/demo/${button.dataset.ask}`, { method: "POST" }).catch(() => {});
  });
}

function fit() {
  tabs.setAttribute("aria-orientation", narrow.matches ? "horizontal" : "vertical");
  if (narrow.matches) element("first").open = false;
}
narrow.addEventListener("change", fit);
fit();
look();
