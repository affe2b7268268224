import type { Json } from "sagsgang-plugin";

/** An engine inside a test, with everything granted. */
export class Host {
  /** A host whose calls are about this case. */
  static withCase(value: Record<string, unknown>): Host;
  /** Runs an action with the host's clock. Throws the `Failure` that it ends with; then nothing that it asked for is kept. */
  call(action: (input: any) => unknown, input: Json): any;
  case: Record<string, unknown> | null;
  actor: { kind: string; id: string; name: string };
  locale: string;
  configuration: unknown;
  idempotencyKey: string;
  nowUs: number;
  /** What `cases.read` finds, by id or number. */
  otherCases: Map<string, Record<string, unknown>>;
  /** The text that counts as signed with each secret, whatever the code is. */
  signed: Map<string, string>;
  /** What is answered to the next requests; a body that is no text is written as JSON. */
  answers: { status?: number; headers?: Record<string, string>; body?: unknown }[];
  /** What was sent. */
  readonly requests: { method: string; url: string; headers: Record<string, string>; body: Uint8Array | null }[];
  /** What was asked for, in order. */
  readonly commands: { type: string; [member: string]: any }[];
  /** What was drawn or written. */
  readonly documents: { name: string; content: unknown }[];
  readonly log: { level: string; message: string }[];
  readonly kept: Map<string, Uint8Array>;
}

export { Failure, HostError } from "sagsgang-plugin";
