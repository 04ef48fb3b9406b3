/** The words of a scene: its task, its question, and what the run then did. */
import { append, byId, write } from "./page-parts.js";
import { type Moment, outcome, scenes } from "./scenes.js";

/** Shows a scene's task and question; nothing of a scene that there is not. */
export function showScene(name: string | undefined): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-scene]"))
    button.setAttribute("aria-pressed", String(button.dataset.scene === name));
  byId("play-scene").hidden = name === undefined;
  if (name === undefined) return;
  const { task, question, answers, steps } = scenes[name];
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
  const place = byId("play-outcome");
  if (!byId("play-scene").hidden && !place.querySelector(".left")) {
    if (!isTold()) place.replaceChildren();
    append(place, "p", "You have left the scene: what stands below is another run.").className = "note left";
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-scene]"))
    button.setAttribute("aria-pressed", "false");
}

/** Whether it is said what happened. */
export function isTold(): boolean {
  return byId("play-outcome").querySelector("h3") !== null;
}

/** Says what happened, in the numbers of the run. */
export function tellOutcome(name: string, begin: Moment, end: Moment): void {
  const scene = scenes[name];
  const happened = outcome(scene, begin, end);
  const chosen = document.querySelector<HTMLInputElement>('input[name="play-answer"]:checked');
  const right = chosen && scene.answers[Number(chosen.value)] === happened;
  const verdict = chosen ? (right ? "As you predicted: " : "Not as you predicted: ") : "";
  const lines = [
    `${verdict}${verdict ? lowered(happened.label) : happened.label}.`,
    scene.told(begin, end),
    happened.because,
  ];
  const place = byId("play-outcome");
  place.replaceChildren();
  append(place, "h3", "What happened");
  for (const line of lines) append(place, "p", line);
  append(append(place, "p"), "em", `Next: ${scene.next}`);
}

function lowered(text: string): string {
  return text[0].toLowerCase() + text.slice(1);
}
