/**
 * What `npm pack` runs before (`publish`) and after (`restore`) it reads the tree: the first compiles the source and puts
 * the users' package.json in the place of the repository's, the second puts the repository's back.
 * docs/decisions/0002-source-runs-as-it-is.md says why.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.ts';
import { isPublished, publishedManifest } from './published-manifest.ts';

const root = join(import.meta.dirname, '..');
const manifestPath = join(root, 'package.json');
const savedPath = join(root, '.cache', 'package.source.json');

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
  const text = readFileSync(manifestPath, 'utf8');
  const manifest = JSON.parse(text);
  if (isPublished(manifest)) fail('package.json is not the one of the repository: take it from git first.');
  mkdirSync(dirname(savedPath), { recursive: true });
  writeFileSync(savedPath, text);
  replace(JSON.stringify(publishedManifest(manifest), undefined, 2));
}

function restore(): void {
  let text: string;
  try {
    text = readFileSync(savedPath, 'utf8');
  } catch {
    return;
  }
  replace(text);
  rmSync(savedPath);
}

/** In one step, so that a program that starts meanwhile never reads half a file. */
function replace(text: string): void {
  const next = `${manifestPath}.next`;
  writeFileSync(next, text);
  renameSync(next, manifestPath);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
