/** The playground's program: buttons, sliders and pictures around a run that a worker makes. */
import { choicesOf } from "../../lib/models/pairs/config.js";
import { pairConfigurations } from "../../lib/papers/var-jepa/pair-configurations.js";
import { defaultSpeed, type Place, readPlace, writePlace } from "./address.js";
import { readPalette } from "./canvas.js";
import { drawCloud, type Reach, reachOf } from "./draw-cloud.js";
import { drawDigits } from "./draw-digits.js";
import { drive } from "./driver.js";
import type { Frame } from "./frame.js";
import type { Opened } from "./messages.js";
import { type Charts, emptyCharts } from "./page-charts.js";
import { buildKnobs } from "./page-knobs.js";
import { append, byId, write } from "./page-parts.js";
import { isTold, leaveScene, showScene, tellScene } from "./page-scene.js";
import { stepsOf } from "./scene-run.js";
import { type Moment, scenes } from "./scenes.js";
import {
  defaultStart,
  knobsOf,
  minimisesNothing,
  mostSeed,
  type Start,
  sameModel,
  settingsOf,
  usefulKnobTerms,
} from "./settings.js";
import { freshSetup, type Setup, type Speed } from "./setup.js";
import { percent, short } from "./words.js";

const latents = ["sx", "sy"] as const;
const restful = matchMedia("(prefers-reduced-motion: reduce)");

let scene: string | undefined;
let opened: Opened | undefined;
let frame: Frame | undefined;
let charts: Charts | undefined;
let begin: Moment | undefined;
let end: Moment | undefined;
let terms: Readonly<Record<string, number>> = {};
let reach: Partial<Record<(typeof latents)[number], Reach>> = {};
let variances: Partial<Record<(typeof latents)[number], number>> = {};
let palette = readPalette();
let pace = 0;
let setup = freshSetup(defaultStart);

/** The worker, where the browser starts one. */
function startWorker(): Worker | undefined {
  try {
    return new Worker("playground-worker.js");
  } catch {
    return undefined;
  }
}

const worker = startWorker();
let workerLost = !worker;
const driver = drive((request) => worker?.postMessage(request), {
  opened(news, first) {
    opened = news;
    frame = first;
    reach = { sx: reachOf(first.sx), sy: reachOf(first.sy) };
    variances = { sx: first.measures.sx.variance, sy: first.measures.sy.variance };
    terms = {};
    begin = undefined;
    end = undefined;
    const { model } = settingsOf(setup);
    const classes = setup.data === "digits" ? 10 : 2;
    const predicts = choicesOf(model).prior === "predictor";
    charts = emptyCharts(setup.d, classes, news.floor, predicts, usefulKnobTerms(model));
    showLegend(classes);
    charts.add([], first);
    keepMoment();
    draw();
  },
  advanced(steps, next, milliseconds) {
    frame = next;
    terms = steps.at(-1) ?? terms;
    if (steps.length > 0) pace = milliseconds / steps.length;
    charts!.add(steps, next);
    keepMoment();
    draw();
  },
  failed(reason) {
    say("Stopped.");
    complain(`The run stopped: ${reason}.`);
  },
  changed: () => {
    showState();
    if (linkWanted && !driver.busy) void copyLink();
  },
  async due(speed) {
    if (speed === "slow") await new Promise((resolve) => setTimeout(resolve, 250));
    if (speed === "steady") await new Promise(requestAnimationFrame);
    // A page that nobody sees trains nothing.
    while (document.hidden)
      await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  },
});
worker?.addEventListener("message", ({ data }) => driver.receive(data));
worker?.addEventListener("error", ({ message }) => {
  workerLost = true;
  complain(
    `The worker that trains could not be started: ${message || "its program did not load"}. Load the page again.`,
  );
});

/** The steps at which the scene begins and ends; none without a scene. */
function sceneSteps(): readonly number[] {
  return scene === undefined ? [] : stepsOf(scenes[scene]);
}

