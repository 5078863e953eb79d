// The player of explorables: the same file draws them on the page, from a recording, and in Jupyter, from the kernel.
//
// A `source` is what differs between the two: { id, title, controls, spec, start(), show(value), vega() }. `show` gives
// { value, tables: {table: {column: [values]}}, caption } for a value of all controls, or { value, error }, or a promise of
// either; `start` the same for the value to begin with.
// No formula of the book is written here: every number comes from Python.

const NARROW = 520; // px: below this, panels side by side become panels one below the other
const TITLE = { letter: 7.2, indent: 48 }; // px: how wide a letter of a panel's title is, and where a title begins, mostly
const PLAY_STEP = 120; // ms between two stops while playing

// ---- Recordings ------------------------------------------------------------------------------------------------------

/** The values of a stored column: plain, or `d`-th differences `v` in units of 10^-e (see columns.py). */
export function decodeColumn(stored) {
  if (Array.isArray(stored)) return stored;
  const values = stored.v.slice();
  for (let order = 0; order < stored.d; order++)
    for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
  const scale = 10 ** Math.abs(stored.e);
  return values.map((units) => (stored.e > 0 ? units / scale : units * scale));
}

/** A source that replays a recording: every lookup is an index into what Python has stored. */
export function recordedSource(recording, vega) {
  const sizes = Object.fromEntries(recording.controls.map((c) => [c.name, stopCount(c)]));
  const lookUp = (entry, places) =>
    entry.of[entry.by.reduce((at, name) => at * sizes[name] + places[name], 0)];
  const column = memo((index) => decodeColumn(recording.columns[index]));
  const table = memo((index) => mapValues(recording.tables[index], column));
  const show = (value) => {
    const places = Object.fromEntries(recording.controls.map((c) => [c.name, nearestStop(c, value[c.name])]));
    const tables = mapValues(recording.index, (entry) => table(lookUp(entry, places)));
    return { value, tables, caption: recording.captions.texts[lookUp(recording.captions, places)] };
  };
  const start = () => show({ ...startValue(recording.controls), ...readQuery(moved[recording.id], recording.controls) });
  return { ...recording, vega, linkable: true, show, start };
}

const stopCount = (control) => (control.kind === "pad" ? control.xs.length * control.ys.length : control.stops.length);

/** The index of the recorded stop nearest to a value; a pad's stops run along x first. */
function nearestStop(control, value) {
  if (control.kind === "pad")
    return nearest(control.ys, value[1]) * control.xs.length + nearest(control.xs, value[0]);
  if (typeof value === "number") return nearest(control.stops, value);
  return control.stops.indexOf(value);
}

function nearest(stops, value) {
  let best = 0;
  for (let i = 1; i < stops.length; i++)
    if (Math.abs(stops[i] - value) < Math.abs(stops[best] - value)) best = i;
  return best;
}

const stopValue = (control, index) =>
  control.kind === "pad"
    ? [control.xs[index % control.xs.length], control.ys[Math.floor(index / control.xs.length)]]
    : control.stops[index];

const startValue = (controls) => Object.fromEntries(controls.map((c) => [c.name, stopValue(c, c.start)]));

const mapValues = (object, f) => Object.fromEntries(Object.entries(object).map(([key, item]) => [key, f(item)]));

function memo(f) {
  const known = new Map();
  return (key) => known.get(key) ?? (known.set(key, f(key)), known.get(key));
}

// ---- One explorable --------------------------------------------------------------------------------------------------

class Player {
  constructor(element, source) {
    this.element = element;
    this.source = source;
    this.tables = {};
    this.caption = "";
    this.turn = Promise.resolve();
    this.runs = new Set(); // of Play
    this.ended = new AbortController();
  }

  /** Draw everything in memory, then take the place of the frozen figure in one step. */
  async start() {
    const parts = frame(this);
    this.stage = parts.stage;
    this.chart = this.stage.appendChild(h("div", { "aria-hidden": "true" })); // Vega sets roles of its own on it
    this.note = parts.note;
    this.inputs = this.source.controls.map((control) => input(control, this));
    parts.controls.append(...this.inputs.map((item) => item.element));
    parts.controls.hidden = this.inputs.length === 0;
    [this.seen, this.embed] = await Promise.all([this.source.start(), this.source.vega()]);
    this.value = this.wanted = this.painted = this.seen.value;
    this.hold(this.element.querySelector(".explorable-frozen"));
    this.element.replaceChildren(...parts.all);
    this.element.classList.add("explorable-live");
    await this.inTurn(() => this.draw());
    this.follow();
  }

