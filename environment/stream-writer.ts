import type { Header } from "./wire.js";

/** A piece of what a cell printed, as Jupyter's `stream` message carries it. */
export interface Printed {
  name: "stdout" | "stderr";
  text: string;
  /** The header of the request whose cell printed it. */
  parent: Partial<Header>;
}

/** Gathers printed pieces into few messages, in the order of printing. */
export interface StreamWriter {
  write(piece: Printed): void;
  /** Publishes what is waiting. */
  flush(): void;
}

const longestWait = 50; // milliseconds
const mostWaiting = 1 << 16; // characters

/**
 * A writer that publishes at most every 50 ms or 64 Ki characters: one message per `console.log` would drown
 * a notebook's front end. Text of one stream and cell is published before the next one's.
 */
export function createStreamWriter(publish: (piece: Printed) => void): StreamWriter {
  let waiting: string[] = [];
  let size = 0;
  let of: Pick<Printed, "name" | "parent"> = { name: "stdout", parent: {} };
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (size === 0) return;
    const text = waiting.join("");
    waiting = [];
    size = 0;
    publish({ ...of, text });
  };
  return {
    flush,
    write({ name, text, parent }) {
      if (name !== of.name || parent.msg_id !== of.parent.msg_id) flush();
      of = { name, parent };
      waiting.push(text);
      size += text.length;
      if (size > mostWaiting) flush();
      else timer ??= setTimeout(flush, longestWait);
    },
  };
}
