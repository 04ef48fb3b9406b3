/** Sends messages over one socket, one after the other. */
export interface SendQueue {
  /** Takes the frames of a message; they are sent when those before them have been. Never throws. */
  send(frames: Buffer[]): void;
  /** Resolves when everything taken so far has been handed to the socket, or was given up. */
  drained(): Promise<void>;
}

/**
 * A queue in front of a ZeroMQ socket, which refuses a message (EBUSY) while it is still at the one before. A
 * message that cannot be sent is left out and its error told to `onError`.
 */
export function createSendQueue(
  socket: { send(frames: Buffer[]): Promise<void> },
  onError: (error: unknown) => void,
): SendQueue {
  let last: Promise<void> = Promise.resolve();
  return {
    send(frames) {
      last = last.then(() => socket.send(frames)).catch(onError);
    },
    drained: () => last,
  };
}