  /** One change of the chart after the other: an update must not reach a view that is just being laid out again. */
  inTurn(change) {
    this.turn = this.turn.then(change, change);
    return this.turn;
  }

  /** Move controls; resolves when the chart shows the newest values. Unknown names and values are errors. */
  set(changes) {
    const next = { ...this.wanted };
    for (const [name, value] of Object.entries(changes)) next[name] = this.checked(name, value);
    this.wanted = next;
    this.syncInputs();
    this.painting ??= this.paint();
    return this.painting;
  }

  checked(name, value) {
    const control = this.source.controls.find((c) => c.name === name);
    if (!control)
      throw new RangeError(`no control ${name}; this figure has ${this.source.controls.map((c) => c.name).join(", ")}`);
    const index = nearestStop(control, value);
    if (!(index >= 0)) throw new RangeError(`${name} cannot be ${JSON.stringify(value)}`);
    return stopValue(control, index);
  }

  /** Show the wanted value until it is the newest one: while a kernel computes, only the last of many moves waits. */
  async paint() {
    try {
      while (this.painted !== this.wanted) {
        const target = this.wanted;
        const seen = await this.source.show(target);
        await this.inTurn(() => this.apply(seen));
        this.painted = this.value = seen.value;
        if (this.wanted === target) this.wanted = seen.value;
      }
      this.syncInputs();
    } finally {
      this.painting = null;
    }
    this.changed();
  }

  /** The kernel has moved the controls. */
  async adopt(value, seen) {
    this.wanted = this.painted = this.value = value;
    this.syncInputs();
    await this.inTurn(() => this.apply(seen));
    this.changed();
  }

  async apply(seen) {
    const before = this.tables;
    this.seen = seen;
    this.say(seen);
    if (seen.error) return;
    this.tables = seen.tables;
    if (!this.view) return this.draw();
    for (const name of this.reads)
      if (seen.tables[name] !== before[name]) this.view.data(name, rows(seen.tables[name]));
    this.view.runAfter((view) => pictured(view.scenegraph().root), true);
    await this.view.runAsync();
  }

  /** The words below the chart; left alone where they stay the same, for screen readers read out what is written anew. */
  say({ caption, error }) {
    this.note.classList.toggle("explorable-error", Boolean(error));
    this.caption = error ?? plain(caption);
    this.stage.hidden = Boolean(error);
    if (this.said === (error ?? caption)) return;
    this.said = error ?? caption;
    this.note.replaceChildren(...(error ? [error] : spans(caption)));
  }

  changed() {
    const detail = { id: this.source.id, value: this.value };
    this.element.dispatchEvent(new CustomEvent("explorable:change", { bubbles: true, detail }));
    if (this.source.linkable && !this.runs.size) remember(this);
  }

  syncInputs() {
    for (const item of this.inputs) item.show(this.wanted[item.control.name]);
  }

  /** Lay the chart out for the present width and colour mode. */
  async draw() {
    this.say(this.seen);
    this.syncInputs();
    if (this.seen.error) return;
    this.tables = this.seen.tables;
    if (!this.stage.style.minHeight) this.hold(this.stage);
    this.width = this.stage.clientWidth || 640;
    const spec = coloured(this.source.spec, this.element);
    await this.layOut(fitted(spec, this.width));
    if (stacked(spec, this.width) && this.drawnWidth() > this.width + 2)
      await this.layOut(fitted(spec, this.width, measuredTitle(this.view)));
    this.stage.style.minHeight = "";
  }

  async layOut(fitting) {
    const spec = withRows(fitting, this.tables);
    this.reads = Object.keys(spec.datasets);
    const options = {
      mode: "vega-lite", renderer: "svg", ast: true, actions: false, tooltip: false, defaultStyle: false, patch: unguarded,
    };
    this.view?.finalize();
    this.view = (await this.embed(this.chart, spec, options)).view;
    if (panels(spec)) await share(this.view, spec, this.width);
  }

