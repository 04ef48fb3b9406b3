import type { StepReport } from "./task.js";

/**
 * A progress line with a bar and the time left, rewritten in place in a terminal and in a notebook alike.
 * @param label what is going on
 * @param write where the text goes; standard output by default
 * @returns call it with how much is done of how much, and a word on what was done last
 */
export function progressLine(
  label: string,
  write: (text: string) => void = (text) => process.stdout.write(text),
): (done: number, total: number, detail?: string) => void {
  const began = performance.now();
  let lastWritten = Number.NEGATIVE_INFINITY;
  let doneAtFirst: number | undefined;
  return (done, total, detail = "") => {
    const now = performance.now();
    doneAtFirst ??= Math.max(0, done - 1);
    const finished = done >= total;
    if (!finished && now - lastWritten < 500) return;
    lastWritten = now;
    const seconds = (now - began) / 1000;
    const left = (seconds / Math.max(1, done - doneAtFirst)) * (total - done);
    const filled = Math.round((20 * done) / total);
    const bar = "█".repeat(filled) + "░".repeat(20 - filled);
    const time = finished ? `${clock(seconds)} in all` : `${clock(left)} left`;
    write(
      `\r${label} ${bar} ${Math.floor((100 * done) / total)} % ${time} ${detail}`.padEnd(90) +
        (finished ? "\n" : ""),
    );
  };
}

/** The progress line of a training, as its `onStep`. */
export function trainingProgress(
  label: string,
  write?: (text: string) => void,
): (report: StepReport) => void {
  const tell = progressLine(label, write);
  return ({ step, steps, epoch, epochs }) => tell(step, steps, `epoch ${epoch} of ${epochs}`);
}

/** Seconds as `m:ss` or `h:mm:ss`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}
