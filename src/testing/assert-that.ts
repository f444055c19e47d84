import {
  coders,
  flatten,
  globalWindows,
  impulse,
  type Key,
  type KV,
  never,
  type PCollection,
  UserCodeError,
  type Window,
  type WindowOptions,
} from '../sdk/index.ts';
import { addStatement, type RegisteredAssertion, registerAssertion } from './assertion-registry.ts';
import { matchAll } from './match-all.ts';
import { only, type Part, partText } from './part.ts';
import { renderList } from './render.ts';
import { sameValue } from './same-value.ts';

/** Most elements that an assertion looks at; they are in memory at one place. */
const MAX_ELEMENTS = 1_000_000;

/**
 * States what a collection holds (Beam's PAssert). The statement becomes a part of the pipeline, so that it holds on
 * every runner; if it does not, the run fails with a
 * `UserCodeError` of the code `ASSERTION_FAILED`.
 */
export interface Assertion<T, W extends Window> {
  /** Exactly these elements, each as often as it is listed, in any order. */
  containsInAnyOrder(expected: readonly T[]): void;
  /** One element, and this one. */
  isEqualTo(expected: T): void;
  isEmpty(): void;
  /** So many elements, whatever they are. */
  countIs(expected: number): void;
  /**
   * Whatever `check` asserts of the elements, which come in any order: it throws, or returns false, when it does not hold.
   */
  satisfies(check: (elements: readonly T[]) => boolean | void | Promise<boolean | void>): void;
  /** The same assertions about the elements of one window only. */
  inWindow(window: W): Assertion<T, W>;
  /** About what the trigger gave of that window before the watermark came to its end, each time. */
  inEarlyPane(window: W): Assertion<T, W>;
  /** About what the trigger gave of that window when the watermark came to its end. */
  inOnTimePane(window: W): Assertion<T, W>;
  /** About what the trigger gave of that window when nothing could follow any more; a late pane is not, as another may follow. */
  inFinalPane(window: W): Assertion<T, W>;
}

/**
 * Begins an assertion: `assertThat(counts).containsInAnyOrder([['a', 2], ['b', 1]])`. Elements are compared deeply; where
 * an element holds an iterable, an array says what it should hold.
 *
 * @param name shown when the assertion fails; that of the collection when absent
 */
export function assertThat<T, W extends Window>(
  collection: PCollection<T, W>,
  name = `assertThat(${collection.node.id})`,
): Assertion<T, W> {
  return new CollectionAssertion(collection, name, registerAssertion(collection.pipeline, name));
}

type Check = (elements: readonly unknown[]) => string | undefined | Promise<string | undefined>;

class CollectionAssertion<T, W extends Window> implements Assertion<T, W> {
  readonly #collection: PCollection<T, W>;
  readonly #name: string;
  readonly #registered: RegisteredAssertion;
  readonly #part: Part<W> | undefined;

  constructor(collection: PCollection<T, W>, name: string, registered: RegisteredAssertion, part?: Part<W>) {
    this.#collection = collection;
    this.#name = name;
    this.#registered = registered;
    this.#part = part;
  }

  inWindow(window: W): Assertion<T, W> {
    return this.#about({ window });
  }

  inEarlyPane(window: W): Assertion<T, W> {
    return this.#about({ window, pane: { words: 'early panes of', has: ({ timing }) => timing === 'EARLY' } });
  }

  inOnTimePane(window: W): Assertion<T, W> {
    return this.#about({ window, pane: { words: 'the on-time pane of', has: ({ timing }) => timing === 'ON_TIME' } });
  }

  inFinalPane(window: W): Assertion<T, W> {
    return this.#about({ window, pane: { words: 'the final pane of', has: ({ last }) => last } });
  }

  #about(part: Part<W>): Assertion<T, W> {
    return new CollectionAssertion(this.#collection, this.#name, this.#registered, part);
  }