/** Keeps what the run measured where its scene begins and where it ends. */
function keepMoment(): void {
  const { step, measures, drawn } = frame!;
  const moment: Moment = { step, measures, drawn, terms, floor: opened!.floor };
  if (step === sceneSteps()[0]) begin = moment;
  if (step === sceneSteps()[1]) end = moment;
}

/** Whether a link is to be copied once the steps under way are made. */
let linkWanted = false;
let drawing = false;
let drawnAt = 0;
let writtenAt = 0;

/** Milliseconds for which a number stands: nobody reads faster. */
const readable = 150;

/** Draws what there is with the next picture of the screen; rarely, where motion is not wanted. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  const wait = restful.matches && driver.state === "playing" ? 500 - (performance.now() - drawnAt) : 0;
  if (wait > 0) setTimeout(drawNow, wait);
  else requestAnimationFrame(drawNow);
}

function drawNow(): void {
  drawing = false;
  drawnAt = performance.now();
  if (!frame || !opened || !charts) return;
  for (const latent of latents) {
    reach[latent] = reachOf(frame[latent], reach[latent], driver.state === "playing");
    const canvas = byId<HTMLCanvasElement>(`play-${latent}`);
    drawCloud(canvas, frame[latent], opened.labels, setup.data === "digits", reach[latent].now, palette);
  }
  const digits = byId("play-digits");
  digits.hidden = !opened.digits || !frame.drawn;
  if (opened.digits && frame.drawn)
    drawDigits(
      digits.querySelector("canvas")!,
      opened.digits.left,
      [opened.digits.right, ...frame.drawn],
      palette,
    );
  charts.draw(palette);
  if (driver.state === "playing" && drawnAt - writtenAt < readable) return;
  writtenAt = drawnAt;
  charts.write();
  showCount();
}

function showCount(): void {
  const parts = [
    `step ${frame!.step}`,
    ...(pace > 0 ? [`${pace.toFixed(1)} ms a step`] : []),
    `${opened!.kernels} kernels`,
  ];
  byId("play-count").textContent = parts.join(" · ");
  for (const latent of latents) {
    const [now, first] = [frame!.measures[latent].variance, variances[latent]!].map((variance) =>
      short(Number(variance.toPrecision(2))),
    );
    byId(`play-spread-${latent}`).textContent = `variance\u00a0${now} (start\u00a0${first})`;
  }
  const { x, y } = frame!.noise;
  const noise = [x === undefined ? [] : `of x ${short(x)}`, y === undefined ? [] : `of y ${short(y)}`].flat();
  byId("play-noise").textContent = noise.length > 0 ? `Noise of the decoders, σ: ${noise.join(", ")}.` : "";
}

/** Says how the run stands: at once in the buttons, and for those who listen when it stops or starts. */
function showState(): void {
  const { state } = driver;
  tellCopied("");
  const play = byId<HTMLButtonElement>("play-play");
  play.textContent = state === "playing" ? "Pause" : "Play";
  play.disabled = state === "over" || state === "failed";
  byId<HTMLButtonElement>("play-step").disabled = state === "over" || state === "failed";
  if (scene !== undefined && state !== "opening" && state !== "failed")
    tellScene(scene, driver.told, begin, end);
  if (state === "playing") say("Training.");
  else if (state === "opening")
    say(`Getting ready${setup.steps > 0 ? `: ${setup.steps} steps are made first` : ""}.`);
  else if (state !== "failed" && !driver.busy) sayWhereItStands();
}

function sayWhereItStands(): void {
  const { sx, sy } = frame!.measures;
  const start = { over: "This is the last step of a run.", paused: driver.step === 0 ? "Ready." : "Paused." };
  say(
    `${start[driver.state as "over" | "paused"]} After ${driver.step} steps the variance of s_x is ${short(sx.variance)}, of s_y ${short(sy.variance)}; ${percent(sx.classes)} and ${percent(sy.classes)} of their samples lie nearest to their own class.${scene !== undefined && isTold() ? ` What happened up to step ${end!.step} is told in the scene.` : ""}`,
  );
  charts?.describe();
  describeClouds();
  keepAddress();
  draw();
}

function say(text: string): void {
  write(byId("play-state"), text);
}

