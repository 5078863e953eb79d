/* Opens the search with the button, `/` or Ctrl-K (⌘K): at once, or the first letters typed would be lost. */
import { openSearch } from "./search.js";

const PRESSED = ["range", "checkbox", "radio", "button", "submit", "reset", "color", "file", "image"];
const typing = (element) =>
  element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) || (element.tagName === "INPUT" && !PRESSED.includes(element.type));

export function searchKeys(button, { search: index }) {
  if (!button) return;
  const open = () => openSearch(index);
  button.hidden = false;
  button.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey;
    const k = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!slash && !k) return;
    event.preventDefault();
    open();
  });
}
