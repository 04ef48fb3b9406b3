/** What the threads of `team.test.ts` are asked to do. */
import type { Team } from "./team.js";

/** How member 1 ends before its fourth sum, or nothing out of the ordinary. */
export type Deed = "work" | "throw" | "exit" | "die" | "reject" | "fill" | "return" | "wait";

/** Adds up numbers of every length, 20 times over; member 0 tells each total's first number. */
export async function run(
  { deed, length }: { deed: Deed; length: number },
  team: Team,
  tell: (report: unknown) => Promise<unknown>,
): Promise<unknown> {
  let totals = new Float32Array();
  for (let round = 0; round < 20; round++) {
    if (round === 3 && team.index === 1 && (await end(deed))) return undefined;
    const own = Float32Array.from({ length }, (_, i) =>
      Math.fround((i % 7) + (team.index + 1) / (round + 3)),
    );
    totals = team.sum(own);
    if (team.index === 0) {
      const answer = await tell(totals[0]);
      if (answer !== totals[0]) throw new Error(`${totals[0]} was answered by ${answer}`);
    }
  }
  const spread = team.sum(Float64Array.of(team.index === 1 ? totals[length - 1] : 0))[0];
  return { totals, same: spread === (team.size > 1 ? totals[length - 1] : 0) };
}

/** Resolves to true for a member that is to return early. */
async function end(deed: Deed): Promise<boolean> {
  if (deed === "throw") throw new RangeError("this share cannot be computed");
  if (deed === "exit") process.exit(3);
  if (deed === "die") setTimeout(() => JSON.parse("{"));
  if (deed === "reject") Promise.reject(new Error("nobody catches this"));
  if (deed === "fill") fill();
  if (["die", "reject", "wait"].includes(deed)) await new Promise(() => {});
  return deed === "return";
}

/** Takes memory until there is none left. */
function fill(): void {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(2 ** 21).fill(kept.length + 0.5));
}
