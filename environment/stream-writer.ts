import { StringDecoder } from "node:string_decoder";

/** The two streams of a process that a notebook shows. */
export type StreamName = "stdout" | "stderr";

/** Gathers what is written to standard output and error into few messages, in the order of writing. */
export interface StreamWriter {
  write(name: StreamName, chunk: string | Uint8Array): void;
  /** Publishes what is waiting. */
  flush(): void;
}

const longestWait = 50; // milliseconds
const mostWaiting = 1 << 16; // characters

/**
 * A writer that publishes at most every 50 ms or 64 Ki characters: one message per `console.log` would drown
 * a notebook's front end. Text of one stream is published before the other's next text.
 */
export function createStreamWriter(publish: (name: StreamName, text: string) => void): StreamWriter {
  const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  let waiting: string[] = [];
  let size = 0;
  let stream: StreamName = "stdout";
  let published = 0;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    published = Date.now();
    if (size === 0) return;
    const text = waiting.join("");
    waiting = [];
    size = 0;
    publish(stream, text);
  };
  return {
    flush,
    write(name, chunk) {
      if (name !== stream) flush();
      stream = name;
      const text = typeof chunk === "string" ? chunk : decoders[name].write(Buffer.from(chunk));
      waiting.push(text);
      size += text.length;
      if (size > mostWaiting || Date.now() - published > longestWait) flush();
      else timer ??= setTimeout(flush, longestWait).unref();
    },
  };
}