function complain(text: string): void {
  const place = byId("play-problem");
  place.hidden = text === "";
  place.textContent = text;
}

function tellCopied(text: string): void {
  const place = byId("play-copied");
  place.hidden = text === "";
  place.textContent = text;
}

function describeClouds(): void {
  for (const latent of latents) {
    const { variance, effectiveRank, signal } = frame!.measures[latent];
    const label = `${latent === "sx" ? "s_x" : "s_y"} of ${opened!.labels.length} pairs after ${frame!.step} steps: variance ${short(variance)}, effective rank ${short(effectiveRank)} of ${setup.d}, ${percent(signal)} of the variance from the means; the picture is ${short(2 * reachOf(frame![latent], reach[latent]).now)} wide`;
    byId(`play-${latent}`).setAttribute("aria-label", label);
  }
}

function showLegend(classes: number): void {
  const legend = byId("play-legend");
  legend.replaceChildren();
  for (let label = 0; label < classes; label++) {
    const mark = append(legend, "span", classes === 2 ? ["●", "■"][label] : String(label));
    mark.className = classes === 2 ? `ink-pair-${label}` : `ink-class-${label}`;
    if (classes === 2) append(legend, "span", `class ${label}`);
  }
  const gaussian = choicesOf(settingsOf(setup).model).latents === "gaussian";
  const marks = gaussian ? "Strong: means, faint: samples. " : "";
  const side = setup.d > 2 ? `two principal components of ${setup.d}` : "both dimensions";
  append(legend, "span", `${marks}Seen: ${side}. Dashed rings: half and 95\u00a0% of N(0, I).`);
}

const NOTHING = "Every weight is 0, so there is nothing to minimise; turn one up.";

/** Any other problem keeps standing. */
function warnOfNothing(): void {
  if (minimisesNothing(driver.knobs)) complain(NOTHING);
  else if (byId("play-problem").textContent === NOTHING) complain("");
}

/** Opens a run, and shows it in everything that can be chosen. */
function open(wanted: Setup): void {
  setup = wanted;
  if (!workerLost) complain("");
  driver.open(wanted, sceneSteps());
  const same = pairConfigurations[wanted.configuration];
  for (const button of document.querySelectorAll<HTMLElement>("[data-configuration]")) {
    const chosen = pairConfigurations[button.dataset.configuration!] === same;
    button.setAttribute("aria-pressed", String(chosen));
    const fold = button.closest("details");
    if (chosen && fold) fold.open = true;
  }
  byId("play-label").textContent = `${wanted.configuration}: ${same.label}`;
  buildKnobs(wanted, driver.knobs, (knob, value) => {
    driver.turn(knob, value);
    warnOfNothing();
    if (driver.state === "paused") keepAddress();
  });
  warnOfNothing();
  byId<HTMLSelectElement>("play-data").value = wanted.data;
  byId<HTMLSelectElement>("play-d").value = String(wanted.d);
  byId<HTMLInputElement>("play-seed").value = String(wanted.seed);
  byId<HTMLInputElement>("play-plain").checked = wanted.kernels === "plain";
  keepAddress();
}

/** Starts another run: with the knobs of its configuration if that is another one, with those that are turned if not. */
function restart(changes: Partial<Start>, ownKnobs: boolean): void {
  const { data, configuration, d, seed, kernels } = { ...setup, ...changes };
  const start = { data, configuration, d, seed, kernels };
  open({ ...freshSetup(start), ...(!ownKnobs && { knobs: { ...knobsOf(start), ...driver.knobs } }) });
}

/** The same run from its beginning; in a scene, unless it is played with another model, as the scene has it. */
function reset(): void {
  const { seed, kernels } = setup;
  if (scene !== undefined) showScene(scene);
  if (scene !== undefined && sameModel(setup, scenes[scene].setup))
    open({ ...scenes[scene].setup, seed, kernels });
  else restart({}, false);
}

function keepAddress(): void {
  const told = driver.told ?? { ...freshSetup(setup), knobs: driver.knobs };
  const speed = byId<HTMLSelectElement>("play-speed").value as Speed;
  const words = writePlace({ setup: told, speed, scene });
  if (`#${words}` === location.hash || words + location.hash === "") return;
  try {
    history.replaceState(null, "", words === "" ? location.pathname + location.search : `#${words}`);
  } catch {
    // Some browsers allow only so many in a while; the next one will do.
  }
}

