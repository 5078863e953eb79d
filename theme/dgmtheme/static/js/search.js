/* The search dialog: an input that owns a list of results (combobox), over an index loaded once. */
const LIMIT = 12;
const GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon phi chi psi omega".split(" ");
const VARIANTS = { ϑ: "theta", ϕ: "phi", ϵ: "epsilon", "\\": "" };
let dialog;
let sections;
let loading;

const foldCharacter = (character) =>
  character
    .normalize("NFD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[‐-―−]/g, "-")
    .replace(/[‖∣]/g, "|")
    .replace(/[α-ω]/g, (letter) => GREEK[letter.codePointAt() - 0x3b1])
    .replace(/[ϑϕϵ\\]/g, (letter) => VARIANTS[letter]);

/* Text as it is compared: without accents and case, one kind of dash and bar, Greek letters by name. */
const fold = (text) => [...text].map(foldCharacter).join("");

/* Where in the text each character of its folded form comes from. */
const origins = (text) => {
  const from = [];
  let at = 0;
  for (const character of text) {
    for (let i = 0; i < foldCharacter(character).length; i += 1) from.push(at);
    at += character.length;
  }
  return [...from, at];
};

/* TeX in a query reads as it does in the index (words.py): `q(z \mid x)` is q(z|x), `p_{\theta}` is p_theta. */
const words = (query) =>
  fold(
    query
      .replace(/(?:\s|\\[,;:! ])*(?:\\(?:mid|[lr]?[vV]ert)(?![a-zA-Z])|\\?\||[‖∣]| mid (?=[^\s(]+\)))(?:\s|\\[,;:! ])*/g, "|")
      .replace(/(\\[a-zA-Z]+)\*?(?=\\)/g, "$1 ")
      .replace(/\\[^a-zA-Z\s]/g, " ")
      .replace(/([_^])\{([^{}]*)\}/g, "$1$2"),
  )
    .split(/\s+/)
    .filter(Boolean);

const make = (name, className, attributes = {}) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

/* One request for all who wait; a failed one is forgotten, so that the next opening tries again. */
const load = (address) =>
  (loading ??= request(address).then(
    (found) => (sections = found),
    (error) => {
      loading = undefined;
      throw error;
    },
  ));

const request = async (address) => {
  const answer = await fetch(address, { cache: "no-cache" }); // the address stays the same from one edition to the next
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
const score = (section, sought) => {
  let total = 0;
  for (const word of sought) {
    const inTitle = section.title.indexOf(word);
    const inBody = section.body.indexOf(word);
    if (inTitle < 0 && inBody < 0) return 0;
    if (inTitle >= 0) total += begins(section.title, inTitle) ? 30 : 15;
    if (inBody >= 0) total += (begins(section.body, inBody) ? 6 : 2) + Math.min(6, section.body.split(word).length - 2);
  }
  return total + (section.section ? 0 : 1);
};
const begins = (text, at) => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);

const find = (sought) => {
  if (!sought.length) return [];
  const hits = sections.map((section) => ({ section, points: score(section, sought) })).filter((hit) => hit.points > 0);
  hits.sort((a, b) => b.points - a.points);
  return hits.map((hit) => hit.section);
};

const highlight = (text, sought) => {
  const escaped = sought.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const from = origins(text);
  const parts = [];
  let done = 0;
  for (const found of fold(text).matchAll(new RegExp(escaped.join("|"), "gu"))) {
    const start = from[found.index];
    const last = found.index + found[0].length - 1;
    const end = from.find((at, i) => i > last && at > from[last]); // part of a Greek letter's name is the whole letter
    if (start < done) continue;
    const mark = make("mark");
    mark.textContent = text.slice(start, end);
    parts.push(text.slice(done, start), mark);
    done = end;
  }
  return [...parts, text.slice(done)];
};

const snippet = ({ text, body }, sought) => {
  const places = sought.map((word) => body.indexOf(word)).filter((at) => at >= 0);
  const from = Math.max(0, (places.length ? origins(text)[Math.min(...places)] : 0) - 50);
  const start = from && text.indexOf(" ", from) + 1;
  return `${start ? "… " : ""}${text.slice(start, start + 150)}${text.length > start + 150 ? " …" : ""}`;
};

const item = (section, sought, number) => {
  const link = make("a", "search-hit", { href: section.url, role: "option", id: `hit-${number}`, tabindex: "-1" });
  const title = make("span", "search-title");
  title.append(...highlight(section.section ? `${section.page} › ${section.section}` : section.page, sought));
  const context = make("span", "search-context");
  context.append(...highlight(snippet(section, sought), sought));
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
    const followed = event.target.closest(".search-hit") && !event.ctrlKey && !event.metaKey;
    if (event.target === dialog || followed) dialog.close();
  });
  input.addEventListener("input", () => refresh(input, list, status));
  input.addEventListener("keydown", (event) => move(event, input, list));
  return { input, status };
};

const refresh = (input, list, status) => {
  if (!sections) return; // it is said already that they are loading, or why they do not come
  const sought = words(input.value);
  const hits = find(sought);
  const shown = hits.slice(0, LIMIT);
  list.replaceChildren(...shown.map((hit, number) => item(hit, sought, number)));
  input.setAttribute("aria-expanded", String(hits.length > 0));
  status.textContent = sought.length ? summary(shown.length, hits.length) : "";
  select(input, list, 0);
};

const summary = (shown, all) => {
  if (!all) return "Nothing found";
  return `${shown < all ? `${shown} of ` : ""}${all} ${all === 1 ? "result" : "results"}`;
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
  if (!count || event.isComposing) return;
  const now = [...list.children].findIndex((hit) => hit.getAttribute("aria-selected") === "true");
  const next = { ArrowDown: (now + 1) % count, ArrowUp: (now + count - 1) % count }[event.key];
  if (next !== undefined) select(input, list, next);
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) window.open(list.children[now].href, "_blank", "noopener");
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
  status.textContent = "Loading…";
  try {
    await load(address);
    input.dispatchEvent(new Event("input"));
  } catch (error) {
    status.textContent = `The search cannot start: ${error.message}`;
  }
}
