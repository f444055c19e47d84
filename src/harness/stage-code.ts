import { type Graph, LATE_OUTPUT, MAIN_OUTPUT, type TransformNode } from '../sdk/graph/graph.ts';
import { isStateful } from '../sdk/state/check-stateful.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../sdk/windows/timestamp.ts';
import type { StageShape } from './stage-shape.ts';

/**
 * Writes the program of a fused stage: one function per step and one per collection, calling each other directly, so
 * that V8 sees each user function at a call site of its own and inlines the chain. A shared loop over steps would make
 * every call megamorphic, which costs three to six times as much (docs/decisions/0006-generated-stages.md).
 *
 * Only names of the engine's making enter the text: functions, coders and windows come in as arguments, by number.
 *
 * Names in the program: `e<n>` emits to collection n; `s<n>` is step n; `r<n>` handles what a step n gave back that is
 * iterable, `l<n>`/`i<n>` loop over it and can be suspended, `n<n>` continues after a promise, `k<n>` is sink n. An
 * element is four values: x (the element), t (timestamp), w (window), p (pane).
 */
export function stageCode(graph: Graph, shape: StageShape, options: { readonly strict: boolean }): string {
  const writer = new StageCode(graph, shape, options.strict);
  return writer.write();
}

const ELEMENT = 'x,t,w,p';

/** The step at work while the stage reads its input, in place of a step's number. */
export const READING = 0x7fffffff;

class StageCode {
  readonly #graph: Graph;
  readonly #shape: StageShape;
  readonly #strict: boolean;
  readonly #lines: string[] = [];
  readonly #collections = new Map<string, number>();

  constructor(graph: Graph, shape: StageShape, strict: boolean) {
    this.#graph = graph;
    this.#shape = shape;
    this.#strict = strict;
    for (const id of collectionsOf(graph, shape)) this.#collections.set(id, this.#collections.size);
  }

  write(): string {
    this.#line('"use strict";');
    const sinks = [...this.#shape.sinks, ...this.#shape.splits].map(({ sink }) => sink);
    if (sinks.length > 0) this.#line(`let ${sinks.map((sink) => `k${sink}`).join(',')};`);
    const contexts = this.#shape.steps.flatMap((step, n) => this.#context(this.#node(step.transform), n));
    this.#line(`function bind(S){${sinks.map((sink) => `k${sink}=S[${sink}];`).join('')}${contexts.join('')}}`);
    for (const [id, n] of this.#collections) this.#collection(id, n);
    for (const [n, step] of this.#shape.steps.entries()) this.#step(this.#node(step.transform), n);
    for (const [i, split] of this.#shape.splits.entries()) this.#split(split.sink, this.#shape.steps.length + i);
    const root = this.#collections.get(this.#shape.root);
    // Many elements share timestamp, window and pane; a column of its own only where they differ.
    this.#line(
      `function elements(v,i,end,t,w,p){for(;i<end;i++){e${root}(v[i],t,w,p);if(Q.full)return i+1;}return i;}`,
    );
    this.#line(
      `function columns(v,i,end,t,w,p){for(;i<end;i++){e${root}(v[i],typeof t==='number'?t:t[i],` +
        `Array.isArray(w)?w[i]:w,Array.isArray(p)?p[i]:p);if(Q.full)return i+1;}return i;}`,
    );
    for (const [name, field] of [
      ['groups', 'values'],
      ['combined', 'value'],
    ]) {
      this.#line(
        `function ${name}(g,p,n){for(;n>0;n--){T[0]=${READING};if(!g.next())return false;` +
          `e${root}([g.key,g.${field}],g.timestamp,g.window,p);if(Q.full)return true;}return true;}`,
      );
    }
    const emitters = [...this.#collections].map(([id, n]) => `${JSON.stringify(id)}:e${n}`).join(',');
    this.#line(`return {bind,elements,columns,groups,combined,emitters:{${emitters}}};`);
    return this.#lines.join('\n');
  }

  #line(text: string): void {
    this.#lines.push(text);
  }

  #node(name: string): TransformNode {
    return this.#graph.transforms.get(name) as TransformNode;
  }

