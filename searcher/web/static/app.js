// What scripts add to the pages: answers while one types, dates by dragging, keys. All of it also works without them,
// by forms and links; the server makes every piece of HTML, here it is only put in its place.

const INSTANT_MS = 60; // After a key: long enough to skip what is typed in one go.
const PAUSE_MS = 400; // Without a key: whoever pauses wants the whole answer.
const RETRIES = 3;

const $ = (id) => document.getElementById(id);
const form = $("ask"), field = $("q"), searching = location.pathname === "/";

// Asking: the newest question counts, whatever comes back first.

let asking = null, timers = [];

async function ask(search, { instant = false, tries = 0 } = {}) {
  asking?.abort();
  const mine = (asking = new AbortController());
  $("working").classList.add("on");
  try {
    const response = await fetch(`/results?${search}${instant ? "&instant=1" : ""}`, { signal: mine.signal });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (asking !== mine) return;
    if (fresh.getElementById("results")) show(fresh, instant);
    else await later(response, fresh, search, { instant, tries }, mine);
  } catch (error) {
    if (error.name !== "AbortError" && asking === mine)
      warn("The server does not answer. Is it still running? What stands here is the last answer.");
  } finally {
    if (asking === mine) $("working").classList.remove("on");
  }
}

function stop() {
  timers.forEach(clearTimeout);
  asking?.abort();
  asking = null;
}

async function later(response, fresh, search, how, mine) {
  const wait = Number(response.headers.get("retry-after"));
  if (!wait || how.tries >= RETRIES) return warn(fresh.querySelector(".nothing p")?.textContent ?? response.statusText);
  await new Promise((done) => setTimeout(done, wait * 1000));
  if (asking === mine) await ask(search, { ...how, tries: how.tries + 1 });
}

function warn(text) {
  const notice = Object.assign(document.createElement("div"), { className: "notice", id: "warning" });
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  $("warning")?.remove();
  $("results").querySelector(".found").after(notice);
  $("said").textContent = text;
}

function show(fresh, instant) {
  const focus = document.activeElement?.id, open = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
  for (const id of instant ? ["results"] : ["results", "narrow"]) {
    const before = $(id), now = fresh.getElementById(id);
    if (before && now) before.replaceWith(now);
    else if (now) $("answer").append(now);
    else before?.remove();
  }
  for (const id of open) if ($(id)?.tagName === "DETAILS") $(id).open = true;
  const results = $("results");
  document.title = results.dataset.title;
  if (!instant) {
    $("said").textContent = results.dataset.said;
    timeline();
  }
  if (focus && document.activeElement === document.body) $(focus)?.focus({ preventScroll: true });
}

// Where we are: all of it is in the URL. What is typed in one go is one step back.

let typing = false;

function search() {
  const filled = [...new FormData(form)].filter(([, value]) => value);
  return new URLSearchParams(filled).toString();
}

function remember(query, { replace = false } = {}) {
  const url = query ? `/?${query}` : "/";
  if (url === location.pathname + location.search) return;
  if (replace) return history.replaceState(null, "", url);
  history.replaceState({ scroll: scrollY }, "");
  history.pushState(null, "", url);
}

function whole(how) {
  stop();
  remember(search(), how);
  return ask(search());
}

async function visit(url) {
  const query = new URL(url).search.slice(1);
  stop();
  typing = false;
  remember(query);
  field.value = new URLSearchParams(query).get("q") ?? "";
  await ask(query);
  scrollTo(0, 0);
  $("found").focus({ preventScroll: true });
}

if (searching) {
  field.addEventListener("input", () => {
    stop();
    remember(search(), { replace: typing });
    typing = true;
    timers = [
      setTimeout(() => ask(search(), { instant: true }), INSTANT_MS),
      setTimeout(() => ask(search()), PAUSE_MS),
    ];
  });
  field.addEventListener("blur", () => (typing = false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await whole({ replace: typing });
    typing = false;
    $("found").focus({ preventScroll: true });
  });
  document.addEventListener("change", ({ target }) => {
    if (target.form !== form || target === field) return;
    typing = false;
    whole();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#answer a");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || link.origin !== location.origin || link.pathname !== "/") return;
    event.preventDefault();
    visit(link.href);
  });
  addEventListener("popstate", async ({ state }) => {
    typing = false;
    const query = location.search.slice(1);
    field.value = new URLSearchParams(query).get("q") ?? "";
    await ask(query);
    scrollTo(0, state?.scroll ?? 0);
  });
}

// Dates: a stretch is drawn with the pointer, or its ends are moved with the arrow keys.

