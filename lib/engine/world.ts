/**
 * What the library cannot do by itself, handed in once by the edge of the world in which it runs: `lib/node/world.ts` in
 * Node.js, a page's own program in a browser. Nothing else from here to training knows where it runs.
 */

/** `relaxed` fuses multiply and add into one rounding; `plain` gives the same bits on every processor. */
export type KernelBuild = "relaxed" | "plain";

/** What computes in this process. */
export interface Engine {
  /** TensorFlow.js backend name: `tensorflow` (tfjs-node, tfjs-node-gpu), `wasm` or `cpu`. */
  readonly backend: string;
  /** The package that brought the backend, with its version. */
  readonly source: string;
  /** On wasm: which build of the fused kernels, or `composed` operations. */
  readonly kernels?: KernelBuild | "composed";
  /** Worker processes that independent runs are spread over. */
  readonly workers: number;
}

/** A thread as the one who started it sees it. */
export interface Thread {
  postMessage(message: unknown): void;
  on(event: "message" | "error", listener: (value: unknown) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
}

/** A file that is read piece by piece. */
export interface OpenFile {
  /** In bytes. */
  readonly size: number;
  /** Fills `bytes` from `position` on. @returns as many of them as the file had */
  read(bytes: Uint8Array, position: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where runs and models are kept. A file's name may have folders before it, after which a slash stands. */
export interface Files {
  exists(file: string): boolean;
  /** @throws when there is no such file. */
  open(file: string): Promise<OpenFile>;
  /** Writes a file, whole or not at all, and its folder if need be. */
  write(file: string, content: string | Uint8Array): void;
}

/** One world. */
export interface World {
  /** Makes TensorFlow.js ready. Called once. */
  readonly startEngine: () => Promise<Engine>;
  /**
   * The fused kernels' module.
   * @throws when it is not there.
   */
  readonly kernels: (build: KernelBuild) => Uint8Array;
  /** SHA-256 of texts and numbers one after the other, as hexadecimal digits. */
  readonly sha256: (
    pieces: Iterable<string | Uint8Array | Int32Array | Float32Array | Float64Array>,
  ) => string;
  readonly files: Files;
  /** Shows text that is going on: no end of line, unless it brings one. */
  readonly print: (text: string) => void;
  /** Starts a thread that does its part of a team's job (`MemberStart`); left out where there are no threads. */
  readonly startThread?: (start: unknown) => Thread;
}

let entered: World | undefined;

/** Hands in the world. */
export function enterWorld(world: World): void {
  entered = world;
}

/**
 * The world that was handed in.
 * @throws when none was.
 */
export function world(): World {
  if (!entered)
    throw new Error(
      "nothing says how this world starts an engine or keeps files; import var-jepa or lib/node/world.js, or call enterWorld",
    );
  return entered;
}
