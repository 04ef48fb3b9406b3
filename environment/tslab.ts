import { createRequire, SourceMap } from "node:module";
import type {
  createConverter as CreateConverter,
  isCompleteCode as IsCompleteCode,
} from "tslab/dist/converter.js";
import type { createExecutor as CreateExecutor } from "tslab/dist/executor.js";
import type { printQuickInfo as PrintQuickInfo } from "tslab/dist/inspect.js";

/** What a notebook displays: one value per MIME type, as in Jupyter's `display_data` message. */
export interface DisplayData {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

/** A place in a source text; both numbers count from one. */
export interface Position {
  line: number;
  column: number;
}

/** The parts of tslab that the kernel is built on, with its TypeScript compiler set up for this project. */
export interface Tslab {
  createConverter: typeof CreateConverter;
  isCompleteCode: typeof IsCompleteCode;
  createExecutor: typeof CreateExecutor;
  printQuickInfo: typeof PrintQuickInfo;
  /** Sends everything that `tslab.display` and the library's figures show to `write`. */
  onDisplay(write: (data: DisplayData, update: boolean) => void): void;
  /** The way from a place in the last conversion's JavaScript back to its TypeScript. */
  lastOrigin(): (place: Position) => Position | undefined;
}

/** A node of the compiler's syntax tree, as far as it is looked at here. */
interface SyntaxNode {
  readonly parent?: SyntaxNode;
  readonly name?: SyntaxNode;
}

/** The compiler's answers about a program. */
interface TypeChecker {
  getSymbolAtLocation(node: SyntaxNode): unknown;
  getShorthandAssignmentValueSymbol(node: SyntaxNode): unknown;
}

type Visitor = (node: SyntaxNode) => SyntaxNode;

/** What the compiler keeps up to date while cells come in. */
interface WatchHost {
  afterProgramCreate?: (builder: { getProgram(): { getTypeChecker(): TypeChecker } }) => void;
}

/** The few functions of the compiler bundled with tslab that are wrapped here. */
interface Compiler {
  ModuleResolutionKind: { Bundler: number };
  factory: { createPropertyAssignment(name: SyntaxNode, value: SyntaxNode): SyntaxNode };
  isShorthandPropertyAssignment(node: SyntaxNode | undefined): boolean;
  createWatchProgram(host: WatchHost): unknown;
  visitEachChild(node: SyntaxNode, visit: Visitor, context: unknown): SyntaxNode;
  createWatchCompilerHost(files: string[], options: object, ...rest: unknown[]): unknown;
  transpileModule(
    code: string,
    request: { compilerOptions: object },
  ): { outputText: string; sourceMapText?: string };
}

const inlineMap = /\n?\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;
const mapReference = /\n?\/\/# sourceMappingURL=\S+\s*$/;

/**
 * Loads tslab once per process. Three things about its compiler are changed: packages are found through the
 * "exports" of their package.json, source maps are kept so that a run-time error can name a cell's line, and `{ a }`
 * finds the `a` of an earlier cell.
 */
export function loadTslab(): Tslab {
  const fromHere = createRequire(import.meta.url);
  const fromTslab = createRequire(fromHere.resolve("tslab/package.json"));
  const maps: SourceMap[] = [];
  adjustCompiler(fromTslab, maps);
  const load = (file: string) => fromTslab(`./dist/${file}`);
  const jupyter = load("jupyter.js") as { lastWriteDisplayData: unknown };
  return {
    createConverter: load("converter.js").createConverter,
    isCompleteCode: load("converter.js").isCompleteCode,
    createExecutor: load("executor.js").createExecutor,
    printQuickInfo: load("inspect.js").printQuickInfo,
    onDisplay(write) {
      jupyter.lastWriteDisplayData = write;
    },
    lastOrigin() {
      const chain = [...maps];
      return (place) => originOf(place, chain);
    },
  };
}

/** tslab compiles twice, TypeScript to ES module to CommonJS: `maps` gets both source maps, the last step first. */
function adjustCompiler(require: NodeJS.Require, maps: SourceMap[]): void {
  const file = require.resolve("@tslab/typescript-for-tslab");
  const original = require(file) as Compiler;
  const adjusted: Compiler = {
    ...original,
    createWatchCompilerHost: (files, options, ...rest) =>
      original.createWatchCompilerHost(
        files,
        { ...options, moduleResolution: original.ModuleResolutionKind.Bundler, inlineSourceMap: true },
        ...rest,
      ),
    createWatchProgram: (host) => {
      const created = host.afterProgramCreate;
      host.afterProgramCreate = (builder) => {
        lookThroughShorthands(builder.getProgram().getTypeChecker(), original);
        created?.(builder);
      };
      return original.createWatchProgram(host);
    },
    visitEachChild: (node, visit, context) => {
      if (!original.isShorthandPropertyAssignment(node)) return original.visitEachChild(node, visit, context);
      const name = node.name as SyntaxNode;
      const value = visit(name);
      return value === name ? node : original.factory.createPropertyAssignment(name, value);
    },
    transpileModule: (code, request) => {
      const first = inlineMap.exec(code);
      const result = original.transpileModule(code.replace(inlineMap, ""), {
        ...request,
        compilerOptions: { ...request.compilerOptions, sourceMap: true },
      });
      const texts = [result.sourceMapText, first && Buffer.from(first[1], "base64").toString()];
      maps.splice(
        0,
        maps.length,
        ...texts.flatMap((text) => (text ? [new SourceMap(JSON.parse(text))] : [])),
      );
      return { ...result, outputText: result.outputText.replace(mapReference, "") };
    },
  };
  require.cache[file]!.exports = adjusted; // its own properties are read-only
}

/** tslab asks where a name was declared; of the name in `{ a }` the compiler says: there, as a property. */
function lookThroughShorthands(checker: TypeChecker, { isShorthandPropertyAssignment }: Compiler): void {
  const ask = checker.getSymbolAtLocation;
  checker.getSymbolAtLocation = (node) =>
    isShorthandPropertyAssignment(node.parent) && node.parent?.name === node
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : ask(node);
}

function originOf(place: Position, chain: SourceMap[]): Position | undefined {
  let { line, column } = place;
  for (const map of chain) {
    const entry = map.findEntry(line - 1, column - 1);
    if (!("originalLine" in entry)) return undefined;
    line = entry.originalLine + 1;
    column = entry.originalColumn + 1;
  }
  return { line, column };
}
