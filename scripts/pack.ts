/**
 * What `npm pack` runs before (`publish`) and after (`restore`) it reads the tree: the first compiles the source and puts
 * the users' package.json and documents in the place of the repository's, the second puts the repository's back.
 * docs/decisions/0002-source-runs-as-it-is.md says why.
 */
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.ts';
import { isShipped, publishedDocument } from './published-document.ts';
import { isPublished, publishedManifest } from './published-manifest.ts';

const root = join(import.meta.dirname, '..');
const MANIFEST = 'package.json';
/** The repository's own, while the users' are in their places. */
const saved = join(root, '.cache', 'package-sources');

switch (process.argv[2]) {
  case 'publish':
    // A pack that was killed leaves the users' manifest behind.
    restore();
    if (!build()) process.exit(1);
    publish();
    break;
  case 'restore':
    restore();
    break;
  case 'refuse-directory':
    fail("Publish the tarball, whose manifest is the users': npm pack && npm publish ./millrace-VERSION.tgz");
    break;
  default:
    fail('usage: pack.ts publish | restore | refuse-directory');
}

function publish(): void {
  const manifest = JSON.parse(readFileSync(join(root, MANIFEST), 'utf8'));
  if (isPublished(manifest)) fail('package.json is not the one of the repository: take it from git first.');
  const documents = globSync('{*,docs/**/*}.md', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  const shipped = documents.filter((path) => isShipped(path, manifest.files));
  for (const path of [MANIFEST, ...shipped]) {
    mkdirSync(dirname(join(saved, path)), { recursive: true });
    writeFileSync(join(saved, path), readFileSync(join(root, path)));
  }
  // The manifest first, and back last: as long as it is the users', a check says that the tree is not the repository's.
  replace(MANIFEST, JSON.stringify(publishedManifest(manifest), undefined, 2));
  for (const path of shipped) {
    replace(path, publishedDocument(readFileSync(join(root, path), 'utf8'), path, manifest.files));
  }
}

function restore(): void {
  const paths = globSync('**/*.{md,json}', { cwd: saved }).sort(
    (a, b) => Number(a === MANIFEST) - Number(b === MANIFEST),
  );
  for (const path of paths) replace(path, readFileSync(join(saved, path), 'utf8'));
  rmSync(saved, { recursive: true, force: true });
}

/** In one step, so that a program that starts meanwhile never reads half a file. */
function replace(path: string, text: string): void {
  const next = join(root, `${path}.next`);
  writeFileSync(next, text);
  renameSync(next, join(root, path));
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
