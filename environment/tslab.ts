import Module, { createRequire, SourceMap } from "node:module";
import path from "node:path";
import vm from "node:vm";
import type {
  createConverter as CreateConverter,
  isCompleteCode as IsCompleteCode,
} from "tslab/dist/converter.js";
import type { createExecutor as CreateExecutor } from "tslab/dist/executor.js";
import type { printQuickInfo as PrintQuickInfo } from "tslab/dist/inspect.js";
import { projectFolder } from "../lib/settings.js";

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
  /** The variables that the last converted cell declares itself. */
  lastVariables(): Variable[];
}

/** A variable of a cell, its functions and classes included. */
export interface Variable {
  name: string;
  /** Whether a later cell may give it another value. */
  assignable: boolean;
}

/** A node of the compiler's syntax tree, as far as it is looked at here. */
interface SyntaxNode {
  readonly flags: number;
  readonly pos: number;
  readonly end: number;
  readonly parent?: SyntaxNode;
  readonly name?: SyntaxNode;
  readonly text?: string;
  /** Of a list of variables. */
  readonly declarations?: readonly SyntaxNode[];
  /** Of a pattern in place of a name; of the names in `export { … }`. */
  readonly elements?: readonly SyntaxNode[];
  readonly declarationList?: SyntaxNode;
  readonly exportClause?: SyntaxNode;
  readonly moduleSpecifier?: SyntaxNode;
  /** Of a source file. */
  readonly statements?: readonly SyntaxNode[];
}

/** The compiler's answers about a program. */
interface TypeChecker {
  getSymbolAtLocation(node: SyntaxNode): unknown;
  getShorthandAssignmentValueSymbol(node: SyntaxNode): unknown;
}

type Visitor = (node: SyntaxNode) => SyntaxNode;

/** How the compiler sees files. */
interface System {
  fileExists(file: string): boolean;
  directoryExists(folder: string): boolean;
  readFile(file: string, encoding?: string): string | undefined;
  realpath?(file: string): string;
  setTimeout(callback: () => void, ...rest: unknown[]): unknown;
  clearTimeout(timer: unknown): void;
}

/** What the compiler keeps up to date while cells come in. */
interface WatchHost {
  afterProgramCreate?: (builder: { getProgram(): { getTypeChecker(): TypeChecker } }) => void;
}

/** The few functions of the compiler bundled with tslab that are wrapped here. */
interface Compiler {
  ModuleResolutionKind: { Bundler: number };
  NodeFlags: { Const: number };
  ScriptTarget: { Latest: number };
  factory: { createPropertyAssignment(name: SyntaxNode, value: SyntaxNode): SyntaxNode };
  createSourceFile(name: string, text: string, target: number): SyntaxNode;
  isVariableStatement(node: SyntaxNode): boolean;
  isFunctionDeclaration(node: SyntaxNode): boolean;
  isClassDeclaration(node: SyntaxNode): boolean;
  isIdentifier(node: SyntaxNode): boolean;
  isExportDeclaration(node: SyntaxNode): boolean;
  isShorthandPropertyAssignment(node: SyntaxNode): boolean;
  createWatchProgram(host: WatchHost): unknown;
  visitEachChild(node: SyntaxNode, visit: Visitor, context: unknown): SyntaxNode;
  createWatchCompilerHost(files: string[], options: object, system: System, ...rest: unknown[]): unknown;
  transpileModule(
    code: string,
    request: { compilerOptions: object },
  ): { outputText: string; sourceMapText?: string };
}

const inlineMap = /\n?\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;
const mapReference = /\n?\/\/# sourceMappingURL=\S+\s*$/;

/** This package's name. */
const ownName = "var-jepa";

/** The compiled cell, as its source map calls it. */
const compiledCell = "__tslab__.js";

