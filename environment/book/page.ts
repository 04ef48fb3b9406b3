/** What pages of the book do in a browser. All of it can be missing: text, pictures and folds need no script. */
import { enliven } from "./page-figures.js";
import { keep, kept } from "./page-kept.js";
import { enableSearch } from "./page-search.js";

const root = document.documentElement;
const button = (name: string) => document.querySelector<HTMLButtonElement>(`button.${name}`)!;

/** Dark or light: as the system says until the reader chooses. */
function enableThemes(): void {
  const toggle = button("theme-switch");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const say = () => toggle.setAttribute("aria-pressed", String(isDark()));
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    keep("theme", root.dataset.theme);
    say();
  });
  system.addEventListener("change", say);
  say();
}

/** All code of all pages, shown or hidden. */
function enableCodeSwitch(): void {
  const toggle = button("code-switch");
  const folds = document.querySelectorAll<HTMLDetailsElement>("details.code");
  toggle.hidden = folds.length === 0;
  const fold = (hidden: boolean) => {
    for (const each of folds) each.open = !hidden;
    toggle.setAttribute("aria-pressed", String(hidden));
  };
  toggle.addEventListener("click", () => {
    const hidden = toggle.getAttribute("aria-pressed") !== "true";
    keep("code", hidden ? "hidden" : "shown");
    fold(hidden);
  });
  if (kept("code") === "hidden") fold(true);
}

/** On narrow screens the contents open and close. */
function enableContents(): void {
  const toggle = button("opens-contents");
  const contents = document.querySelector<HTMLElement>("#book-contents")!;
  const open = (shown: boolean) => {
    contents.toggleAttribute("data-open", shown);
    toggle.setAttribute("aria-expanded", String(shown));
  };
  const here = contents.querySelector<HTMLElement>('[aria-current="page"]');
  if (here) contents.scrollTop = here.offsetTop - contents.clientHeight / 3;
  toggle.addEventListener("click", () => open(!contents.hasAttribute("data-open")));
  contents.addEventListener("click", ({ target }) => {
    if ((target as Element).closest("a")) open(false);
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !contents.hasAttribute("data-open")) return;
    open(false);
    toggle.focus();
  });
}

/** What is wider than the page can be moved sideways with the keyboard as well. */
function reachWideThings(): void {
  for (const box of document.querySelectorAll<HTMLElement>("pre, .table, .frame, .katex-display")) {
    const wider = box.scrollWidth > box.clientWidth;
    if (wider) box.tabIndex = 0;
    else if (box.tabIndex === 0) box.removeAttribute("tabindex");
  }
}

/** On paper all answers are open. */
function unfoldForPaper(): void {
  let opened: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll<HTMLDetailsElement>("details:not([open], .code)"));
    for (const each of opened) each.open = true;
    for (const image of document.images) image.loading = "eager";
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });
}

enableThemes();
enableCodeSwitch();
enableContents();
enableSearch();
enliven();
unfoldForPaper();
reachWideThings();
addEventListener("resize", reachWideThings);
addEventListener("load", reachWideThings);
