/** A statement about results, what was measured for it, and whether it holds. */
export interface Claim {
  readonly name: string;
  readonly statement: string;
  readonly holds: boolean;
  readonly measured: Readonly<Record<string, number>>;
}
