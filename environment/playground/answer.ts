/** What a worker does with a request, in whatever world it runs. */
import { TrainingDiverged } from "../../lib/training/train.js";
import { halfPixels } from "./digits.js";
import { drawnDigits } from "./frame.js";
import type { Opened, Reply, Request } from "./messages.js";
import { dataOf, openSession, type Session, turnDown } from "./session.js";
import type { Start } from "./settings.js";

/** What differs between worlds. */
export interface Surroundings {
  /** Switches to the kernels that the run wants. @returns which they are */
  readonly useKernels: (wanted: Start["kernels"]) => string;
  /** The file of digits. */
  readonly loadDigits: () => Promise<Uint8Array>;
}

/** Answers requests one after the other; a run that fails is told of, and the next can be opened. */
export function answerer({ useKernels, loadDigits }: Surroundings): (request: Request) => Promise<Reply> {
  let session: Session | undefined;
  const open = async (start: Start): Promise<Reply> => {
    session?.close();
    session = undefined;
    const kernels = useKernels(start.kernels);
    const data = dataOf(start, start.data === "digits" ? await loadDigits() : undefined);
    session = openSession(start, data);
    const { labels, x, y } = data.shown;
    const part = (values: Float32Array) => values.slice(0, drawnDigits * halfPixels);
    const opened: Opened = {
      floor: session.floor,
      labels,
      kernels,
      ...(start.data === "digits" && { digits: { left: part(x), right: part(y) } }),
    };
    return { opened, frame: session.frame() };
  };
  const advance = ({ knobs, steps, milliseconds }: Exclude<Request, { open: Start }>): Reply => {
    if (!session) throw new Error("no run is open; reset to start one");
    const terms: Readonly<Record<string, number>>[] = [];
    const began = performance.now();
    while (terms.length < steps) {
      const measured = session.advance(knobs);
      if (!measured) break;
      terms.push(measured);
      if (milliseconds !== undefined && performance.now() - began >= milliseconds) break;
    }
    const spent = performance.now() - began;
    return { terms, frame: session.frame(), milliseconds: spent };
  };
  return async (request) => {
    try {
      return "open" in request ? await open(request.open) : advance(request);
    } catch (error) {
      return { failed: reasonOf(error as Error) };
    }
  };
}

function reasonOf(error: Error): string {
  if (!(error instanceof TrainingDiverged)) return error.message;
  const { term, value, step } = error;
  return `${term} became ${value} at step ${step}; ${turnDown}`;
}
