/* On narrow screens the contents are a drawer: focus stays inside, Escape or a tap outside closes it. */
const narrow = window.matchMedia("(max-width: 61.99rem)");

export function drawer(button, panel) {
  if (!button || !panel) return;
  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  const behind = () => document.querySelectorAll(".skip-link, main, .site-footer, .bar-tools, .brand");

  const set = (open) => {
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", open ? "Close the contents" : "Contents");
    document.documentElement.classList.toggle("drawer-open", open);
    behind().forEach((element) => (element.inert = open));
    if (open) (panel.querySelector("[aria-current]") ?? panel.querySelector("a"))?.focus();
  };
  const close = (back) => {
    if (!isOpen()) return;
    set(false);
    if (back) button.focus();
  };

  button.addEventListener("click", () => set(!isOpen()));
  panel.addEventListener("click", (event) => event.target.closest("a") && close(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && close(true));
  document.addEventListener("pointerdown", (event) => {
    if (!panel.contains(event.target) && !button.contains(event.target)) close(false);
  });
  narrow.addEventListener("change", () => close(false));
  const current = panel.querySelector("[aria-current]");
  if (current && current.offsetTop > panel.clientHeight * 0.7) panel.scrollTop = current.offsetTop - 120;
}
