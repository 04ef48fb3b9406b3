/** The words of a scene: its task, its question, and what the run then did. */
import { append, byId, write } from "./page-parts.js";
import { differences } from "./scene-run.js";
import { type Moment, outcome, type Scene, scenes } from "./scenes.js";
import { sameModel } from "./settings.js";
import type { Setup } from "./setup.js";

/** Shows a scene's task and question; nothing of a scene that there is not. */
export function showScene(name: string | undefined): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-scene]"))
    button.setAttribute("aria-pressed", String(button.dataset.scene === name));
  byId("play-scene").hidden = name === undefined;
  if (name === undefined) return;
  const { task, question, answers, steps } = scenes[name];
  byId("play-differs").hidden = true;
  byId("play-outcome").replaceChildren();
  append(byId("play-outcome"), "p", `What happened will stand here after ${steps} steps.`).className = "note";
  write(byId("play-task"), task);
  const fields = byId("play-question");
  write(fields.querySelector("legend")!, question);
  fields.querySelector("div")!.replaceChildren(
    ...answers.map(({ label }, i) => {
      const line = document.createElement("label");
      const radio = append(line, "input");
      radio.type = "radio";
      radio.name = "play-answer";
      radio.value = String(i);
      append(line, "span", label);
      return line;
    }),
  );
}

/** Leaves the words where they are, but says that no scene is being played any more. */
export function leaveScene(): void {
  byId("play-differs").hidden = true;
  const place = byId("play-outcome");
  if (!byId("play-scene").hidden && !place.querySelector(".left")) {
    if (!isTold()) place.replaceChildren();
    append(place, "p", "You have left the scene: what stands below is another run.").className = "note left";
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-scene]"))
    button.setAttribute("aria-pressed", "false");
}

/** Whether it is said what the run did. */
export function isTold(): boolean {
  return byId("play-outcome").querySelector("h3") !== null;
}

/**
 * Says in what a run differs from the scene's own and, once it has come to the scene's end, what it did; what the scene makes of
 * that is told of its own run alone.
 * @param run as `Driver.told`
 */
export function tellScene(name: string, run: Setup | undefined, begin?: Moment, end?: Moment): void {
  if (isTold()) return;
  const scene = scenes[name];
  const differ = differences(scene, run);
  const own = differ.length === 0;
  byId("play-differs").hidden = own;
  write(
    byId("play-differs"),
    own
      ? ""
      : `This is not the scene’s own run: ${differ.join("; ")}. The outcome that the scene tells is of its own; choose the scene again for that.`,
  );
  const place = byId("play-outcome");
  if (!own) place.replaceChildren();
  if (!begin || !end || (!own && !(run && sameModel(run, scene.setup)))) return;
  place.replaceChildren();
  append(place, "h3", `${own ? "What happened" : "This run"} up to step ${end.step}`);
  if (own) tellOutcome(place, scene, begin, end);
  else append(place, "p", scene.told(begin, end));
}

function tellOutcome(place: HTMLElement, scene: Scene, begin: Moment, end: Moment): void {
  const happened = outcome(scene, begin, end);
  const chosen = document.querySelector<HTMLInputElement>('input[name="play-answer"]:checked');
  const right = chosen && scene.answers[Number(chosen.value)] === happened;
  const verdict = chosen ? (right ? "As you predicted: " : "Not as you predicted: ") : "";
  const lines = [
    `${verdict}${verdict ? lowered(happened.label) : happened.label}.`,
    scene.told(begin, end),
    ...(happened.because ? [happened.because] : []),
  ];
  for (const line of lines) append(place, "p", line);
  append(append(place, "p"), "em", `Next: ${scene.next}`);
}

function lowered(text: string): string {
  return text[0].toLowerCase() + text.slice(1);
}