/** What is kept of the last conversion. */
interface Conversion {
  /** tslab compiles twice, TypeScript to ES module to CommonJS: both source maps, the last step first. */
  maps: SourceMap[];
  variables: Variable[];
}

/**
 * Loads tslab once per process. Six things about it are changed: packages are found through the "exports" of their
 * package.json, and where a notebook's folder has none of that name, in this project; source maps are kept so that
 * a run-time error can name a cell's line; SIGINT is left alone; `{ a }` finds the `a` of an earlier cell; and a cell does not export its
 * variables by value, so that they can be shared (see `cell-variables.ts`).
 */
export function loadTslab(): Tslab {
  const fromHere = createRequire(import.meta.url);
  const fromTslab = createRequire(fromHere.resolve("tslab/package.json"));
  const last: Conversion = { maps: [], variables: [] };
  adjustCompiler(fromTslab, last);
  findOwnPackages();
  leaveSigintAlone();
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
      const chain = [...last.maps];
      return (place) => originOf(place, chain);
    },
    lastVariables: () => last.variables,
  };
}

function adjustCompiler(require: NodeJS.Require, last: Conversion): void {
  const file = require.resolve("@tslab/typescript-for-tslab");
  const original = require(file) as Compiler;
  const adjusted: Compiler = {
    ...original,
    createWatchCompilerHost: (files, options, system, ...rest) =>
      original.createWatchCompilerHost(
        files,
        { ...options, moduleResolution: original.ModuleResolutionKind.Bundler, inlineSourceMap: true },
        withOwnPackages(system),
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
      const inline = inlineMap.exec(code)?.[1];
      const first = inline && JSON.parse(Buffer.from(inline, "base64").toString());
      const script = code.replace(inlineMap, "");
      const { text, variables } =
        first?.file === compiledCell ? withoutExports(script, original) : { text: script, variables: [] };
      const result = original.transpileModule(text, {
        ...request,
        compilerOptions: { ...request.compilerOptions, sourceMap: true },
      });
      const maps = [result.sourceMapText && JSON.parse(result.sourceMapText), first];
      last.maps = maps.flatMap((map) => (map ? [new SourceMap(map)] : []));
      last.variables = variables;
      return { ...result, outputText: result.outputText.replace(mapReference, "") };
    },
  };
  require.cache[file]!.exports = adjusted; // its own properties are read-only
}

/** A compiled cell that exports no more than what it imports, and the variables that it declares. */
function withoutExports(code: string, compiler: Compiler): { text: string; variables: Variable[] } {
  const file = compiler.createSourceFile("cell.js", code, compiler.ScriptTarget.Latest);
  const variables = variablesOf(file, compiler);
  const own = new Set(variables.map(({ name }) => name));
  let text = code;
  for (const statement of [...(file.statements ?? [])].reverse()) {
    const replace = (change: (part: string) => string) => {
      text =
        text.slice(0, statement.pos) +
        change(text.slice(statement.pos, statement.end)) +
        text.slice(statement.end);
    };
    const { exportClause, moduleSpecifier } = statement;
    // Blanks keep the places of what follows; tslab exports the value of the last expression in this way.
    if (compiler.isVariableStatement(statement))
      replace((part) => part.replace(/^(\s*)export /, "$1       "));
    if (!compiler.isExportDeclaration(statement) || !exportClause || moduleSpecifier) continue;
    const imported = exportClause.elements?.filter(({ name }) => !own.has(name?.text ?? "")) ?? [];
    replace(() => `\nexport { ${imported.map(({ name }) => name?.text).join(", ")} };`);
  }
  return { text, variables };
}

