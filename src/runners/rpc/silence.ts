/** Watches over a call that may take as long as it does, as long as something moves. */
export class Silence {
  readonly #millis: number;
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isBroken = false;

  /** @param onSilence is called once, when nothing was heard for `millis` */
  constructor(millis: number, onSilence: () => void) {
    this.#millis = millis;
    this.#onSilence = onSilence;
    this.#begin();
  }

  /** Whether it was silent for too long. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Something has moved. */
  heard(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#begin();
  }

  /** The call is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #begin(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isBroken = true;
      this.#onSilence();
    }, this.#millis);
  }
}
