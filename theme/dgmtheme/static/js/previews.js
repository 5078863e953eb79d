/* Previews of what a reference points to, on hover and on focus. Touch follows the link as usual. */
const DELAY = 180;
const pages = new Map();
let bubble;
let anchor;
let timer;

const page = (address) => {
  if (!pages.has(address)) {
    const text = fetch(address).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)));
    pages.set(address, text.then((html) => new DOMParser().parseFromString(html, "text/html")));
    pages.get(address).catch(() => pages.delete(address)); // the next hover tries again
  }
  return pages.get(address);
};

const target = async (link) => {
  const here = link.pathname === location.pathname;
  const root = here ? document : await page(link.origin + link.pathname);
  return root.getElementById(decodeURIComponent(link.hash.slice(1)));
};

/* The thing itself: a heading brings its first paragraph along, a term its description. */
const excerpt = (element) => {
  const parts = [element];
  if (/^(H[1-6]|DT)$/.test(element.tagName)) {
    let next = element.nextElementSibling;
    while (next && !/^(P|DD|DIV|FIGURE|UL|OL)$/.test(next.tagName)) next = next.nextElementSibling;
    if (next) parts.push(next);
  }
  const copies = parts.map((part) => document.importNode(part, true));
  for (const copy of copies) {
    copy.querySelectorAll(".heading-anchor, .copy-button, .footnote-back, .sidenote, .explorable-room, script").forEach((e) => e.remove());
    copy.querySelectorAll("a").forEach((link) => link.replaceWith(...link.childNodes));
    copy.querySelectorAll("[id], [tabindex]").forEach(plain);
    plain(copy);
    if (copy.tagName === "DETAILS") copy.open = true;
  }
  return copies;
};

const plain = (element) => {
  element.removeAttribute("id");
  element.removeAttribute("tabindex");
  element.removeAttribute("data-explorable");
};

const place = (link) => {
  const box = link.getClientRects()[0] ?? link.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = bubble;
  const left = Math.max(8, Math.min(box.left, window.innerWidth - width - 8));
  const below = box.bottom + 6 + height < window.innerHeight || box.top < height + 12;
  bubble.style.left = `${left + window.scrollX}px`;
  bubble.style.top = `${(below ? box.bottom + 6 : box.top - height - 6) + window.scrollY}px`;
};

const show = async (link) => {
  const found = await target(link).catch(() => null);
  if (!found || anchor !== link) return;
  bubble ??= make();
  bubble.replaceChildren(...excerpt(found));
  bubble.hidden = false;
  link.setAttribute("aria-describedby", bubble.id);
  place(link);
};

const make = () => {
  const element = document.createElement("div");
  element.className = "preview prose";
  element.id = "preview";
  element.setAttribute("role", "tooltip");
  element.hidden = true;
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  element.addEventListener("pointerleave", () => document.activeElement !== anchor && hide());
  document.querySelector("main").append(element);
  /* figures that come alive above change the height of the page: stay with the link */
  new ResizeObserver(() => anchor && !element.hidden && place(anchor)).observe(document.body);
  return element;
};

const hide = () => {
  clearTimeout(timer);
  anchor?.removeAttribute("aria-describedby");
  anchor = null;
  if (bubble) bubble.hidden = true;
};

const start = (link, wait) => {
  if (anchor === link) return clearTimeout(timer);
  hide();
  anchor = link;
  timer = setTimeout(() => show(link), wait);
};

const linkOf = (event) => event.target.closest?.("a[data-preview]");

export function previews() {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && linkOf(event)) start(linkOf(event), DELAY);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse" || !anchor || linkOf(event) !== anchor) return;
    clearTimeout(timer);
    timer = setTimeout(hide, DELAY);
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    if (link?.matches(":focus-visible")) start(link, 0);
  });
  document.addEventListener("focusout", (event) => linkOf(event) && hide());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}
