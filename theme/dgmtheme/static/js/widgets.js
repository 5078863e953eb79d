/* Runs the modules of {anywidget} directives with a small model: get, set, on, off, save_changes. */
class Model {
  #state;
  #listeners = new Map();
  #changed = new Set();

  constructor(state) {
    this.#state = state;
  }
  get(name) {
    return this.#state[name];
  }
  set(name, value) {
    this.#state[name] = value;
    this.#changed.add(name);
  }
  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }
  off(event, listener) {
    const rest = (this.#listeners.get(event) ?? []).filter((known) => listener && known !== listener);
    this.#listeners.set(event, rest);
  }
  save_changes() {
    const names = [...this.#changed];
    this.#changed.clear();
    for (const name of names) this.#emit(`change:${name}`);
    if (names.length) this.#emit("change");
  }
  send() {
    /* there is no kernel to send to */
  }
  #emit(event) {
    for (const listener of this.#listeners.get(event) ?? []) listener({ target: this });
  }
}

const style = (address) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
};

const mount = async (host) => {
  try {
    if (host.dataset.css) style(host.dataset.css);
    const module = await import(host.dataset.widget);
    const widget = typeof module.default === "function" ? await module.default() : module.default ?? module;
    const model = new Model(JSON.parse(host.dataset.model));
    await widget.initialize?.({ model });
    await widget.render?.({ model, el: host });
  } catch (error) {
    host.textContent = `This widget could not start: ${error.message}`;
    host.classList.add("failed");
  }
};

document.querySelectorAll("[data-widget]").forEach(mount);
