/**
 * The public surface: every entry point of package.json exists under a plain name, `bin` can be executed, and every
 * symbol that an entry exports is documented where it is declared.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Comment, type Program, parseSync } from 'oxc-parser';
import { isPublished, type SourceManifest } from '../published-manifest.ts';
import type { Problem } from './problem.ts';
import { isGenerated, lineAt, ROOT } from './source-files.ts';

type Statement = Program['body'][number];

/** All problems of the entry points. */
export function checkExports(): Problem[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as SourceManifest;
  if (isPublished(manifest)) {
    const message = 'is the manifest of the package, left by a pack that was cut short: node scripts/pack.ts restore';
    return [{ severity: 'error', place: 'package.json', message }];
  }
  const problems = [...entryProblems(manifest), ...binProblems(manifest)];
  const documented = new Set<string>();
  for (const path of Object.values(manifest.exports)) {
    if (path.endsWith('.ts') && existsSync(join(ROOT, path))) {
      problems.push(...undocumented(posix.normalize(path), undefined, documented));
    }
  }
  return problems;
}

function entryProblems({ exports }: SourceManifest): Problem[] {
  return Object.entries(exports).flatMap(([entry, path]): Problem[] => {
    const problem = (message: string): Problem[] => [{ severity: 'error', place: 'package.json', message }];
    if (entry.includes('*')) return problem(`exports: ${entry} is a pattern, which makes every file public`);
    if (!existsSync(join(ROOT, path))) return problem(`exports: ${entry} names ${path}, which does not exist`);
    return [];
  });
}

function binProblems({ bin }: SourceManifest): Problem[] {
  return Object.values(bin).flatMap((path): Problem[] => {
    const problem = (message: string): Problem[] => [{ severity: 'error', place: path, message }];
    if (!existsSync(join(ROOT, path))) return problem('is named in "bin" and does not exist');
    if (readFileSync(join(ROOT, path), 'utf8').startsWith('#!/usr/bin/env node\n')) return [];
    return problem('must start with #!/usr/bin/env node, as a command');
  });
}

/**
 * The exports of a module that have no doc comment; `names` limits them to what an entry re-exports. Follows
 * re-exports, and imports that are exported again, to the declaration. `seen` holds what was looked at before.
 */
function undocumented(path: string, names: ReadonlySet<string> | undefined, seen: Set<string>): Problem[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  if (isGenerated(path)) return [];
  const { program, comments } = parseSync(path, text);
  const isWanted = (name: string): boolean => names === undefined || names.has(name);
  const problems: Problem[] = [];
  const follow = (specifier: string, wanted: ReadonlySet<string> | undefined): void => {
    if (specifier.startsWith('.'))
      problems.push(...undocumented(posix.join(posix.dirname(path), specifier), wanted, seen));
  };

  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration') follow(statement.source.value, names);
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const local = statement.specifiers
      .map((specifier) => ({ local: nameOf(specifier.local), exported: nameOf(specifier.exported) }))
      .filter(({ exported }) => isWanted(exported));
    if (local.length === 0 && statement.declaration === null) continue;
    if (statement.source !== null) follow(statement.source.value, new Set(local.map((each) => each.local)));
    else for (const each of local) problems.push(...documentedLocally(each.local));
    const declared = namesDeclaredBy(statement.declaration).filter(isWanted);
    if (declared.length > 0) problems.push(...unlessDocumented(declared, statement));
  }
  return problems;

  /** For `export { name }` of something declared or imported in this module. */
  function documentedLocally(name: string): Problem[] {
    for (const statement of program.body) {
      if (statement.type === 'ImportDeclaration') {
        const specifier = statement.specifiers.find((each) => each.local.name === name);
        if (specifier?.type === 'ImportSpecifier' && statement.source.value.startsWith('.')) {
          const target = posix.join(posix.dirname(path), statement.source.value);
          return undocumented(target, new Set([nameOf(specifier.imported)]), seen);
        }
      } else if (namesDeclaredBy(statement).includes(name)) {
        return unlessDocumented([name], statement);
      }
    }
    return [];
  }

  /** Overloads, and a type and a value of one name, need one comment between them: the first. */
  function unlessDocumented(declared: readonly string[], statement: Statement): Problem[] {
    const unseen = declared.filter((name) => !seen.has(`${path}#${name}`));
    for (const name of unseen) seen.add(`${path}#${name}`);
    if (unseen.length === 0 || hasDocComment(text, comments, statement.start)) return [];
    const place = `${path}:${lineAt(text, statement.start)}`;
    return [{ severity: 'error', place, message: `${unseen.join(', ')} is public and has no doc comment` }];
  }
}

function namesDeclaredBy(statement: { type: string } | null): string[] {
  const node = statement as Statement | null;
  switch (node?.type) {
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []));
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return node.id === null ? [] : [node.id.name];
    default:
      return [];
  }
}

function nameOf(node: { type: string; name?: string; value?: unknown }): string {
  return node.name ?? String(node.value);
}

/** Whether a doc comment ends right before this offset. */
function hasDocComment(text: string, comments: readonly Comment[], start: number): boolean {
  const before = comments.findLast((comment) => comment.end <= start);
  if (before === undefined || before.type !== 'Block' || !before.value.startsWith('*')) return false;
  return text.slice(before.end, start).trim() === '';
}
