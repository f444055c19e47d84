import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, install } from './peer.ts';

/** An artifact of Maven. */
export type Artifact = readonly [group: string, name: string, version: string];

/** Java libraries that are fetched once, with all that they need. */
export class MavenLibraries {
  /** Where the jars lie when they have been fetched. */
  readonly jars: string;
  readonly #folder: string;
  readonly #title: string;
  readonly #pom: string;

  /**
   * @param folder where they are kept
   * @param title what they are, as said when they are fetched
   * @param managed artifacts whose version is this one, whoever needs them
   */
  constructor(folder: string, title: string, artifacts: readonly Artifact[], managed: readonly Artifact[] = []) {
    this.jars = join(folder, 'lib');
    this.#folder = folder;
    this.#title = title;
    this.#pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace.test</groupId>
  <artifactId>libraries</artifactId>
  <version>1</version>
  <dependencyManagement><dependencies>${managed.map(dependency).join('')}</dependencies></dependencyManagement>
  <dependencies>${artifacts.map(dependency).join('')}</dependencies>
</project>
`;
  }

  /** Why a program of them cannot run on this machine; `undefined` where it can. */
  whyNot(): string | undefined {
    if (!has('java', '-version')) return 'Java is not installed';
    return existsSync(this.jars) || has('mvn', '-version') ? undefined : 'Maven is not installed';
  }

  /** Fetches them, unless that was done before. */
  fetch(): void {
    if (existsSync(this.jars)) return;
    console.error(`Fetching ${this.#title} by Maven ...`);
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, 'pom.xml'), this.#pom);
    // Others may fetch them at the same time.
    const target = join(this.#folder, `fetched-${process.pid}`);
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
    install('mvn', ['-q', '-B', ...goal], { cwd: this.#folder });
    renameSync(target, this.jars);
  }
}

function dependency([group, name, version]: Artifact): string {
  return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
}
