/**
 * `node scripts/generate-model.ts`: writes src/model/generated/ from proto/. Each module is two files: the types, which
 * exist for the compiler only and are never loaded, and the definitions, which are small.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifierOf, isNamespace, isOpen, ModuleWriter, type TypeSymbol } from './model-writer.ts';
import { type ProtoPackage, readProtoPackages } from './proto-files.ts';

/** The folder of the generated files. */
export const OUTPUT = join(import.meta.dirname, '../src/model/generated');

/** The modules, each with its packages; a later one may use the types of an earlier one. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  'well-known': ['google.protobuf'],
  pipeline: ['org.apache.beam.model.pipeline.v1'],
  'fn-execution': ['org.apache.beam.model.fn_execution.v1'],
  'job-management': ['org.apache.beam.model.job_management.v1', 'org.apache.beam.model.expansion.v1'],
  example: ['tensorflow'],
};

if (import.meta.main) {
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
  for (const [file, text] of generateModel()) writeFileSync(join(OUTPUT, file), text);
}

/** The generated files: name and text. */
export function generateModel(): Map<string, string> {
  const packages = new Map(readProtoPackages().map((declared) => [declared.name, declared]));
  /** By full name. */
  const symbols = new Map<string, TypeSymbol>();
  for (const [module, names] of Object.entries(MODULES)) {
    for (const { name, messages, enums } of names.map((packageName) => packageNamed(packages, packageName))) {
      for (const declared of [...messages.filter((message) => !isNamespace(message, enums)), ...enums.filter(isOpen)]) {
        symbols.set(`.${name}.${declared.name}`, { module, identifier: identifierOf(declared.name) });
      }
    }
  }
  const unplaced = [...packages.keys()].filter((name) => !Object.values(MODULES).flat().includes(name));
  if (unplaced.length > 0) throw new Error(`No module takes the packages ${unplaced.join(', ')}`);

  const files = new Map<string, string>();
  for (const [module, names] of Object.entries(MODULES)) {
    const writer = new ModuleWriter(module, symbols);
    for (const name of names) writer.addPackage(packageNamed(packages, name));
    files.set(`${module}-types.ts`, writer.types());
    files.set(`${module}.ts`, writer.definitions());
  }
  return files;
}

function packageNamed(packages: ReadonlyMap<string, ProtoPackage>, name: string): ProtoPackage {
  const found = packages.get(name);
  if (found === undefined) throw new Error(`proto/ has no package ${name}`);
  return found;
}
