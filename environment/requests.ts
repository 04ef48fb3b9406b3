/** What both of the kernel's threads do with a request, whatever it holds. */
import { brief } from "./brief.js";
import { runtimeError } from "./cell-errors.js";
import { type JsonObject, type Message, newMessage } from "./wire.js";

/** For each type of request the way from its content to that of its reply. */
export type RequestHandlers = Record<string, (content: JsonObject) => JsonObject | Promise<JsonObject>>;

/**
 * The content of the reply to a request; one with status "error" when there is no handler for it or the handler
 * fails, and none for a message that is no request. Never rejects.
 */
export async function answerTo(
  { header: { msg_type }, content }: Message,
  handlers: RequestHandlers,
): Promise<JsonObject | undefined> {
  if (!msg_type.endsWith("_request")) return undefined; // such as messages of widgets, which we do not have
  try {
    if (!Object.hasOwn(handlers, msg_type))
      throw new RequestError(`${brief(msg_type)} is not a request that this kernel answers on this channel`);
    return await handlers[msg_type](content);
  } catch (error) {
    return { status: "error", ...runtimeError(error, new Map()) };
  }
}

/** The reply to a request, addressed to its sender. */
export function replyTo(request: Message, session: string, content: JsonObject): Message {
  const type = request.header.msg_type.replace(/_request$/, "_reply");
  return { ...newMessage(session, type, content, request.header), identities: request.identities };
}

/** A field of a request that must be a text. */
export function textField(content: JsonObject, name: string): string {
  const value = content[name];
  if (typeof value !== "string") throw new RequestError(`${name} is ${brief(value)}; it must be a text`);
  return value;
}

/** A field of a request that must be a whole number, 0 or more. */
export function countField(content: JsonObject, name: string): number {
  const value = content[name];
  if (!Number.isSafeInteger(value) || Number(value) < 0)
    throw new RequestError(`${name} is ${brief(value)}; it must be a whole number, 0 or more`);
  return Number(value);
}

/** A request cannot be answered as it is. */
class RequestError extends Error {
  override name = "RequestError";
}
