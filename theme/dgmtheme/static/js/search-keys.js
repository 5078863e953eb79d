/* Opens the search with the button, `/` or Ctrl-K (⌘K); the search itself is loaded at the first use. */
const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

export function searchKeys(button, { search: index, searchModule }) {
  if (!button) return;
  const open = async () => {
    const { openSearch } = await import(searchModule);
    openSearch(index);
  };
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