function timeline() {
  const box = $("timeline");
  if (!box) return;
  const svg = box.querySelector("svg"), bars = [...svg.querySelectorAll("[data-since]")], end = bars.length - 1;
  const sides = box.nextElementSibling.children;
  const chosen = () => [bars.findIndex((bar) => bar.matches(".in")), bars.findLastIndex((bar) => bar.matches(".in"))];
  const handles = ["From", "To"].map((label) => {
    const handle = Object.assign(document.createElement("button"), { type: "button", className: "handle", id: `handle-${label}` });
    for (const [name, value] of Object.entries({ role: "slider", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": end }))
      handle.setAttribute(name, value);
    box.append(handle);
    return handle;
  });

  const paint = (first, last) => {
    bars.forEach((bar, n) => bar.classList.toggle("in", first <= n && n <= last));
    [first, last].forEach((n, side) => {
      handles[side].style.left = `${(100 * (n + side)) / bars.length}%`;
      handles[side].setAttribute("aria-valuenow", n);
      handles[side].setAttribute("aria-valuetext", bars[n].dataset.said);
      sides[side].textContent = bars[n].dataset.said;
    });
  };
  const choose = () => {
    const [first, last] = chosen();
    $("since").value = first > 0 ? bars[first].dataset.since : "";
    $("until").value = last < end ? bars[last].dataset.until : "";
    typing = false;
    whole();
  };
  const barAt = (event) => {
    const { left, width } = svg.getBoundingClientRect();
    return Math.min(end, Math.max(0, Math.floor(((event.clientX - left) / width) * bars.length)));
  };
  const drag = (event, fixed) => {
    if (event.button !== 0) return;
    event.preventDefault();
    stop();
    const before = chosen(), from = event.target, anchor = fixed ?? barAt(event);
    const move = (moved) => paint(Math.min(anchor, barAt(moved)), Math.max(anchor, barAt(moved)));
    const done = ({ type }) => {
      from.removeEventListener("pointermove", move);
      if (type === "pointercancel") paint(...before);
      else choose();
    };
    from.setPointerCapture(event.pointerId);
    from.addEventListener("pointermove", move);
    from.addEventListener("pointerup", done, { once: true });
    from.addEventListener("pointercancel", done, { once: true });
    move(event);
  };

  svg.addEventListener("pointerdown", (event) => drag(event));
  handles.forEach((handle, side) => {
    handle.addEventListener("pointerdown", (event) => drag(event, chosen()[1 - side]));
    handle.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -end, End: end };
      if (!(event.key in steps)) return;
      event.preventDefault();
      const ends = chosen();
      const [least, most] = side ? [ends[0], end] : [0, ends[1]];
      ends[side] = Math.min(most, Math.max(least, ends[side] + steps[event.key]));
      paint(...ends);
      stop();
      timers = [setTimeout(choose, PAUSE_MS)];
    });
  });
  if (box.dataset.since || box.dataset.until) paint(...chosen());
  else {
    const texts = [...sides].map((side) => side.textContent);
    paint(0, end);
    texts.forEach((text, side) => (sides[side].textContent = text));
  }
}

// Keys. Single ones can be switched off, for those whose voice or hand would press them by mistake.

const kept = {
  get: (name, where = "localStorage") => { try { return window[where].getItem(name); } catch { return null; } },
  set: (name, value, where = "localStorage") => { try { window[where].setItem(name, value); } catch { /* Not kept, then. */ } },
};

function step(by) {
  const links = [...document.querySelectorAll(".hit h2 a")];
  const here = links.findIndex((link) => link.closest(".hit").contains(document.activeElement));
  const link = links.at(here < 0 ? Math.min(0, by) : Math.min(links.length - 1, Math.max(0, here + by)));
  link?.focus();
  link?.closest(".hit").scrollIntoView({ block: "nearest" });
}

function leave(event) {
  const details = document.activeElement?.closest("details[open]");
  if (event.target === field) {
    event.preventDefault(); // The browser would empty the field.
    ($("found") ?? $("main")).focus();
  } else if (details) {
    details.open = false;
    details.querySelector("summary").focus();
  } else if ($("back")) $("back").click();
  else field.focus();
}

const keys = {
  "/": () => { field.focus(); field.select(); },
  j: () => step(1),
  k: () => step(-1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") return leave(event);
  const writes = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
  if (writes || !(event.key in keys) || kept.get("keys") === "off") return;
  event.preventDefault();
  keys[event.key]();
});

const switched = $("keys");
if (switched) {
  switched.checked = kept.get("keys") !== "off";
  switched.addEventListener("change", () => kept.set("keys", switched.checked ? "on" : "off"));
}

// Back to where one came from, as it was left: by the browser's own way back where that leads there.

const place = () => window.navigation?.currentEntry?.key;
const back = $("back"), left = JSON.parse(kept.get("left", "sessionStorage")) ?? {};
addEventListener("pagehide", () => kept.set("left", JSON.stringify({ path: location.pathname, url: location.href, key: place() }), "sessionStorage"));

if (back?.dataset.from.split(" ").includes(left.path)) {
  back.href = left.url;
  back.addEventListener("click", (event) => {
    const before = window.navigation?.entries()[window.navigation.currentEntry.index - 1];
    if (!before || before.key !== left.key) return;
    event.preventDefault();
    history.back();
  });
}

timeline();