  containsInAnyOrder(expected: readonly T[]): void {
    const list = [...expected];
    this.#check((elements) => {
      const { missing, unexpected } = matchAll(elements, list, sameValue);
      if (missing.length === 0 && unexpected.length === 0) return undefined;
      return [
        elements.length === list.length
          ? `other elements than the ${list.length} expected:`
          : `${elements.length} elements instead of the expected ${list.length}:`,
        ...(missing.length === 0 ? [] : [`  missing (${missing.length}):`, renderList(missing, '-')]),
        ...(unexpected.length === 0 ? [] : [`  unexpected (${unexpected.length}):`, renderList(unexpected, '+')]),
      ].join('\n');
    });
  }

  isEqualTo(expected: T): void {
    this.#check((elements) => {
      if (elements.length === 1 && sameValue(elements[0], expected)) return undefined;
      const found = elements.length === 1 ? '' : `, but ${elements.length} elements`;
      return `not the expected element${found}:\n${renderList([expected], '-')}\n${renderList(elements, '+')}`;
    });
  }

  isEmpty(): void {
    this.#check((elements) =>
      elements.length === 0 ? undefined : `not empty, but ${elements.length} elements:\n${renderList(elements, '+')}`,
    );
  }

  countIs(expected: number): void {
    this.#check((elements) =>
      elements.length === expected
        ? undefined
        : `${elements.length} elements instead of ${expected}:\n${renderList(elements, ' ')}`,
    );
  }

  satisfies(check: (elements: readonly T[]) => boolean | void | Promise<boolean | void>): void {
    this.#check(async (elements) => {
      const reason = await reasonAgainst(() => check(elements as readonly T[]));
      return reason === undefined
        ? undefined
        : `${reason}\n  in ${elements.length} elements:\n${renderList(elements, ' ')}`;
    });
  }

  /** Brings all elements to one place, with a mark so that there is one for an empty collection too. */
  #check(check: Check): void {
    const counter = addStatement(this.#collection.pipeline, this.#registered);
    const name = this.#name;
    const part = this.#part;
    const where = part === undefined ? '' : ` in ${partText(part)}`;
    this.#collection.pipeline.applyTo(this.#collection, name, {
      name,
      expand: (collection) => {
        const coder = coders.kv(coders.key, coders.array(collection.node.coder)) as never;
        const chosen = part === undefined ? collection : collection.apply(only<T, W>(part));
        const options = gathering(chosen);
        const elements = chosen
          .window(globalWindows(), options)
          .map('Element', (element): KV<Key, unknown[]> => [null, [element]])
          .withCoder(coder);
        const mark = collection.pipeline
          .apply(impulse())
          .window(globalWindows(), options)
          .map('Mark', (): KV<Key, unknown[]> => [null, []])
          .withCoder(coder);
        flatten([elements, mark])
          .groupByKey()
          .parDo('Check', {
            async process([, lists], { metrics }): Promise<never[]> {
              const failure = await check(gather(lists, name));
              if (failure !== undefined) {
                // The element at hand is the whole collection, of which the message shows what matters.
                throw new UserCodeError('ASSERTION_FAILED', `${name}${where}: ${failure}`, {
                  element: undefined,
                  final: true,
                });
              }
              metrics.counter(counter).inc();
              return [];
            },
          });
      },
    });
  }
}

/** All panes of all windows come together once, when nothing can follow any more. */
function gathering({ node }: PCollection<unknown, Window>): WindowOptions {
  return node.bounded && node.windowing.trigger.kind === 'default'
    ? {}
    : { trigger: never(), accumulation: 'discarding' };
}

async function reasonAgainst(check: () => boolean | void | Promise<boolean | void>): Promise<string | undefined> {
  try {
    return (await check()) === false ? 'the check returned false' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function gather(lists: Iterable<readonly unknown[]>, name: string): unknown[] {
  const elements: unknown[] = [];
  for (const list of lists) {
    for (const element of list) elements.push(element);
    if (elements.length > MAX_ELEMENTS) {
      throw new UserCodeError('ASSERTION_TOO_LARGE', `${name} has more than ${MAX_ELEMENTS} elements to look at`, {
        hint: 'assert a count or a combine of the collection instead',
      });
    }
  }
  return elements;
}
