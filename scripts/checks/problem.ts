/** What a check found: a warning is shown, an error fails the run. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** `path` or `path:line`, from the root of the repository. */
  readonly place: string;
  readonly message: string;
}