  drawnWidth() {
    return Number(this.chart.querySelector("svg").getAttribute("width"));
  }

  /** While a chart is laid out, keep the room of what it replaces: the text below must not jump. */
  hold(replaced) {
    this.stage.style.minHeight = `${replaced?.offsetHeight ?? 0}px`;
  }

  /** Draw again when the width or the colour mode changes. */
  follow() {
    const { signal } = this.ended;
    const redraw = later(() => signal.aborted || this.inTurn(() => this.draw()), 100);
    const size = new ResizeObserver(() => {
      if (this.stage.clientWidth && Math.abs(this.stage.clientWidth - this.width) > 1) redraw();
    });
    size.observe(this.stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
    const watch = new MutationObserver(redraw);
    watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    watch.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    signal.addEventListener("abort", () => {
      size.disconnect();
      watch.disconnect();
      this.view?.finalize();
    });
  }

  /** Leave nothing behind: no observer, no drawing to come, no control that moves by itself. */
  stop() {
    for (const item of this.inputs) item.pause?.();
    this.ended.abort();
  }

  /** From here on `run` moves a control by itself: it is not read out step by step. */
  begin(run) {
    this.runs.add(run);
    this.note.setAttribute("aria-live", "off");
  }

  /** Read out where the last run has ended; its address is no news to a reader who has gone elsewhere on the page. */
  end(run) {
    this.runs.delete(run);
    if (this.runs.size) return;
    this.note.setAttribute("aria-live", "polite");
    this.said = null;
    this.say(this.seen);
    if (this.source.linkable && location.hash === run.hash) remember(this);
  }
}

/** Mount a player on `element`; afterwards `element.explorable` is the public handle. */
export async function mount(element, source) {
  const player = new Player(element, source);
  await player.start();
  element.explorable = {
    set: (changes) => player.set(changes),
    get value() { return { ...player.value }; },
    get tables() { return player.tables; },
    get caption() { return player.caption; },
  };
  return player;
}

// ---- The chart -------------------------------------------------------------------------------------------------------

const panels = (spec) => spec.hconcat ?? spec.vconcat ?? spec.concat;

const stacked = (spec, width) => Boolean(spec.vconcat || (panels(spec) && width < NARROW));

/** A single chart fills the width; panels keep their proportions, and stand one below the other on a phone. */
function fitted(spec, width, title = TITLE) {
  const parts = panels(spec);
  if (!parts) {
    const chart = { ...spec, width: width - 10, autosize: { type: "fit-x", contains: "padding" } };
    return wrapped(chart, width, title);
  }
  const { hconcat, vconcat, concat, ...rest } = spec;
  const columns = stacked(spec, width) ? 1 : (spec.columns ?? parts.length);
  const natural = parts.slice(0, columns).reduce((sum, part) => sum + (part.width ?? 300), 0);
  const titled = parts.map((part) => wrapped(part, columns === 1 ? width : (width * (part.width ?? 300)) / natural, title));
  return { ...rest, concat: titled, columns };
}

/** Break a title that is wider than its chart: a title in one line would push the chart aside. */
function wrapped(chart, width, { letter, indent }) {
  const text = chart.title?.text ?? chart.title;
  if (typeof text !== "string") return chart;
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && longer.length * letter > width - indent) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return { ...chart, title: { ...(chart.title.text ? chart.title : {}), text: lines } };
}

/** How wide the letters of the titles are indeed, and where they begin: behind long labels of an axis later than usual. */
function measuredTitle(view) {
  const svg = view.container().querySelector("svg");
  const box = svg.getBoundingClientRect();
  const titles = [...svg.querySelectorAll(".role-title-text text")];
  const indents = titles.map((title) => title.getBoundingClientRect().left - box.left);
  return {
    letter: Math.max(...titles.map((title) => title.getComputedTextLength() / title.textContent.length)),
    indent: (Math.max(...indents) * Number(svg.getAttribute("width"))) / box.width,
  };
}

