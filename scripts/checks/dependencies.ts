/** Holds the source against dependency-rules.ts: direction, cycles, and the purity of the runner core. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Expression, parseSync, Visitor } from 'oxc-parser';
import { DYNAMIC_IMPORTS, IMPURE_GLOBALS, IMPURE_LAYER, LAYERS, PURE_NODE_MODULES } from './dependency-rules.ts';
import { type Import, importsOf, resolveImport } from './imports.ts';
import type { Problem } from './problem.ts';
import { isTest, lineAt, ROOT, type SourceFile, sourceFiles } from './source-files.ts';

/** All problems; none where the source keeps to the rules. Tests beside their source may import anything. */
export function checkDependencies(
  files: readonly SourceFile[] = sourceFiles(),
  selfExports = readExports(),
): Problem[] {
  const problems: Problem[] = [];
  const runtimeGraph = new Map<string, string[]>();
  for (const file of files) {
    const edges = importsOf(file).map((edge) => ({
      ...edge,
      target: resolveImport(file.path, edge.specifier, selfExports),
    }));
    runtimeGraph.set(
      file.path,
      edges.flatMap(({ kind, target }) => (kind === 'runtime' && target !== undefined ? [target] : [])),
    );
    if (isTest(file.path) && file.path.startsWith('src/')) continue;
    for (const edge of edges) {
      const message = objection(file.path, edge, edge.target);
      if (message !== undefined) problems.push({ severity: 'error', place: `${file.path}:${edge.line}`, message });
    }
    if (isWithin(file.path, IMPURE_LAYER)) problems.push(...impurities(file));
  }
  return [...problems, ...cycles(runtimeGraph)];
}

/** Why this import may not be, or undefined where it may. */
function objection(from: string, { kind, specifier }: Import, target: string | undefined): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined) return `lies in no layer of scripts/checks/dependency-rules.ts`;
  if (target === undefined) {
    const isImpure = layer === IMPURE_LAYER && specifier.startsWith('node:') && !PURE_NODE_MODULES.includes(specifier);
    return isImpure ? `the runner core may not import ${specifier}: take what it does as an argument` : undefined;
  }
  // How a user writes it: examples and benchmarks reach the package by its name.
  if (!specifier.startsWith('.') && !from.startsWith('src/')) return undefined;
  if (isWithin(target, layer)) return undefined;
  if (LAYERS[layer]?.some((allowed) => isWithin(target, allowed))) return undefined;
  if (kind === 'dynamic' && DYNAMIC_IMPORTS[from]?.some((allowed) => isWithin(target, allowed))) return undefined;
  return `${layer} may not import ${target} (scripts/checks/dependency-rules.ts)`;
}

/** The most specific layer that a file or folder belongs to. */
export function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS)
    .filter((layer) => isWithin(path, layer))
    .sort((a, b) => b.length - a.length)[0];
}

function isWithin(path: string, folderOrFile: string): boolean {
  return path === folderOrFile || path.startsWith(`${folderOrFile}/`);
}

/** Uses of clock, randomness, network and process in a file that must be handed them. */
function impurities({ path, text }: SourceFile): Problem[] {
  if (isTest(path)) return [];
  const problems: Problem[] = [];
  const report = (name: string, offset: number): void => {
    const message = `the runner core may not use ${name}: take it as an argument`;
    problems.push({ severity: 'error', place: `${path}:${lineAt(text, offset)}`, message });
  };
  const reportIfImpure = (node: Expression): void => {
    if (node.type === 'Identifier' && IMPURE_GLOBALS.includes(node.name)) report(node.name, node.start);
  };
  new Visitor({
    CallExpression: ({ callee }) => reportIfImpure(callee),
    NewExpression: ({ callee, arguments: given, start }) => {
      if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0) report('new Date()', start);
    },
    MemberExpression: ({ object, property, start }) => {
      if (object.type !== 'Identifier' || property.type !== 'Identifier') return;
      const name = `${object.name}.${property.name}`;
      if (IMPURE_GLOBALS.includes(name)) report(name, start);
      else reportIfImpure(object);
    },
  }).visit(parseSync(path, text).program);
  return problems;
}

/** Modules that load each other in a circle; each circle once. Type-only and dynamic imports make none. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): Problem[] {
  const problems: Problem[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      problems.push({
        severity: 'error',
        place: file,
        message: `import cycle: ${[...path.slice(at), file].join(' -> ')}`,
      });
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return problems;
}

function readExports(): Record<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.fromEntries(Object.entries<string>(exports).map(([entry, path]) => [name + entry.slice(1), path]));
}
