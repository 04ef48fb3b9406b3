import { world } from "../engine/world.js";

/**
 * A progress line with a bar and, once there is something to tell it from, the time left, rewritten in place in a terminal and in a notebook alike.
 * @param label what is going on
 * @param write where the text goes; what the world prints to by default
 * @returns call it with how much is done of how much, and a word on what was done last
 */
export function progressLine(
  label: string,
  write: (text: string) => void = world().print,
): (done: number, total: number, detail?: string) => void {
  const began = performance.now();
  let lastWritten = Number.NEGATIVE_INFINITY;
  let first: { readonly done: number; readonly now: number } | undefined;
  return (done, total, detail = "") => {
    const now = performance.now();
    first ??= { done, now };
    const finished = done >= total;
    if (!finished && now - lastWritten < 500) return;
    lastWritten = now;
    const seconds = (now - began) / 1000;
    const left = timeLeft(done - first.done, (now - first.now) / 1000, total - done);
    const filled = Math.round((20 * done) / total);
    const bar = "█".repeat(filled) + "░".repeat(20 - filled);
    const time = finished ? `${clock(seconds)} in all` : left;
    write(
      `\r${[label, bar, Math.floor((100 * done) / total), "%", time, detail].filter((word) => word !== "").join(" ")}`.padEnd(
        90,
      ) + (finished ? "\n" : ""),
    );
  };
}

/** Steps and seconds after the first step that are needed to say how long the rest takes. */
const ENOUGH = { steps: 3, seconds: 2 };

/** The first step is not counted: it includes the start, which the others do not. */
function timeLeft(steps: number, seconds: number, rest: number): string {
  if (steps < 1 || (steps < ENOUGH.steps && seconds < ENOUGH.seconds)) return "";
  return `${clock((seconds / steps) * rest)} left`;
}

/** Seconds as `m:ss` or `h:mm:ss`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}