/** Give the panels of a row together the width that axes and gaps leave. How much that is the first try tells, for the
 * panels' axes differ; a second try that brings nothing is taken back: then pictures or words of fixed size stick out. */
async function share(view, spec, width) {
  const names = spec.concat.map((part, i) => widthSignal(view, i));
  const natural = names.map((name) => view.signal(name));
  const taken = (widths) => (spec.columns === 1 ? Math.max(...widths) : sum(widths.slice(0, spec.columns)));
  const excess = () => Number(view.container().querySelector("svg").getAttribute("width")) - width;
  const give = async (widths) => {
    widths.forEach((w, i) => view.signal(names[i], w));
    await view.resize().runAsync();
  };
  const better = (widths) => {
    const free = taken(widths) - excess();
    return natural.map((w) => Math.floor(spec.columns === 1 ? free : (free * w) / taken(natural)));
  };
  const first = better(natural);
  await give(first);
  const left = Math.abs(excess());
  if (left <= 2) return;
  await give(better(first));
  if (Math.abs(excess()) >= left) await give(first);
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** What Vega-Lite calls the width of a panel: panels of one width share a signal, `width` when they are stacked. */
function widthSignal(view, i) {
  return [`concat_${i}_width`, "childWidth", "width"].find((name) => hasSignal(view, name));
}

function hasSignal(view, name) {
  try {
    return view.signal(name) !== undefined;
  } catch {
    return false;
  }
}

/** Give Vega every picture of known size before it draws. By itself it draws them empty, loads them, looks every 10 ms
 * whether they are there and draws again; but what ours show is written in their addresses, so there is no need to wait. */
function pictured(node) {
  if (node.marktype === "image")
    for (const item of node.items) {
      const { url, width, height } = item;
      if (width != null && height != null && item.image?.url !== url) item.image = { url, src: url, width, height };
    }
  else if (!node.marktype || node.marktype === "group") node.items.forEach(pictured);
}

/** Interpolating scales need colours as numbers: resolve `var(--dgm-…)` in their ranges. All else is left to CSS, which
 * also knows when the page goes to paper. */
function coloured(spec, element) {
  const probe = element.appendChild(document.createElement("span"));
  const resolve = (item) => {
    if (!String(item).startsWith("var(")) return item;
    probe.style.color = item;
    return getComputedStyle(probe).color;
  };
  const resolveAll = (range) => (Array.isArray(range) ? range.map(resolve) : range);
  const walk = (node) => {
    if (Array.isArray(node)) return node.map(walk);
    if (node === null || typeof node !== "object") return node;
    const copy = mapValues(node, walk);
    if (copy.scale?.range && INTERPOLATED.includes(copy.type)) copy.scale.range = resolveAll(copy.scale.range);
    return copy;
  };
  const result = walk(spec);
  const { category, ...ramps } = result.config?.range ?? {};
  result.config = { ...result.config, range: { category, ...mapValues(ramps, resolveAll) } };
  probe.remove();
  return result;
}

const INTERPOLATED = ["quantitative", "temporal"];

/** The specification with the present tables under the names it reads; columns are typed, so nothing need be parsed. */
function withRows(spec, tables) {
  const datasets = {};
  const walk = (node) => {
    if (Array.isArray(node)) return node.map(walk);
    if (node === null || typeof node !== "object") return node;
    const copy = Object.fromEntries(Object.entries(node).map(([key, item]) => [key, key === "config" ? item : walk(item)]));
    if (copy.data?.name in tables) {
      datasets[copy.data.name] = rows(tables[copy.data.name]);
      copy.data = { ...copy.data, format: { parse: null } };
    }
    return copy;
  };
  const filled = walk(spec);
  return { ...filled, datasets: { ...spec.datasets, ...datasets } };
}

const GUARD = /^((isValid\(datum\["[^"]*"\]\)|isFinite\(\+datum\["[^"]*"\]\))( && |$))+$/;

/** Leave out Vega-Lite's tests for invalid numbers, evaluated for every mark: Python has refused NaN already. */
function unguarded(vega) {
  const walk = (node) => {
    if (Array.isArray(node)) return node.filter((item) => !(item?.type === "filter" && GUARD.test(item.expr))).map(walk);
    if (node === null || typeof node !== "object") return node;
    const kept = Object.entries(node).filter(([key, item]) => !(key === "defined" && GUARD.test(item?.signal)));
    return Object.fromEntries(kept.map(([key, item]) => [key, walk(item)]));
  };
  return walk(vega);
}

/** Fresh row objects each time: Vega keeps marks of its own on them. */
function rows(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
}

// ---- The frame around it ---------------------------------------------------------------------------------------------

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

let frames = 0;

function frame(player) {
  const key = `explorable-${++frames}`;
  const title = h("p", { class: "explorable-title", id: `${key}-title` }, player.source.title);
  const reset = () => {
    for (const item of player.inputs) item.pause?.();
    return player.set(startValue(player.source.controls));
  };
  const tools = h("div", { class: "explorable-tools" }, h("button", { type: "button", onclick: reset }, "Reset"));
  if (player.source.linkable) tools.append(...linkButton(player));
  const stage = h("div", {
    class: "explorable-stage", role: "img", "aria-labelledby": `${key}-title`, "aria-describedby": `${key}-note`,
  });
  const controls = h("div", { class: "explorable-controls", role: "group", "aria-labelledby": `${key}-title` });
  const note = h(player.element.tagName === "FIGURE" ? "figcaption" : "p", {
    class: "explorable-caption", id: `${key}-note`, "aria-live": "polite",
  });
  const head = h("div", { class: "explorable-head" }, title, tools);
  return { all: [head, stage, controls, note], stage, controls, note };
}

function linkButton(player) {
  const button = h("button", { type: "button", title: "Copy a link to this figure as it stands" }, "Copy link");
  const said = h("span", { class: "explorable-heard", role: "status" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(new URL(address(player), location.href).href);
      button.textContent = said.textContent = "Copied";
    } catch { // a page that did not come over https may not write there
      button.textContent = said.textContent = "Not allowed here";
    }
    setTimeout(() => ((button.textContent = "Copy link"), (said.textContent = "")), 1500);
  });
  return [button, said];
}