  /** `e<n>`: counts, then calls every consumer. */
  #collection(id: string, n: number): void {
    const calls: string[] = [];
    this.#shape.steps.forEach((step, i) => {
      if (step.input === id) calls.push(`s${i}(${ELEMENT});`);
    });
    this.#shape.splits.forEach((split, i) => {
      if (split.input === id) calls.push(`s${this.#shape.steps.length + i}(${ELEMENT});`);
    });
    for (const sink of this.#shape.sinks) {
      if (sink.collection !== id) continue;
      const k = sink.sink;
      const check = this.#strict ? `X.stable(${k},x);` : '';
      calls.push(`T[0]=${-1 - k};try{${check}k${k}.write(${ELEMENT});}catch(error){X.sinkFailed(${k},error,x);}`);
    }
    this.#line(`function e${n}(${ELEMENT}){C[${n}]++;${calls.join('')}}`);
  }

  #emitTo(node: TransformNode, tag: string): string {
    return `e${this.#collections.get(node.outputs[tag])}`;
  }

  #step(node: TransformNode, n: number): void {
    const spec = node.spec;
    if (spec?.kind === 'flatten')
      return this.#line(`function s${n}(${ELEMENT}){${this.#emitTo(node, 'main')}(${ELEMENT});}`);
    if (spec?.kind === 'window') return this.#window(node, n, spec.windowing.windowFn.assignOne !== undefined);
    if (spec?.kind === 'combineGroupedValues') {
      return this.#call(n, `f${n}(x)`, `${this.#emitTo(node, 'main')}(y,t,w,p);`, undefined);
    }
    if (spec?.kind !== 'parDo') throw new Error(`Transform ${node.name} cannot be fused`);
    const { fn } = spec;
    const errors = fn.errors === undefined ? undefined : this.#emitTo(node, fn.errors.tag);
    if (fn.kind === 'flatMap' || fn.kind === 'doFn') return this.#iterating(node, n, fn.kind === 'doFn', errors);
    if (fn.kind === 'restore') return this.#restore(node, n);
    if (fn.kind === 'partition') return this.#partition(node, n, fn.tags);
    const main = this.#emitTo(node, 'main');
    const call = fn.kind === 'mapValues' ? `f${n}(x[1])` : `f${n}(x)`;
    const emit = {
      map: `${main}(y,t,w,p);`,
      filter: `if(y)${main}(x,t,w,p);`,
      keyBy: `${main}([y,x],t,w,p);`,
      mapValues: `${main}([x[0],y],t,w,p);`,
      withTimestamps: `if(!(Number.isInteger(y)&&y>=${MIN_TIMESTAMP}&&y<=${MAX_TIMESTAMP}))return ${this.#failure(n, 'X.notTimestamp(y)', errors)};${main}(x,y,w,p);`,
      splittable: '',
    }[fn.kind];
    this.#call(n, call, emit, errors);
  }

  /** A call with one result: checked for a promise, then emitted. */
  #call(n: number, call: string, emit: string, errors: string | undefined): void {
    this.#line(`var f${n}=F[${n}];`);
    this.#line(`function n${n}(y,${ELEMENT}){${emit}}`);
    this.#asyncStep(n, errors);
    this.#line(
      `function s${n}(${ELEMENT}){if(a${n}.saturated)return a${n}.defer(${ELEMENT});let y,z=false;T[0]=${n};` +
        `${this.#guarded(n, `y=${call};z=typeof y==='object'&&y!==null&&typeof y.then==='function';`, errors)}` +
        `if(z)return a${n}.park(y,${ELEMENT});${emit}}`,
    );
  }

  /** A call whose result is iterated: an array, any iterable, an async iterable, or a promise of one. */
  #iterating(node: TransformNode, n: number, isDoFn: boolean, errors: string | undefined): void {
    const main = this.#emitTo(node, 'main');
    const notIterable = `return ${this.#failure(n, 'X.notIterable(y)', errors)};`;
    const nothing = isDoFn ? 'return;' : notIterable;
    this.#line(`var f${n}=F[${n}];`);
    if (isDoFn) this.#line(`var c${n};`);
    this.#line(
      `function l${n}(y,i,${ELEMENT}){for(;i<y.length;i++){${main}(y[i],t,w,p);` +
        `if(Q.full){if(i+1<y.length)Q.suspend(l${n},y,i+1,${ELEMENT});return;}}}`,
    );
    this.#iterator(n, `${main}(y.value,t,w,p);`);
    this.#line(
      `function r${n}(y,${ELEMENT}){if(Array.isArray(y))return l${n}(y,0,${ELEMENT});` +
        `if(y===undefined||y===null){${nothing}}` +
        `if(typeof y[Symbol.iterator]==='function')return i${n}(X.iterator(${n},y,x),0,${ELEMENT});` +
        `if(typeof y[Symbol.asyncIterator]==='function')return a${n}.pump(X.asyncIterator(${n},y,x),${main},${ELEMENT});` +
        `${notIterable}}`,
    );
    this.#line(`function n${n}(y,${ELEMENT}){r${n}(y,${ELEMENT});}`);
    this.#asyncStep(n, errors);
    const call = isDoFn ? `f${n}.process(x,c${n})` : `f${n}(x)`;
    const isKeyed = isStateful(node.spec);
    // The element's key and window become those that the DoFn's state belongs to.
    const enter = isKeyed ? `if(!c${n}.enter(${ELEMENT}))return;` : '';
    const assign = enter + (errors === undefined ? `y=${call};` : `y=X.collect(${call});`);
    const before = isDoFn ? `c${n}.timestamp=t;c${n}.window=w;c${n}.pane=p;` : '';
    // A call that is under way keeps its context; the next element gets another, unless it has to wait for the call.
    const keep = isDoFn && !isKeyed ? `c${n}=c${n}.fresh();` : '';
    const running = `typeof y.then==='function'||(typeof y.next==='function')||typeof y[Symbol.asyncIterator]==='function'`;
    this.#line(
      `function s${n}(${ELEMENT}){if(a${n}.saturated)return a${n}.defer(${ELEMENT});let y;${before}T[0]=${n};` +
        `${this.#guarded(n, assign, errors, true)}` +
        `if(Array.isArray(y)){for(let i=0;i<y.length;i++){${main}(y[i],t,w,p);if(Q.full){if(i+1<y.length)Q.suspend(l${n},y,i+1,${ELEMENT});return;}}return;}` +
        (isDoFn ? 'if(y===undefined||y===null)return;' : '') +
        `if(typeof y==='object'&&y!==null){` +
        (isDoFn ? `if(${running}){${keep}}` : '') +
        `if(typeof y.then==='function')return a${n}.park(y,${ELEMENT});}` +
        `r${n}(y,${ELEMENT});}`,
    );
  }

  /** `i<n>`: emits each result `y` of an iterator. */
  #iterator(n: number, emit: string): void {
    this.#line(
      `function i${n}(it,i,${ELEMENT}){for(;;){let y;T[0]=${n};try{y=X.result(it.next());}catch(error){return X.fail(${n},error,${ELEMENT});}` +
        `if(y.done)return;try{${emit}}catch(error){Q.close(it);throw error;}` +
        `if(Q.full)return Q.suspend(i${n},it,0,${ELEMENT});}}`,
    );
  }

  /** The statement that makes a DoFn's context anew for each bundle: what still holds an old one cannot emit with it. */
  #context(node: TransformNode, n: number): string[] {
    if (node.spec?.kind !== 'parDo' || node.spec.fn.kind !== 'doFn') return [];
    const { errors, keepsLate = false } = node.spec.fn;
    const tags = Object.entries(node.outputs)
      .filter(([tag]) => tag !== MAIN_OUTPUT && tag !== errors?.tag && !(keepsLate && tag === LATE_OUTPUT))
      .map(([tag, id]) => `${JSON.stringify(tag)}:e${this.#collections.get(id)}`);
    // Without a prototype, whose names are no tags.
    const emitters = `{${['__proto__:null', ...tags].join(',')}}`;
    return [`c${n}=X.context(${n},${emitters},${keepsLate ? this.#emitTo(node, LATE_OUTPUT) : 'undefined'});`];
  }

  #partition(node: TransformNode, n: number, tags: readonly string[]): void {
    const cases = tags.map((tag, i) => `case ${i}:${this.#emitTo(node, tag)}(${ELEMENT});return;`).join('');
    this.#call(
      n,
      `f${n}(x)`,
      `switch(y){${cases}default:${this.#failure(n, 'X.notPartition(y)', undefined)};}`,
      undefined,
    );
  }

  /** A call whose result is elements with all that belongs to them. */
  #restore(node: TransformNode, n: number): void {
    const main = this.#emitTo(node, 'main');
    this.#line(`var f${n}=F[${n}];`);
    this.#iterator(
      n,
      `const v=y.value;for(let j=0;j<v.windows.length;j++)${main}(v.value,v.timestamp,v.windows[j],v.pane);`,
    );
    this.#line(`function s${n}(${ELEMENT}){T[0]=${n};i${n}(X.iterator(${n},f${n}(x),x),0,${ELEMENT});}`);
  }

  #window(node: TransformNode, n: number, one: boolean): void {
    const main = this.#emitTo(node, 'main');
    this.#line(`var f${n}=F[${n}];`);
    const guarded = this.#guarded(n, `y=f${n}.${one ? 'assignOne' : 'assign'}(t,x,w);`, undefined);
    const wrong = one ? "typeof y!=='object'||y===null" : '!Array.isArray(y)';
    const check = `if(${wrong})return ${this.#failure(n, 'X.notWindows(y)', undefined)};`;
    const emit = one ? `${main}(x,t,y,p);` : `for(let i=0;i<y.length;i++)${main}(x,t,y[i],p);`;
    this.#line(`function s${n}(${ELEMENT}){let y;T[0]=${n};${guarded}${check}${emit}}`);
  }

  /** A splittable step at the border: initial restriction, split, one write per part. */
  #split(sink: number, n: number): void {
    this.#line(`var f${n}=F[${n}];`);
    this.#line(
      `function n${n}(y,${ELEMENT}){for(let i=0;i<y.length;i++){T[0]=${-1 - sink};k${sink}.write(y[i],t,w,p);}}`,
    );
    this.#asyncStep(n, undefined);
    this.#line(
      `function s${n}(${ELEMENT}){if(a${n}.saturated)return a${n}.defer(${ELEMENT});T[0]=${n};a${n}.park(f${n}(x),${ELEMENT});}`,
    );
  }

  #asyncStep(n: number, errors: string | undefined): void {
    const reject = `(error,${ELEMENT})=>${this.#failure(n, 'error', errors)}`;
    this.#line(`var a${n}=Q.step(L[${n}],(${ELEMENT})=>s${n}(${ELEMENT}),n${n},${reject});`);
  }

  /** The user's call with its failure turned into an error that names the step and the element. */
  #guarded(n: number, call: string, errors: string | undefined, iterated = false): string {
    const { spec } = this.#node(this.#shape.steps[n].transform);
    const ownsInput = spec?.kind === 'parDo' && spec.fn.ownsInput === true;
    const body = this.#strict && !ownsInput ? `const m=X.mark(x);${call}y=X.watch(m,x,y,${iterated});` : call;
    return `try{${body}}catch(error){return ${this.#failure(n, 'error', errors)};}`;
  }

  /** What becomes of an element that a step fails for. */
  #failure(n: number, error: string, errors: string | undefined): string {
    return errors === undefined ? `X.fail(${n},${error},x)` : `X.deadLetter(${n},${error},${ELEMENT},${errors})`;
  }
}

/** All collections of a stage, the root first. */
export function collectionsOf(graph: Graph, shape: StageShape): readonly string[] {
  const ids = new Set([shape.root]);
  const makers = [
    ...(shape.source === undefined ? [] : [shape.source]),
    ...shape.steps.map(({ transform }) => transform),
  ];
  for (const maker of makers) {
    for (const id of Object.values((graph.transforms.get(maker) as TransformNode).outputs)) ids.add(id);
  }
  return [...ids];
}
