/** The page's own part: what stands there before its program runs. */
import { escapeHtml } from "../../lib/figures/drawing/figure-html.js";
import { pairConfigurations, safeguards } from "../../lib/papers/var-jepa/pair-configurations.js";
import { variantNames } from "../../lib/papers/var-jepa/simulation-variants.js";
import type { Companion } from "../book/layout.js";
import { scenes } from "./scenes.js";
import { batchSize, knobTerms, latentSizes, mostSeed, shownRows } from "./settings.js";
import { knobWords, measureWords, subscripts, unpredictedMeaning } from "./words.js";

/** What the program loads at once: the worker, and what that one loads. */
const loaded = [
  "playground-worker.js",
  ...["tfjs-simd", "kernels-relaxed", "kernels-plain"].map((name) => `assets/playground/${name}.wasm`),
];

/** A text with its subscripts, as HTML. */
function html(text: string): string {
  return subscripts(text)
    .map((piece, i) => (i % 2 === 0 ? escapeHtml(piece) : `<sub>${piece}</sub>`))
    .join("");
}

function choices(name: string, label: string, names: readonly string[], wordsOf: (name: string) => string) {
  const buttons = names.map(
    (each) =>
      `<button type="button" data-${name}="${each}" aria-pressed="false" title="${escapeHtml(wordsOf(each))}">${escapeHtml(each)}</button>`,
  );
  return `<div class="choices" role="group" aria-label="${escapeHtml(label)}">${buttons.join("")}</div>`;
}

const family = ["points", "jepa-own", ...safeguards];
const others = ["coupled-vae", "vae", "ae"];
const named = Object.keys(pairConfigurations);
const taken = named.filter((name) => name.startsWith("no-"));
const shownNames = [...variantNames, ...family, ...taken, ...others];

/** Every configuration has a button; `var-jepa` is A by another name. */
export const withoutButton = named.filter((name) => !shownNames.includes(name));

const options = (values: readonly (readonly [value: string, words: string])[], chosen: string) =>
  values
    .map(
      ([value, words]) =>
        `<option value="${value}"${value === chosen ? " selected" : ""}>${escapeHtml(words)}</option>`,
    )
    .join("");

/** Words and what they mean, folded. */
function meanings(title: string, words: readonly (readonly [word: string, meaning: string])[]): string {
  const items = words.map(([word, meaning]) => `<dt>${html(word)}</dt><dd>${html(meaning)}</dd>`);
  return `<details class="more"><summary>${title}</summary><dl>${items.join("")}</dl></details>`;
}

