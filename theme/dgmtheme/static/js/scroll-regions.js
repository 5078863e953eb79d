/* What is wider than its place scrolls by itself; then the keyboard must be able to reach it. */
export function scrollRegions() {
  // All are measured before the first is changed, or the page would be laid out anew for each of them.
  const update = (elements) => {
    const wide = elements.map((element) => element.scrollWidth > element.clientWidth + 1);
    elements.forEach((element, i) => tell(element, wide[i]));
  };
  const observer = new ResizeObserver((entries) => update(entries.map((entry) => entry.target)));
  const inside = (element) => [...element.querySelectorAll("[data-scrolls]")];
  inside(document).forEach((element) => observer.observe(element));
  document.fonts?.ready.then(() => update(inside(document)));
  document.addEventListener("toggle", (event) => update(inside(event.target)), true);
}

function tell(element, wide) {
  if (element.hasAttribute("data-wide") === wide) return;
  element.toggleAttribute("data-wide", wide);
  if (!wide) {
    for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
    return;
  }
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `${element.dataset.scrolls}, scrolls sideways`);
}
