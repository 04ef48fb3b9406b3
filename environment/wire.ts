import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

/** A JSON object whose fields have not been checked yet. */
export type JsonObject = Record<string, unknown>;

/** What a Jupyter connection file says: where a kernel listens and the key that signs every message. */
export interface Connection {
  transport: string;
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
}

/** The five sockets of a kernel. */
export type Channel = "shell" | "iopub" | "stdin" | "control" | "hb";

/** The header of a Jupyter message; a message without a parent has an empty one there. */
export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** A Jupyter message, decoded. `identities` are the ZeroMQ routing frames before the delimiter. */
export interface Message {
  identities: Buffer[];
  header: Header;
  parent: Partial<Header>;
  metadata: JsonObject;
  content: JsonObject;
}

const delimiter = Buffer.from("<IDS|MSG>");
const protocolVersion = "5.3";

/**
 * Reads a Jupyter connection file.
 * @throws when the file asks for anything but TCP with HMAC-SHA256 and a non-empty key.
 */
export function readConnection(file: string): Connection {
  const connection = JSON.parse(readFileSync(file, "utf8")) as Connection;
  if (connection.transport !== "tcp")
    throw new Error(`${file}: transport is "${connection.transport}"; this kernel speaks "tcp"`);
  if (connection.signature_scheme !== "hmac-sha256")
    throw new Error(`${file}: signature_scheme is "${connection.signature_scheme}"; use "hmac-sha256"`);
  if (!connection.key) throw new Error(`${file}: key is empty; messages must be signed, give it a key`);
  return connection;
}

/** The ZeroMQ address of one of a kernel's sockets. */
export function address(connection: Connection, channel: Channel): string {
  return `${connection.transport}://${connection.ip}:${connection[`${channel}_port`]}`;
}

/** A new message of a session; `parent` is the header of the request that it answers. */
export function newMessage(
  session: string,
  msg_type: string,
  content: JsonObject,
  parent: Partial<Header> = {},
): Message {
  const header: Header = {
    msg_id: randomUUID(),
    msg_type,
    session,
    username: "var-jepa",
    date: new Date().toISOString(),
    version: protocolVersion,
  };
  return { identities: [], header, parent, metadata: {}, content };
}

/** The frames of a signed message, ready to be sent. */
export function encode(message: Message, key: string): Buffer[] {
  const parts = [message.header, message.parent, message.metadata, message.content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  return [...message.identities, delimiter, Buffer.from(sign(parts, key)), ...parts];
}

/**
 * The message in the frames of one ZeroMQ delivery. Of its header the plain fields are kept; a parent, metadata or
 * content that is not an object counts as empty.
 * @throws when the frames are not a Jupyter message, are not signed with the key, or name no id and type to answer.
 */
export function decode(frames: Buffer[], key: string): Message {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  if (at < 0 || frames.length < at + 6) throw new Error("not a Jupyter message: delimiter or parts missing");
  const [signature, ...rest] = frames.slice(at + 1);
  const parts = rest.slice(0, 4);
  const expected = Buffer.from(sign(parts, key));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    throw new Error("message refused: its signature does not match the connection file's key");
  const [header, parent, metadata, content] = parts.map((part) => objectOf(JSON.parse(part.toString())));
  return { identities: frames.slice(0, at), header: headerOf(header), parent, metadata, content };
}

function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** A header comes back in every answer as its parent, so it holds nothing but plain values. */
function headerOf(fields: JsonObject): Header {
  const header = Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== "object"));
  for (const name of ["msg_id", "msg_type"])
    if (typeof header[name] !== "string" || header[name] === "")
      throw new Error(`message refused: its header's ${name} is missing; it must be a text`);
  return header as unknown as Header;
}

function sign(parts: Buffer[], key: string): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