const MARKUP = /\[([^\]]*)\]\{\.([a-z]+)\}/g;

const plain = (text) => text.replace(MARKUP, "$1");

/** `[text]{.model}` becomes a span in that meaning's colour. */
function spans(text) {
  const parts = text.split(MARKUP); // text, inner, role, text, inner, role, …, text
  return parts.flatMap((part, i) =>
    i % 3 === 0 ? [part] : i % 3 === 1 ? [h("span", { class: `explorable-${parts[i + 1]}` }, part)] : [],
  );
}

function later(f, delay) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(f, delay);
  };
}

// ---- Controls: native inputs, each { control, element, show(value) } ------------------------------------------------

const input = (control, player) => ({ control, ...INPUTS[control.kind](control, player) });

const INPUTS = { slider: sliderInput, choice: choiceInput, toggle: toggleInput, reseed: reseedInput, pad: padInput };

function sliderInput(control, player) {
  const set = (index) => player.set({ [control.name]: control.stops[index] });
  const { element, range, show } = rangeInput(control.label, control.stops, control.labels, control.role, set);
  if (control.marks.length)
    element.append(h("div", { class: "explorable-marks", "aria-hidden": "true" }, ...control.marks.map(mark)));
  if (!control.play) return { element, show };
  const { button, pause } = playButton(control, player, range);
  element.prepend(button);
  return { element, show, pause };
}

/** One labelled range over the indices of `stops`. */
function rangeInput(label, stops, labels, role, set) {
  const output = h("output", { "aria-hidden": "true" }); // the input itself says its value
  const range = h("input", { type: "range", min: 0, max: stops.length - 1, step: 1, "aria-label": label });
  range.addEventListener("input", () => set(Number(range.value)));
  const element = h(
    "div",
    { class: `explorable-slider${role ? ` explorable-role-${role}` : ""}` },
    h("div", { class: "explorable-label" }, h("span", {}, label), output),
    range,
  );
  const show = (value) => {
    const index = nearest(stops, value);
    const text = stops[index] === value ? labels[index] : String(Number(value.toPrecision(6))).replace("-", "−");
    range.value = index;
    range.setAttribute("aria-valuetext", text);
    output.textContent = text;
  };
  return { element, range, show };
}

