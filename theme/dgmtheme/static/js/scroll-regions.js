/* What is wider than its place scrolls by itself; then the keyboard must be able to reach it. */
export function scrollRegions() {
  const update = (element) => {
    const wide = element.scrollWidth > element.clientWidth + 1;
    element.toggleAttribute("data-wide", wide);
    if (!wide) {
      for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
      return;
    }
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `${element.dataset.scrolls}, scrolls sideways`);
  };
  const observer = new ResizeObserver((entries) => entries.forEach((entry) => update(entry.target)));
  document.querySelectorAll("[data-scrolls]").forEach((element) => observer.observe(element));
  document.fonts?.ready.then(() => document.querySelectorAll("[data-scrolls]").forEach(update));
  document.addEventListener("toggle", (event) => event.target.querySelectorAll?.("[data-scrolls]").forEach(update), true);
}
