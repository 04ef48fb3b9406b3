import { type Entry, find } from "./search.js";

let entries: Promise<Entry[]> | undefined;

/** Lets the search field find titles and headings; the list of them is loaded when the field is first used. */
export function enableSearch(): void {
  const form = document.querySelector<HTMLFormElement>(".search")!;
  const field = form.querySelector("input")!;
  const found = form.querySelector<HTMLElement>("#book-found")!;

  const show = async () => {
    const query = field.value;
    if (query.trim() === "") return hide();
    try {
      entries ??= load();
      const hits = find(await entries, query);
      if (field.value !== query) return;
      const said = document.createElement("p");
      said.setAttribute("role", "status");
      said.textContent = hits.length === 0 ? "Nothing found" : `${hits.length} found`;
      said.className = hits.length === 0 ? "" : "unseen";
      found.replaceChildren(said, ...(hits.length === 0 ? [] : [listOf(hits)]));
    } catch {
      entries = undefined;
      found.textContent = "The list of headings could not be loaded.";
    }
    found.hidden = false;
  };
  const hide = () => {
    found.hidden = true;
  };

  field.addEventListener("input", () => void show());
  field.addEventListener("focus", () => void show());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      hide();
      field.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const places = [field, ...found.querySelectorAll("a")];
    const now = places.indexOf(document.activeElement as HTMLAnchorElement);
    const next = now + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    places[Math.max(0, Math.min(places.length - 1, next))].focus();
  });
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!form.contains(relatedTarget as Node | null)) hide();
  });
  found.addEventListener("click", ({ target }) => {
    if ((target as Element).closest("a")) hide();
  });
  document.addEventListener("keydown", (event) => {
    const writing = (event.target as Element).closest("input, textarea, [contenteditable]");
    if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
}

async function load(): Promise<Entry[]> {
  const response = await fetch("assets/headings.json");
  if (!response.ok) throw new Error(`the list of headings answered ${response.status}`);
  return response.json();
}

function listOf(hits: readonly Entry[]): HTMLElement {
  const list = document.createElement("ul");
  for (const { href, words, page } of hits) {
    const link = document.createElement("a");
    link.href = href;
    link.append(words);
    if (page !== undefined) {
      const where = document.createElement("span");
      where.textContent = page;
      link.append(" ", where);
    }
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  return list;
}