/** What a script declares in its statements themselves; tslab forgets a `var` deeper than that. */
function variablesOf(file: SyntaxNode, compiler: Compiler): Variable[] {
  const found = new Map<string, boolean>();
  const add = (name: SyntaxNode | undefined, assignable: boolean) => {
    if (name === undefined) return;
    if (compiler.isIdentifier(name)) found.set(name.text ?? "", assignable);
    else for (const element of name.elements ?? []) add(element.name, assignable);
  };
  for (const statement of file.statements ?? []) {
    const { declarationList: list } = statement;
    if (compiler.isFunctionDeclaration(statement) || compiler.isClassDeclaration(statement))
      add(statement.name, false);
    else if (list)
      for (const { name } of list.declarations ?? []) add(name, !(list.flags & compiler.NodeFlags.Const));
  }
  return [...found].map(([name, assignable]) => ({ name, assignable }));
}

/**
 * Lets the compiler find this project and its packages in the outermost `node_modules`, where it looks last, so
 * that a notebook may lie anywhere.
 */
function withOwnPackages(system: System): System {
  const outermost = path.join(path.parse(process.cwd()).root, "node_modules").replaceAll("\\", "/");
  const forward = (file: string) => {
    if (file === outermost) return path.join(projectFolder, "node_modules");
    if (!file.startsWith(`${outermost}/`) || system.fileExists(file) || system.directoryExists(file))
      return file;
    const [name, ...rest] = file.slice(outermost.length + 1).split("/");
    return name === ownName
      ? path.join(projectFolder, ...rest)
      : path.join(projectFolder, "node_modules", name, ...rest);
  };
  return Object.assign(Object.create(system) as System, {
    fileExists: (file: string) => system.fileExists(forward(file)),
    directoryExists: (folder: string) => system.directoryExists(forward(folder)),
    readFile: (file: string, encoding?: string) => system.readFile(forward(file), encoding),
    realpath: (file: string) => system.realpath?.(forward(file)) ?? forward(file),
    ...timersOf(system),
  });
}

/**
 * The compiler has two timers: one for building anew, which tslab runs itself before it compiles a cell, and one for looking
 * again for files that were not there. tslab has room for one and throws at a second, out of reach of any cell.
 */
function timersOf(system: System): Pick<System, "setTimeout" | "clearTimeout"> {
  const own = new Set<unknown>();
  return {
    setTimeout(callback, ...rest) {
      if (callback.name !== "invalidateResolutionsOfFailedLookup")
        return system.setTimeout(callback, ...rest);
      const timer = setTimeout(() => {
        own.delete(timer);
        callback();
      }, 0);
      own.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      if (own.delete(timer)) clearTimeout(timer as NodeJS.Timeout);
      else system.clearTimeout(timer);
    },
  };
}

/** tslab has Node's vm take SIGINT for itself while a cell computes; here the launching program sees to it. */
function leaveSigintAlone(): void {
  const run = vm.runInThisContext;
  vm.runInThisContext = (code, options) =>
    run(code, typeof options === "object" ? { ...options, breakOnSigint: false } : options);
}

/** Lets `require` find this project and its packages where a notebook's folder has none of that name. */
function findOwnPackages(): void {
  const own = createRequire(path.join(projectFolder, "package.json"));
  const loader = Module as unknown as {
    _resolveFilename(request: string, parent?: { filename?: string | null }, ...rest: unknown[]): string;
  };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    try {
      return resolve(request, parent, ...rest);
    } catch (error) {
      const from = parent?.filename ?? "";
      const byNotebook =
        !from.startsWith(projectFolder + path.sep) && !from.split(path.sep).includes("node_modules");
      if (!byNotebook || request.startsWith(".") || path.isAbsolute(request)) throw error;
      try {
        return own.resolve(request);
      } catch {
        throw error;
      }
    }
  };
}

/** tslab asks where a name was declared; of the name in `{ a }` the compiler says: there, as a property. */
function lookThroughShorthands(checker: TypeChecker, { isShorthandPropertyAssignment }: Compiler): void {
  const ask = checker.getSymbolAtLocation;
  checker.getSymbolAtLocation = (node) =>
    node.parent && isShorthandPropertyAssignment(node.parent) && node.parent.name === node
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