function mark({ at, text }) {
  const element = h("span", {}, text);
  element.style.setProperty("--at", at);
  return element;
}

function playButton(control, player, range) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let playing = null; // the run in progress
  const face = () => {
    button.textContent = still.matches ? "Step" : playing ? "Pause" : "Play";
    button.setAttribute("aria-label", `${button.textContent} ${control.label}`);
  };
  const step = () => player.set({ [control.name]: control.stops[(Number(range.value) + 1) % control.stops.length] });
  const run = async () => {
    const mine = (playing = { hash: location.hash });
    player.begin(mine);
    face();
    try {
      if (Number(range.value) === control.stops.length - 1) await player.set({ [control.name]: control.stops[0] });
      while (playing === mine && Number(range.value) < control.stops.length - 1)
        await Promise.all([step(), new Promise((resolve) => setTimeout(resolve, PLAY_STEP))]);
    } finally {
      if (playing === mine) pause();
    }
  };
  const pause = () => {
    if (!playing) return;
    const run = playing;
    playing = null;
    face();
    player.end(run);
  };
  const button = h("button", {
    type: "button", class: "explorable-play",
    onclick: () => (still.matches ? step() : playing ? pause() : run()),
  });
  range.addEventListener("input", pause);
  still.addEventListener("change", () => (pause(), face()), { signal: player.ended.signal });
  face();
  return { button, pause };
}

function choiceInput(control, player) {
  const set = (index) => player.set({ [control.name]: control.stops[index] });
  return control.stops.length <= 4 ? radioInput(control, set) : selectInput(control, set);
}

let groups = 0;

function radioInput(control, set) {
  const group = `explorable-choice-${++groups}`;
  const radios = control.stops.map((_, i) => h("input", { type: "radio", name: group, value: i, onchange: () => set(i) }));
  const options = radios.map((radio, i) => h("label", {}, radio, h("span", {}, control.labels[i])));
  const element = h(
    "fieldset",
    { class: "explorable-choice" },
    h("legend", { class: "explorable-label" }, control.label),
    h("div", { class: "explorable-options" }, ...options),
  );
  return { element, show: (value) => (radios[control.stops.indexOf(value)].checked = true) };
}

function selectInput(control, set) {
  const options = control.labels.map((text, i) => h("option", { value: i }, text));
  const select = h("select", { onchange: () => set(Number(select.value)) }, ...options);
  const element = h("label", { class: "explorable-choice" }, h("span", { class: "explorable-label" }, control.label), select);
  return { element, show: (value) => (select.value = control.stops.indexOf(value)) };
}

function toggleInput(control, player) {
  const box = h("input", { type: "checkbox", onchange: () => player.set({ [control.name]: box.checked }) });
  const element = h("label", { class: "explorable-toggle" }, box, h("span", {}, control.label));
  return { element, show: (value) => (box.checked = value) };
}

function reseedInput(control, player) {
  const output = h("output", { class: "explorable-count" });
  const next = () => (nearest(control.stops, player.wanted[control.name]) + 1) % control.stops.length;
  const button = h("button", { type: "button", onclick: () => player.set({ [control.name]: control.stops[next()] }) }, control.label);
  const element = h("div", { class: "explorable-reseed" }, button, output);
  return { element, show: (seed) => (output.textContent = `no. ${seed + 1}`) };
}