function go({ setup: wanted, speed, scene: name }: Place): void {
  scene = name;
  showScene(name);
  byId<HTMLSelectElement>("play-speed").value = speed;
  driver.speed = speed;
  open(wanted);
}

/** Goes where the address says; where it says nothing that can be understood, says so. A place on this page is no run. */
function goToAddress(): void {
  if (opened && document.getElementById(location.hash.slice(1))) return;
  try {
    go(readPlace(location.hash));
  } catch (error) {
    go({ setup: freshSetup(defaultStart), speed: defaultSpeed });
    complain(
      `This link was not understood: ${(error as Error).message}. What you see is where the playground begins.`,
    );
  }
}

byId("play-play").addEventListener("click", () => {
  if (driver.state === "playing") return driver.pause();
  driver.play(sceneSteps().find((step) => step > driver.step));
});
byId("play-step").addEventListener("click", () => driver.stepOnce());
byId("play-reset").addEventListener("click", reset);
byId("play-speed").addEventListener("change", ({ target }) => {
  driver.speed = (target as HTMLSelectElement).value as Speed;
  if (driver.state !== "playing") keepAddress();
});
for (const button of document.querySelectorAll<HTMLElement>("[data-scene]"))
  button.addEventListener("click", () => {
    const name = button.dataset.scene!;
    go({ setup: scenes[name].setup, speed: driver.speed, scene: name });
  });

/** Another model than that of the scene: its words stay, its outcome is told no more. */
function choose(changes: Partial<Start>): void {
  scene = undefined;
  leaveScene();
  restart(changes, true);
}
for (const button of document.querySelectorAll<HTMLElement>("[data-configuration]"))
  button.addEventListener("click", () => choose({ configuration: button.dataset.configuration! }));
byId("play-data").addEventListener("change", ({ target }) =>
  choose({ data: (target as HTMLSelectElement).value as Start["data"] }),
);
byId("play-d").addEventListener("change", ({ target }) =>
  choose({ d: Number((target as HTMLSelectElement).value) }),
);
byId("play-seed").addEventListener("change", ({ target }) => {
  const field = target as HTMLInputElement;
  const seed = field.valueAsNumber;
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= mostSeed))
    return complain(`The seed is ${field.value || "empty"}; use a whole number from 0 to ${mostSeed}.`);
  setup = { ...setup, seed };
  reset();
});
byId("play-plain").addEventListener("change", ({ target }) => {
  setup = { ...setup, kernels: (target as HTMLInputElement).checked ? "plain" : "best" };
  reset();
});
byId("play-link").addEventListener("click", () => {
  driver.pause();
  if (driver.busy) linkWanted = true;
  else void copyLink();
});

/** Of a moment at which no steps are being made. */
async function copyLink(): Promise<void> {
  linkWanted = false;
  keepAddress();
  const exact = driver.told !== undefined;
  const rounding = setup.kernels === "plain" ? "" : ", up to rounding in browsers that compute otherwise";
  const words = exact
    ? `leads to this moment${rounding}`
    : "leads to this run’s beginning with the knobs as they are: too many were turned to tell it all again";
  try {
    await navigator.clipboard.writeText(location.href);
    tellCopied(`Copied: the link ${words}.`);
  } catch {
    tellCopied(`The address of this page now ${words}.`);
  }
}

const redraw = () => {
  palette = readPalette();
  draw();
};
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new ResizeObserver(draw).observe(byId("play-sx"));
addEventListener("hashchange", goToAddress);
goToAddress();
if (!worker)
  complain(
    "This browser starts no worker here: a page that is opened as a file has none. Serve the book: npm run book -- --serve",
  );

// Where the browser allows it, the page opens again without a network. The scope holds the page and its worker, no other page.
if ("serviceWorker" in navigator)
  navigator.serviceWorker.register("playground-offline.js", { scope: "playground" }).catch(() => {});
