/** Runs before a page is drawn: says that scripts run, and puts on the theme that was chosen, so that nothing flashes. */
import { kept } from "./page-kept.js";

const root = document.documentElement;
root.classList.add("scripted");
const theme = kept("theme");
if (theme === "dark" || theme === "light") root.dataset.theme = theme;
