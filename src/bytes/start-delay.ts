// How long work goes on in one thread before worker threads are started for it.

const DELAY = 50; // milliseconds; starting a worker costs about 40, so work that is done sooner is not worth one

/** The time that one thread is given: it runs from when this is made, and keeps a timer until `end`. */
export class StartDelay {
  readonly #started = Date.now();
  readonly #late: Promise<false>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#late = new Promise((resolve) => {
      this.#timer = setTimeout(() => resolve(false), DELAY);
    });
  }

  /** Whether the time is over. */
  get isOver(): boolean {
    return Date.now() - this.#started >= DELAY;
  }

  /** Waits for work as long as there is time: whether it was done in it. Rejects where the work does. */
  suffices(work: Promise<unknown>): Promise<boolean> {
    return Promise.race([work.then(() => true), this.#late]);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