function padInput(control, player) {
  const thumb = h("span", { class: "explorable-thumb" });
  const area = h("div", { class: "explorable-pad-area" }, thumb);
  const move = (event) => {
    const box = area.getBoundingClientRect();
    const along = (stops, part) => stops[Math.round(Math.min(1, Math.max(0, part)) * (stops.length - 1))];
    const x = along(control.xs, (event.clientX - box.left) / box.width);
    const y = along(control.ys, 1 - (event.clientY - box.top) / box.height);
    player.set({ [control.name]: [x, y] });
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return; // the others open a menu, paste or scroll
    area.setPointerCapture(event.pointerId);
    move(event);
  });
  area.addEventListener("pointermove", (event) => area.hasPointerCapture(event.pointerId) && move(event));
  const axis = (which, stops) => {
    const texts = stops.map((stop) => String(stop).replace("-", "−"));
    const set = (index) => {
      const point = player.wanted[control.name].slice();
      point[which] = stops[index];
      player.set({ [control.name]: point });
    };
    return rangeInput(control.axes[which], stops, texts, control.role, set);
  };
  const [x, y] = [axis(0, control.xs), axis(1, control.ys)];
  const label = h("div", { class: "explorable-label" }, h("span", {}, control.label));
  const role = control.role ? ` explorable-role-${control.role}` : "";
  const element = h("div", { class: `explorable-pad${role}`, role: "group", "aria-label": control.label }, label, area, x.element, y.element);
  const part = (stops, value) => (value - stops[0]) / (stops[stops.length - 1] - stops[0]);
  const show = (value) => {
    x.show(value[0]);
    y.show(value[1]);
    thumb.style.left = `${100 * part(control.xs, value[0])}%`;
    thumb.style.bottom = `${100 * part(control.ys, value[1])}%`;
  };
  return { element, show };
}

// ---- The address: `#id?mu=1&sigma=0.5` -------------------------------------------------------------------------------

const query = (player) =>
  Object.entries(player.value).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");

const address = (player) => `#${player.source.id}?${query(player)}`;

/** The address names the figure moved last; the browser's history keeps the queries of all, for reload and Back. */
const moved = { ...history.state?.explorables };
const timers = new WeakMap();

function remember(player) {
  clearTimeout(timers.get(player));
  const write = () => {
    moved[player.source.id] = query(player);
    stamp(address(player));
  };
  timers.set(player, setTimeout(write, 150));
}

/** Stamp the present entry of the history: whoever comes back to it finds the figures as they were. */
const stamp = (where) => history.replaceState({ ...history.state, explorables: moved }, "", where);

const isStamped = () => Boolean(history.state?.explorables);

/** The control values that a query names, leaving out what this figure does not have. */
function readQuery(text, controls) {
  const values = {};
  for (const [name, written] of new URLSearchParams(text)) {
    const control = controls.find((c) => c.name === name);
    const value = control && parse(control, written);
    if (value !== undefined) values[name] = stopValue(control, nearestStop(control, value));
  }
  return values;
}

function parse(control, text) {
  if (control.kind === "pad") {
    const point = text.split(",").map(Number);
    return point.length === 2 && point.every(Number.isFinite) ? point : undefined;
  }
  const same = control.stops.find((stop) => String(stop) === text);
  if (same !== undefined || control.kind === "choice" || control.kind === "toggle") return same;
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** The name and the query in the address. */
function addressed() {
  const [name, text = ""] = location.hash.slice(1).split("?");
  try {
    return [decodeURIComponent(name), text];
  } catch {
    return ["", ""]; // half a percent code names nothing here
  }
}

// ---- On the page -----------------------------------------------------------------------------------------------------

let vega;
let failures = 0;

/** Vega, once for all figures. What has failed is asked for by another name: a browser may keep a failed module. */
function pageVega() {
  const name = failures ? `./vega.js?again=${failures}` : "./vega.js";
  vega ??= import(new URL(name, import.meta.url).href).then(
    (module) => module.default,
    (error) => {
      vega = undefined;
      failures += 1;
      throw error;
    },
  );
  return vega;
}

const mounting = new WeakMap();

/** Make one figure of the page live, once; gives its player. */
function wake(figure) {
  if (!mounting.has(figure)) mounting.set(figure, load(figure).catch((error) => complain(figure, error)));
  return mounting.get(figure);
}

async function load(figure) {
  const [answer] = await Promise.all([fetch(figure.dataset.src), pageVega()]);
  if (!answer.ok) throw new Error(`${answer.status} for ${figure.dataset.src}`);
  return mount(figure, recordedSource(await answer.json(), pageVega));
}

/** Say below the frozen figure why it stays so, and offer another try. */
function complain(figure, error) {
  const again = h("button", { type: "button" }, "Try again");
  const words = h("p", { class: "explorable-error", role: "alert" }, `This figure could not be made live: ${error.message}. `, again);
  again.addEventListener("click", () => {
    words.remove();
    figure.classList.remove("explorable-failed");
    mounting.delete(figure);
    wake(figure);
  });
  figure.append(words);
  figure.classList.add("explorable-failed");
  throw error;
}

/** Wake the figure named in the address at once, in the state named there; then every other as it comes near. */
async function upgrade() {
  const figures = [...document.querySelectorAll("[data-explorable][data-src]")];
  const visit = async () => {
    if (isStamped()) return; // after reload and Back the browser itself finds the place
    const [name, text] = addressed();
    const figure = figures.find((item) => item.dataset.explorable === name);
    if (figure && text) moved[name] = text; // with these values it begins
    stamp();
    if (!figure) return;
    figure.scrollIntoView({ block: "center", behavior: "instant" });
    const player = await wake(figure);
    if (text) await player.set(readQuery(text, player.source.controls));
    figure.scrollIntoView({ block: "center", behavior: "instant" });
  };
  addEventListener("hashchange", visit);
  await visit().catch(() => {}); // its fault is shown in the figure; the others need not suffer from it
  const near = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => (near.unobserve(target), wake(target))),
    { rootMargin: "400px" },
  );
  figures.forEach((figure) => near.observe(figure));
}

