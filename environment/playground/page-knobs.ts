/** The sliders of the page. */
import { knobStops } from "./knob-stops.js";
import { append, byId } from "./page-parts.js";
import { type KnobName, type Knobs, knobsOf, type Start } from "./settings.js";
import { knobWords, short } from "./words.js";

/** Always at hand where they make sense; the other terms are folded away unless the objective has them. */
const first: readonly KnobName[] = [
  "rec",
  "gen",
  "klSx",
  "klZ",
  "klSy",
  "sigregSx",
  "sigregSy",
  "learningRate",
  "decoderNoise",
  "targetDecay",
];

/** Builds the sliders of a configuration. @param turned hears of each that is moved */
export function buildKnobs(
  start: Start,
  knobs: Knobs,
  turned: (knob: KnobName, value: number) => void,
): void {
  const preset = knobsOf(start);
  const rows = (Object.keys(preset) as KnobName[]).map((knob) => {
    const value = knobs[knob]!;
    const seen = first.includes(knob) || preset[knob] !== 0 || value !== 0;
    return { seen, row: knobRow(knob, preset[knob]!, value, turned) };
  });
  const more = document.createElement("details");
  more.className = "more";
  append(append(more, "summary"), "span", "More terms");
  more.append(...rows.filter(({ seen }) => !seen).map(({ row }) => row));
  byId("play-knobs").replaceChildren(
    ...rows.filter(({ seen }) => seen).map(({ row }) => row),
    ...(more.childElementCount > 1 ? [more] : []),
  );
}

function knobRow(
  knob: KnobName,
  preset: number,
  value: number,
  turned: (knob: KnobName, value: number) => void,
) {
  const [label, meaning] = knobWords[knob];
  const stops = knobStops(knob, preset, value);
  const row = document.createElement("div");
  row.className = "knob";
  row.title = meaning;
  const name = append(row, "label", label);
  const slider = append(row, "input");
  slider.type = "range";
  slider.id = `knob-${knob}`;
  slider.max = String(stops.length - 1);
  slider.value = String(stops.indexOf(value));
  name.htmlFor = slider.id;
  const shown = append(row, "output");
  shown.htmlFor.add(slider.id);
  const say = () => {
    const now = stops[Number(slider.value)];
    const words = knob === "decoderNoise" && now === 0 ? "learned" : short(now);
    shown.textContent = words;
    slider.setAttribute("aria-valuetext", words);
    row.classList.toggle("moved", now !== preset);
    return now;
  };
  slider.addEventListener("input", () => turned(knob, say()));
  say();
  return row;
}
