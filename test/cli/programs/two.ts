import { pipeline } from 'millrace';

export const first = pipeline('first', {}, (p) => void p.create([1]));
export const second = pipeline('second', {}, (p) => void p.create([2]));