if (document.querySelector("[data-explorable][data-src]")) upgrade();

// ---- In Jupyter ------------------------------------------------------------------------------------------------------

const VEGA = Symbol.for("dgmlib.explorable.vega");

/** Vega comes from a kernel, once for all figures of a page: until it is here every figure asks its own. */
function kernelVega(model) {
  return globalThis[VEGA] ?? new Promise((resolve, reject) => {
    const take = (message, buffers) => {
      if (message !== "vega") return;
      model.off("msg:custom", take);
      globalThis[VEGA] ??= loaded(buffers[0]);
      globalThis[VEGA].then(resolve, (error) => (delete globalThis[VEGA], reject(error)));
    };
    model.on("msg:custom", take);
    model.send("vega");
  });
}

async function loaded(bytes) {
  return (await import(URL.createObjectURL(new Blob([bytes], { type: "text/javascript" })))).default;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** What a kernel shows after `before`; a table that has stayed the same stays the same object, not to be drawn again. */
function keeping(before, seen) {
  if (seen.error || !before?.tables) return seen;
  const kept = ([name, table]) => [name, same(table, before.tables[name]) ? before.tables[name] : table];
  return { ...seen, tables: Object.fromEntries(Object.entries(seen.tables).map(kept)) };
}

function kernelSource(model) {
  let seen = null;
  const latest = () => (seen = keeping(seen, model.get("_shown")));
  const waiting = () =>
    new Promise((resolve) => {
      const take = () => (model.off("change:_shown", take), resolve());
      model.on("change:_shown", take);
    });
  return {
    ...model.get("_definition"),
    vega: () => kernelVega(model),
    async start() {
      if (!model.get("_shown")) {
        model.send("tables");
        await waiting();
      }
      return latest();
    },
    /** The kernel's next answer. An observer in Python may have moved the controls elsewhere, or have failed. */
    async show(value) {
      const answered = waiting();
      model.set("value", value);
      model.save_changes();
      if (!same(model.get("_shown").value, value)) await answered;
      return latest();
    },
  };
}

/** The anywidget front end. */
async function render({ model, el }) {
  const figure = el.appendChild(h("figure", { class: "explorable", "data-explorable": model.get("_definition").id }));
  const player = await mount(figure, kernelSource(model));
  // Arrow keys and space belong to our inputs; JupyterLab looks for this mark on the focused element itself.
  for (const item of figure.querySelectorAll("input, select, button, [tabindex]"))
    item.dataset.lmSuppressShortcuts = "true";
  model.on("change:_shown", () => {
    const seen = model.get("_shown");
    if (!player.painting && !same(seen.value, player.value)) player.adopt(seen.value, seen);
  });
  return () => player.stop(); // a cell that is run again leaves nothing behind
}

export default { render };