function playgroundHtml(): string {
  const labelOf = (name: string) => pairConfigurations[name].label;
  const meaningsOf = (title: string, names: readonly string[]) =>
    meanings(
      title,
      names.map((name) => [name, labelOf(name)]),
    );
  const sceneButtons = Object.entries(scenes).map(
    ([name, { title }]) =>
      `<button type="button" data-scene="${name}" aria-pressed="false">${html(title)}</button>`,
  );
  const cloud = (latent: "x" | "y", words: string) => `<figure class="cloud">
<canvas id="play-s${latent}" role="img" aria-label="s_${latent}"></canvas>
<figcaption><span>s<sub>${latent}</sub>, ${words}</span> <span class="spread" id="play-spread-s${latent}"></span></figcaption>
</figure>`;
  return `<header class="opening">
<h1>Playground</h1>
<p class="lead">A model of pairs (x, y) trains in this browser. Choose what it minimises, turn the knobs while it runs, and watch its two latents move. What they are is in <a href="index.html">the book</a>.</p>
</header>
<p class="needs-script">This page needs JavaScript.</p>
<div class="playground" data-loads="${loaded.join(" ")}">
<div class="at-hand">
<div class="tools" role="group" aria-label="Run">
<button type="button" id="play-play" class="main">Play</button>
<button type="button" id="play-step">Step</button>
<button type="button" id="play-reset">Reset</button>
<select id="play-speed" aria-label="Speed">${options(
    [
      ["slow", "4 steps a second"],
      ["steady", "a step a picture"],
      ["fast", "as fast as it goes"],
    ],
    "fast",
  )}</select>
<span class="count" id="play-count"></span>
</div>
<p id="play-problem" class="problem" role="alert" hidden></p>
<p id="play-copied" class="note" role="status" hidden></p>
</div>
<div class="rooms">
<section class="scenes" aria-labelledby="play-scenes">
<h2 id="play-scenes">Scenes</h2>
<div class="choices" role="group" aria-labelledby="play-scenes">${sceneButtons.join("")}</div>
</section>
<div class="turned">
<section id="play-scene" class="scene" aria-label="Scene" hidden>
<p id="play-differs" class="differs" role="status" hidden></p>
<p id="play-task"></p>
<fieldset id="play-question"><legend></legend><div></div></fieldset>
<div id="play-outcome" role="status"></div>
</section>
<section class="knobs" aria-labelledby="play-turn">
<h2 id="play-turn">Knobs</h2>
<div id="play-knobs" role="group" aria-labelledby="play-turn"></div>
${meanings("What the knobs are", Object.values(knobWords))}
</section>
<section class="choose" aria-labelledby="play-choose">
<h2 id="play-choose">What is minimised</h2>
<p class="label" id="play-label"></p>
<h3>The paper’s objectives</h3>
${choices("configuration", "The paper’s objectives", variantNames, labelOf)}
${meaningsOf("What A to J are", variantNames)}
<h3>JEPA, and what keeps it from collapse</h3>
${choices("configuration", "JEPA, and what keeps it from collapse", family, labelOf)}
${meaningsOf("What these JEPAs are", family)}
<details class="more"><summary>Parts of the ELBO taken away, autoencoders</summary>
${choices("configuration", "Parts of the ELBO taken away", taken, labelOf)}
${choices("configuration", "Autoencoders", others, labelOf)}
${meaningsOf("What is taken away, and what the autoencoders are", [...taken, ...others])}
</details>
<h3>Start</h3>
<div class="starts">
<label>Data <select id="play-data">${options(
    [
      ["simulation", "simulated pairs"],
      ["digits", "halves of digits"],
    ],
    "simulation",
  )}</select></label>
<label>Dimensions of a latent <select id="play-d">${options(
    latentSizes.map((d) => [String(d), String(d)] as const),
    "4",
  )}</select></label>
<label>Seed <input id="play-seed" type="number" min="0" max="${mostSeed}" step="1" inputmode="numeric" value="1"></label>
<label><input id="play-plain" type="checkbox"> the same numbers in every browser (a little slower)</label>
<button type="button" id="play-link">Link to this moment</button>
</div>
</section>
</div>
<div class="seen">
<section class="run" aria-labelledby="play-run">
<h2 id="play-run">Latents</h2>
<div class="clouds">
${cloud("x", "the context")}
${cloud("y", "the target")}
</div>
<p id="play-state" class="state" role="status"></p>
<p class="legend" id="play-legend"></p>
<p class="note" id="play-noise"></p>
<figure class="digits" id="play-digits" hidden><canvas role="img" aria-label="Digits drawn"></canvas>
<figcaption>The left half is given. First its true right half, then three that the model draws from the left one.</figcaption></figure>
</section>
<section class="curves" aria-labelledby="play-measures">
<h2 id="play-measures">Measures</h2>
<p class="note">Of ${shownRows} other pairs, on one sample of each posterior. Dashed: as many rows of N(0, I).</p>
<div id="play-measure-curves" class="charts"></div>
${meanings("What the measures say", [...Object.values(measureWords), ["unpredicted", unpredictedMeaning]])}
<h2 id="play-terms">Terms</h2>
<p class="note">Of each batch of ${batchSize} pairs, before their weights.</p>
<div id="play-term-curves" class="charts"></div>
${meanings(
  "What the terms are",
  knobTerms.map((term) => knobWords[term]),
)}
</section>
</div>
</div>
</div>`;
}

/** The page among those of the book. */
export const playground: Companion = {
  file: "playground.html",
  title: "Playground",
  answers:
    "Train a Var-JEPA, or watch a JEPA collapse, in this browser: its two latents as they move, its terms and measures as curves, and every weight a knob.",
  main: playgroundHtml(),
  style: "assets/playground/playground.css",
  program: "assets/playground/playground.js",
};
