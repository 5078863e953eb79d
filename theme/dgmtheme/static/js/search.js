/* The search dialog: an input that owns a list of results (combobox), over an index loaded once. */
const LIMIT = 12;
let dialog;
let sections;

const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const make = (name, className, attributes = {}) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

const load = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the search index answered ${answer.status}`);
  return (await answer.json()).map(([url, page, section, text]) => ({
    url,
    page,
    section,
    text,
    title: fold(`${page} ${section}`),
    body: fold(text),
  }));
};

/* Every word must occur; words in titles weigh more than words in the text, beginnings of words more than middles. */
const score = (section, words) => {
  let total = 0;
  for (const word of words) {
    const inTitle = section.title.indexOf(word);
    const inBody = section.body.indexOf(word);
    if (inTitle < 0 && inBody < 0) return 0;
    if (inTitle >= 0) total += begins(section.title, inTitle) ? 30 : 15;
    if (inBody >= 0) total += (begins(section.body, inBody) ? 6 : 2) + Math.min(6, section.body.split(word).length - 2);
  }
  return total + (section.section ? 0 : 1);
};
const begins = (text, at) => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);

const find = (query) => {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (!words.length) return { words, hits: [] };
  const hits = sections.map((section) => ({ section, points: score(section, words) })).filter((hit) => hit.points > 0);
  hits.sort((a, b) => b.points - a.points);
  return { words, hits: hits.slice(0, LIMIT).map((hit) => hit.section) };
};

const highlight = (text, words) => {
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text.split(new RegExp(`(${escaped.join("|")})`, "giu")).map((part, i) => {
    if (i % 2 === 0) return document.createTextNode(part);
    const mark = make("mark");
    mark.textContent = part;
    return mark;
  });
};

const snippet = ({ text, body }, words) => {
  const places = words.map((word) => body.indexOf(word)).filter((at) => at >= 0);
  const from = Math.max(0, (places.length ? Math.min(...places) : 0) - 50);
  const start = from && text.indexOf(" ", from) + 1;
  return `${start ? "… " : ""}${text.slice(start, start + 150)}${text.length > start + 150 ? " …" : ""}`;
};

const item = (section, words, number) => {
  const link = make("a", "search-hit", { href: section.url, role: "option", id: `hit-${number}`, tabindex: "-1" });
  const title = make("span", "search-title");
  title.append(...highlight(section.section ? `${section.page} › ${section.section}` : section.page, words));
  const context = make("span", "search-context");
  context.append(...highlight(snippet(section, words), words));
  link.append(title, context);
  return link;
};

const build = () => {
  dialog = make("dialog", "search-dialog", { "aria-label": "Search the book" });
  const input = make("input", "search-input", {
    type: "search",
    placeholder: "Search the book",
    role: "combobox",
    "aria-label": "Search the book",
    "aria-expanded": "false",
    "aria-controls": "search-hits",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
  });
  const close = make("button", "search-close", { type: "button" });
  close.textContent = "Close";
  const list = make("div", "search-hits", { role: "listbox", id: "search-hits", "aria-label": "Results" });
  const status = make("p", "search-status", { role: "status" });
  const bar = make("div", "search-bar");
  bar.append(input, close);
  dialog.append(bar, status, list);
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest(".search-hit")) dialog.close();
  });
  input.addEventListener("input", () => refresh(input, list, status));
  input.addEventListener("keydown", (event) => move(event, input, list));
  return { input, status };
};

const refresh = (input, list, status) => {
  const { words, hits } = find(input.value);
  list.replaceChildren(...hits.map((hit, number) => item(hit, words, number)));
  input.setAttribute("aria-expanded", String(hits.length > 0));
  status.textContent = !words.length ? "" : hits.length ? `${hits.length} ${hits.length === 1 ? "result" : "results"}` : "Nothing found";
  select(input, list, 0);
};

const select = (input, list, index) => {
  [...list.children].forEach((hit, i) => hit.setAttribute("aria-selected", String(i === index)));
  const hit = list.children[index];
  if (!hit) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", hit.id);
  hit.scrollIntoView({ block: "nearest" });
};

const move = (event, input, list) => {
  const count = list.children.length;
  if (!count) return;
  const now = [...list.children].findIndex((hit) => hit.getAttribute("aria-selected") === "true");
  const next = { ArrowDown: (now + 1) % count, ArrowUp: (now + count - 1) % count }[event.key];
  if (next !== undefined) select(input, list, next);
  else if (event.key === "Enter") list.children[now]?.click();
  else return;
  event.preventDefault();
};

export async function openSearch(address) {
  if (dialog?.open) return;
  const { input, status } = dialog ? dialog.parts : build();
  dialog.parts = { input, status };
  dialog.showModal();
  input.select();
  if (sections) return;
  try {
    sections = await load(address);
    if (input.value) input.dispatchEvent(new Event("input"));
  } catch (error) {
    status.textContent = `The search cannot start: ${error.message}`;
  }
}
