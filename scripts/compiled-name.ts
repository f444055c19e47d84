/**
 * Where a source file's JavaScript lies in the package. All of it lies side by side in dist/, so that a file can be named
 * from whichever chunk the bundler has put the code into.
 */
export function compiledName(source: string): string {
  return `${source
    .replace(/^(?:\.\/)?src\//, '')
    .replace(/\.ts$/, '')
    .replaceAll('/', '-')}.js`;
}
